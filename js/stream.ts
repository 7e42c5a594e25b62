import { Call, type CallSubject } from "./call.js";
import type { EngineClient } from "./engine.js";
import { EventQueue } from "./event-queue.js";
import { disposable } from "./image.js";
import type { GenerateResult, ImageStreamEvent, StreamOptions } from "./types.js";

/**
 * Pictures while they are being made: previews, then the picture, of each. The request is on its way when this object exists.
 *
 * Iterate over it, once, to see the previews; leaving the loop early aborts the request. Or await {@link result} alone. A stream
 * that is dropped runs to its end, leaves nothing behind, and raises no unhandled rejection.
 */
export class ImageStream implements AsyncIterable<ImageStreamEvent> {
  readonly #call: Call;
  readonly #result: Promise<GenerateResult>;
  readonly #events: EventQueue<ImageStreamEvent>;

  /** @internal */
  constructor(engine: EngineClient, subject: CallSubject, options: StreamOptions) {
    this.#events = new EventQueue("ImageStream", options?.keepPartials ?? false, ({ type, imageIndex: place, image }) => ({
      place,
      ...(type === "partialImage" && { preview: image }),
    }));
    this.#call = new Call(engine, subject, options, {
      partialImage: (image, index, imageIndex) => this.#events.push({ type: "partialImage", index, imageIndex, image }),
      image: (image, imageIndex, { usage, requestId }) =>
        this.#events.push({ type: "completed", imageIndex, image, ...(usage && { usage }), ...(requestId && { requestId }) }),
    });
    this.#result = this.#events.endWith(this.#call.result);
  }

  /**
   * The finished pictures: the same promise every time, before and after the end. Rejects with an {@link AzureImageError}, which
   * has the last preview; never resolves with a preview.
   */
  result(): Promise<GenerateResult> {
    return this.#result;
  }

  /**
   * Aborts the requests. The loop, behind what has come already, and {@link result} then reject with `cancelled`. Does nothing
   * when all has come.
   */
  cancel(): void {
    this.#call.cancel();
  }

  /**
   * Aborts the requests and frees the object URLs of all previews, kept or not, those of pictures that failed among them.
   * Finished pictures stay. Can be called again. A loop that begins or goes on after it rejects with `cancelled` or, where all had
   * come, ends without further events.
   */
  dispose(): void {
    this.cancel();
    this.#events.dispose();
  }

  /**
   * Can be called once, whatever became of the loop: the events are handed over and not kept. A loop that begins late is given all.
   *
   * Several `next()` may wait at once: each is given another event, in order. At the end all that are left are `done`; if the
   * stream failed, the first of them rejects with the error of {@link result}. `return()`, which is what `break` calls, aborts the
   * requests and ends every `next()` that waits.
   */
  [Symbol.asyncIterator](): AsyncIterator<ImageStreamEvent, undefined> {
    return this.#events.iterator(() => this.cancel());
  }
}

export interface ImageStream {
  /** The same as {@link dispose}, for `using`. */
  [Symbol.dispose](): void;
}

disposable(ImageStream.prototype);
