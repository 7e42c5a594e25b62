import type { EventQueue } from "./event-queue.js";
import { disposable } from "./image.js";
import { makeProxySafe, rememberSelf } from "./proxy-safe.js";

/** Something that is under way: its events, once, for a loop, and its result. */
export abstract class EventStream<Event, Result> implements AsyncIterable<Event> {
  readonly #events: EventQueue<Event>;
  readonly #result: Promise<Result>;
  readonly #end: () => void;
  readonly #leave: () => void;

  /**
   * @internal `end`: ends what is under way. `leave`: does what leaving the loop early does.
   */
  constructor(events: EventQueue<Event>, result: Promise<Result>, end: () => void, leave: () => void) {
    rememberSelf(this);
    this.#events = events;
    this.#result = events.endWith(result);
    this.#end = end;
    this.#leave = leave;
  }

  /**
   * What it comes to: the same promise every time, before and after the end. Rejects with an {@link AzureImageError}, which has the
   * last preview; never resolves with a preview.
   */
  result(): Promise<Result> {
    return this.#result;
  }

  /**
   * Ends it here and frees the object URLs of all partialImages, kept or not, those of pictures that failed among them. Finished
   * pictures stay. Can be called again. A loop that begins or goes on after it rejects with `cancelled` or, where all had come,
   * ends without further events.
   */
  dispose(): void {
    this.#end();
    this.#events.dispose();
  }

  /**
   * Can be called once, whatever became of the loop: the events are handed over and not kept. A loop that begins late is given all.
   *
   * Several `next()` may wait at once: each is given another event, in order. At the end all that are left are `done`; if it
   * failed, the first of them rejects with the error of {@link result}. `return()`, which is what `break` calls, ends every `next()`
   * that waits.
   */
  [Symbol.asyncIterator](): AsyncIterator<Event, undefined> {
    return this.#events.iterator(this.#leave);
  }
}

export interface EventStream<Event, Result> {
  /** The same as {@link dispose}, for `using`. */
  [Symbol.dispose](): void;
}

makeProxySafe(EventStream.prototype, "EventStream");
disposable(EventStream.prototype);
