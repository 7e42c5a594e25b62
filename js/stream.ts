import { Call, type CallSubject } from "./call.js";
import type { EngineClient } from "./engine.js";
import { invalidRequest } from "./errors.js";
import { disposable, type GeneratedImage } from "./image.js";
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
  readonly #keepPartials: boolean;
  /** Events that nobody has asked for yet. */
  readonly #events: ImageStreamEvent[] = [];
  /** Wakes those who wait for an event. */
  #wake: () => void = () => {};
  #news: Promise<void> = Promise.resolve();
  #ended = false;
  #iterated = false;
  /** The loop has ended, by its end, an error or a `break`. */
  #over = false;
  /** All whose object URL may be alive. */
  readonly #previews = new Set<GeneratedImage>();
  /** Those of them that were handed over, with the picture that each is a preview of. */
  readonly #shown = new Map<GeneratedImage, number>();
  /** Those of them that another picture has replaced. */
  readonly #replaced = new Set<GeneratedImage>();

  /** @internal */
  constructor(engine: EngineClient, subject: CallSubject, options: StreamOptions) {
    this.#keepPartials = options?.keepPartials ?? false;
    this.#expectNews();
    this.#call = new Call(engine, subject, options, {
      partialImage: (image, index, imageIndex) => this.#push({ type: "partialImage", index, imageIndex, image }),
      image: (image, imageIndex, { usage, requestId }) =>
        this.#push({ type: "completed", imageIndex, image, ...(usage && { usage }), ...(requestId && { requestId }) }),
    });
    this.#result = this.#call.result.finally(() => {
      this.#ended = true;
      this.#wake();
    });
    // A page that only iterates, or only awaits the result, hears of a failure there.
    this.#result.catch(() => {});
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
    this.#events.length = 0;
    for (const preview of this.#previews) this.#free(preview);
  }

  /**
   * Can be called once, whatever became of the loop: the events are handed over and not kept. A loop that begins late is given all.
   *
   * Several `next()` may wait at once: each is given another event, in order. At the end all that are left are `done`; if the
   * stream failed, the first of them rejects with the error of {@link result}. `return()`, which is what `break` calls, aborts the
   * requests and ends every `next()` that waits.
   */
  [Symbol.asyncIterator](): AsyncIterator<ImageStreamEvent, undefined> {
    if (this.#iterated) {
      throw invalidRequest("stream", "An ImageStream can be iterated over only once. Keep what you need, or use result().");
    }
    this.#iterated = true;
    return {
      next: () => this.#next(),
      return: () => {
        this.#over = true;
        this.cancel();
        this.#events.length = 0;
        this.#freeReplaced();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  async #next(): Promise<IteratorResult<ImageStreamEvent, undefined>> {
    // Asking for the next event says that the last one has been dealt with, and what it replaced is not shown any more.
    this.#freeReplaced();
    while (this.#events.length === 0 && !this.#ended) await this.#news;
    const event = this.#events.shift();
    if (!event) {
      const over = this.#over;
      this.#over = true;
      // Throws once, if that is how it ended.
      if (!over) await this.#result;
      return { done: true, value: undefined };
    }
    if (!this.#keepPartials) {
      for (const [preview, imageIndex] of this.#shown) if (imageIndex === event.imageIndex) this.#replaced.add(preview);
    }
    if (event.type === "partialImage") this.#shown.set(event.image, event.imageIndex);
    return { done: false, value: event };
  }

  #freeReplaced(): void {
    for (const preview of this.#replaced) this.#free(preview);
  }

  #free(preview: GeneratedImage): void {
    preview.dispose();
    this.#previews.delete(preview);
    this.#shown.delete(preview);
    this.#replaced.delete(preview);
  }

  #push(event: ImageStreamEvent): void {
    if (event.type === "partialImage") this.#previews.add(event.image);
    this.#events.push(event);
    this.#wake();
  }

  #expectNews(): void {
    this.#news = new Promise((resolve) => {
      this.#wake = () => {
        this.#expectNews();
        resolve();
      };
    });
  }
}

export interface ImageStream {
  /** The same as {@link dispose}, for `using`. */
  [Symbol.dispose](): void;
}

disposable(ImageStream.prototype);
