import type { EngineClient } from "../core/engine.js";
import { EventQueue, type Shown } from "../core/event-queue.js";
import { EventStream } from "../core/event-stream.js";
import { member } from "../core/own.js";
import { makeProxySafe } from "../core/proxy-safe.js";
import { ResponseCall, type ResponseSubject } from "./call.js";
import type { ResponseEvent, ResponseResult, ResponseStatus, ResponseStreamOptions } from "./types.js";

/**
 * Maps an event to the place of its image: the call of the tool.
 * @internal
 */
export function shownBy(event: ResponseEvent): Shown | undefined {
  if (event.type === "image") return { place: event.outputIndex };
  if (event.type === "partialImage") return { place: event.outputIndex, preview: event.image };
  return undefined;
}

/**
 * A streamed response: text, partial images and images. The request is sent as soon as this object exists.
 *
 * Iterate over it once; leaving the loop early aborts the request. Or await {@link result} alone, which rejects if the response did not
 * complete, or if the model requested images and all of them failed; `error.response` has what arrived. A stream that is not used runs
 * to its end, leaves nothing behind, and causes no unhandled rejection.
 */
export class ResponseStream extends EventStream<ResponseEvent, ResponseResult> {
  readonly #call: ResponseCall;

  /** @internal */
  constructor(engine: EngineClient, subject: ResponseSubject, options: ResponseStreamOptions) {
    const events = new EventQueue("ResponseStream", member(options, "keepPartialImages") === true, shownBy);
    const call = new ResponseCall(engine, subject, options, (event) => events.push(event));
    const end = () => call.cancel();
    super(events, call.result, end, end);
    this.#call = call;
  }

  /** The id of the response, once it is known. */
  get id(): string | undefined {
    return this.#call.id;
  }

  /** The status of the response. */
  get status(): ResponseStatus {
    return this.#call.status;
  }

  /** Aborts the request. The loop delivers the events that have arrived and then rejects with `cancelled`, as {@link result} does. */
  cancel(): void {
    this.#call.cancel();
  }
}

makeProxySafe(ResponseStream.prototype, "ResponseStream");
