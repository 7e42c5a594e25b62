import type { EngineClient } from "./engine.js";
import { EventQueue, type Shown } from "./event-queue.js";
import { disposable } from "./image.js";
import { ResponseCall, type ResponseSubject } from "./response-call.js";
import type { ResponseEvent, ResponseResult, ResponseStatus, ResponseStreamOptions } from "./response-types.js";

/**
 * What an event of a response shows: its picture stands in the place of the call that makes it.
 * @internal
 */
export function shownBy(event: ResponseEvent): Shown | undefined {
  if (event.type === "image") return { place: event.outputIndex };
  if (event.type === "partialImage") return { place: event.outputIndex, preview: event.image };
  return undefined;
}

/**
 * A response while it is being made: words, previews, pictures. The request is on its way when this object exists.
 *
 * Iterate over it, once; leaving the loop early ends the request. Or await {@link result} alone. A stream that is dropped runs to
 * its end, leaves nothing behind, and raises no unhandled rejection.
 */
export class ResponseStream implements AsyncIterable<ResponseEvent> {
  readonly #call: ResponseCall;
  readonly #events: EventQueue<ResponseEvent>;
  readonly #result: Promise<ResponseResult>;

  /** @internal */
  constructor(engine: EngineClient, subject: ResponseSubject, options: ResponseStreamOptions) {
    this.#events = new EventQueue("ResponseStream", options?.keepPartials ?? false, shownBy);
    this.#call = new ResponseCall(engine, subject, options, (event) => this.#events.push(event));
    this.#result = this.#events.endWith(this.#call.result);
  }

  /** The id of the response, once the service has given it. */
  get id(): string | undefined {
    return this.#call.id;
  }

  /** How the response stands. */
  get status(): ResponseStatus {
    return this.#call.status;
  }

  /**
   * The response: the same promise every time, before and after the end. Rejects with an {@link AzureImageError} where the response
   * did not complete, or where the model called for pictures and none came; `error.response` has what came.
   */
  result(): Promise<ResponseResult> {
    return this.#result;
  }

  /** Ends the request. The loop, behind what has come already, and {@link result} then reject with `cancelled`. */
  cancel(): void {
    this.#call.cancel();
  }

  /** Ends the request and frees the object URLs of all previews. Finished pictures stay. Can be called again. */
  dispose(): void {
    this.cancel();
    this.#events.dispose();
  }

  /** Can be called once: the events are handed over and not kept. A loop that begins late is given all. */
  [Symbol.asyncIterator](): AsyncIterator<ResponseEvent, undefined> {
    return this.#events.iterator(() => this.cancel());
  }
}

export interface ResponseStream {
  /** The same as {@link dispose}, for `using`. */
  [Symbol.dispose](): void;
}

disposable(ResponseStream.prototype);
