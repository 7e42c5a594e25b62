import { Call } from "./call.js";
import type { EngineClient } from "./engine.js";
import { AzureImageError } from "./errors.js";
import { disposable, type GeneratedImage } from "./image.js";
import type { GenerateResult, GenerateStreamRequest, ImageStreamEvent, StreamOptions } from "./types.js";

/**
 * A picture while it is being made: previews, then the picture. The request is on its way when this object exists.
 *
 * Iterate over it, once, to see the previews; leaving the loop early aborts the request. Or await {@link result} alone.
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
  /** Previews that were handed over, and whose object URL may be alive. */
  readonly #previews = new Set<GeneratedImage>();
  /** Those of them that another picture has replaced. */
  readonly #replaced = new Set<GeneratedImage>();

  /** @internal */
  constructor(engine: EngineClient, request: GenerateStreamRequest, options: StreamOptions) {
    this.#keepPartials = options.keepPartials ?? false;
    this.#expectNews();
    let finished: GeneratedImage | undefined;
    this.#call = new Call(engine, request, true, options, {
      partialImage: (image, index) => {
        this.#events.push({ type: "partialImage", index, image });
        this.#wake();
      },
      // The usage that belongs to it comes with the end of the call, which follows at once.
      image: (image) => (finished = image),
    });
    this.#result = this.#call.result.then(
      (result) => {
        const image = finished ?? result.images[0];
        const { usage, requestId } = result;
        if (image) this.#events.push({ type: "completed", image, ...(usage && { usage }), ...(requestId && { requestId }) });
        this.#end();
        return result;
      },
      (error: unknown) => {
        this.#end();
        throw error;
      },
    );
    // A page that only iterates, or only awaits the result, hears of a failure there.
    this.#result.catch(() => {});
  }

  /** The finished picture. Rejects with an {@link AzureImageError}, which has the last preview; never resolves with a preview. */
  result(): Promise<GenerateResult> {
    return this.#result;
  }

  /** Aborts the request. The loop and {@link result} then reject with `cancelled`. Does nothing when all has come. */
  cancel(): void {
    this.#call.cancel();
  }

  /** Aborts the request and frees the object URLs of all previews, kept or not. The finished picture, if it has come, stays. */
  dispose(): void {
    this.cancel();
    for (const preview of this.#previews) preview.dispose();
    this.#previews.clear();
  }

  /** Can be called once: the events are handed over and not kept. */
  [Symbol.asyncIterator](): AsyncIterator<ImageStreamEvent, undefined> {
    if (this.#iterated) {
      throw new AzureImageError({
        code: "invalid_request",
        message: "An ImageStream can be iterated over only once. Keep what you need, or use result().",
        billed: "no",
        retryable: false,
      });
    }
    this.#iterated = true;
    return {
      next: () => this.#next(),
      return: () => {
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
      // Throws, if that is how it ended.
      await this.#result;
      return { done: true, value: undefined };
    }
    if (!this.#keepPartials) for (const preview of this.#previews) this.#replaced.add(preview);
    if (event.type === "partialImage") this.#previews.add(event.image);
    return { done: false, value: event };
  }

  #freeReplaced(): void {
    for (const preview of this.#replaced) {
      preview.dispose();
      this.#previews.delete(preview);
    }
    this.#replaced.clear();
  }

  #end(): void {
    this.#ended = true;
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
