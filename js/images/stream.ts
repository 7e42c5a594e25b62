import type { EngineClient } from "../core/engine.js";
import { EventQueue } from "../core/event-queue.js";
import { EventStream } from "../core/event-stream.js";
import { imagesWork, type Operation } from "./call.js";
import { member } from "../core/own.js";
import { makeProxySafe } from "../core/proxy-safe.js";
import { Task } from "../core/task.js";
import type { EditRequest, GenerateRequest, GenerateResult, ImageStreamEvent, StreamOptions } from "../core/types.js";

/**
 * A stream of partial images and finished images. The request is sent as soon as this object exists.
 *
 * Iterate over it once; leaving the loop early aborts the request. Or await {@link result} alone. A stream that is not used runs to its
 * end, leaves nothing behind, and causes no unhandled rejection.
 */
export class ImageStream extends EventStream<ImageStreamEvent, GenerateResult> {
  readonly #task: Task<GenerateResult>;

  /** @internal */
  constructor(engine: EngineClient, operation: Operation, request: GenerateRequest | EditRequest, options: StreamOptions) {
    const events = new EventQueue<ImageStreamEvent>(
      "ImageStream",
      member(options, "keepPartialImages") === true,
      ({ type, imageIndex: place, image }) => ({
        place,
        ...(type === "partialImage" && { preview: image }),
      }),
    );
    const work = imagesWork(operation, request, true, options, {
      partialImage: (image, index, imageIndex) => events.push({ type: "partialImage", index, imageIndex, image }),
      image: (image, imageIndex, details) => events.push({ type: "image", imageIndex, image, ...details }),
    });
    const task = new Task(engine, options, work);
    const end = () => task.cancel();
    super(events, task.result, end, end);
    this.#task = task;
  }

  /**
   * Aborts the requests. The loop delivers the events that have arrived and then rejects with `cancelled`, as {@link result} does. Has
   * no effect after the end.
   */
  cancel(): void {
    this.#task.cancel();
  }
}

makeProxySafe(ImageStream.prototype, "ImageStream");
