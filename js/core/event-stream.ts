import type { EventQueue } from "./event-queue.js";
import { disposable } from "./image.js";
import { makeProxySafe, rememberSelf } from "./proxy-safe.js";

/** The events of a running call, for one loop, and its result. */
export abstract class EventStream<Event, Result> implements AsyncIterable<Event> {
  readonly #events: EventQueue<Event>;
  readonly #result: Promise<Result>;
  readonly #end: () => void;
  readonly #leave: () => void;

  /**
   * @internal `end` ends the call. `leave` handles a loop that is left early.
   */
  constructor(events: EventQueue<Event>, result: Promise<Result>, end: () => void, leave: () => void) {
    rememberSelf(this);
    this.#events = events;
    this.#result = events.endWith(result);
    this.#end = end;
    this.#leave = leave;
  }

  /**
   * Returns the result: the same promise every time, before and after the end. Rejects with an {@link AzureImageError}, which has the
   * last partial image. Never resolves with a partial image.
   */
  result(): Promise<Result> {
    return this.#result;
  }

  /**
   * Ends the call and revokes the object URLs of all partial images, also of kept ones. Finished images stay usable. Can be called
   * again. A loop that continues after it rejects with `cancelled`, or ends if the call has succeeded.
   */
  dispose(): void {
    this.#end();
    this.#events.dispose();
  }

  /**
   * Can be called once, because events are handed over and not kept. A loop that starts late gets all events.
   *
   * Parallel calls of `next()` get different events, in order. At the end, all of them are `done`. If the call failed, the first one
   * rejects with the error of {@link result}. `return()`, which `break` calls, ends every pending `next()`.
   */
  [Symbol.asyncIterator](): AsyncIterator<Event, undefined> {
    return this.#events.iterator(this.#leave);
  }
}

export interface EventStream<Event, Result> {
  /** Same as {@link dispose}, for `using`. */
  [Symbol.dispose](): void;
}

makeProxySafe(EventStream.prototype, "EventStream");
disposable(EventStream.prototype);
