import { Call, type CallSubject } from "./call.js";
import type { EngineClient } from "./engine.js";
import { EventQueue } from "./event-queue.js";
import { EventStream } from "./event-stream.js";
import { makeProxySafe } from "./proxy-safe.js";
import type { GenerateResult, ImageStreamEvent, StreamOptions } from "./types.js";

/**
 * Pictures while they are being made: previews, then the picture, of each. The request is on its way when this object exists.
 *
 * Iterate over it, once, to see the previews; leaving the loop early aborts the request. Or await {@link result} alone. A stream
 * that is dropped runs to its end, leaves nothing behind, and raises no unhandled rejection.
 */
export class ImageStream extends EventStream<ImageStreamEvent, GenerateResult> {
  readonly #call: Call;

  /** @internal */
  constructor(engine: EngineClient, subject: CallSubject, options: StreamOptions) {
    const events = new EventQueue<ImageStreamEvent>("ImageStream", options?.keepPartials ?? false, ({ type, imageIndex: place, image }) => ({
      place,
      ...(type === "partialImage" && { preview: image }),
    }));
    const call = new Call(engine, subject, options, {
      partialImage: (image, index, imageIndex) => events.push({ type: "partialImage", index, imageIndex, image }),
      image: (image, imageIndex, { usage, requestId }) =>
        events.push({ type: "completed", imageIndex, image, ...(usage && { usage }), ...(requestId && { requestId }) }),
    });
    const end = () => call.cancel();
    super(events, call.result, end, end);
    this.#call = call;
  }

  /**
   * Aborts the requests. The loop, behind what has come already, and {@link result} then reject with `cancelled`. Does nothing
   * when all has come.
   */
  cancel(): void {
    this.#call.cancel();
  }
}

makeProxySafe(ImageStream.prototype, "ImageStream");
