import type { EngineClient } from "../core/engine.js";
import { EventQueue, type Shown } from "../core/event-queue.js";
import { EventStream } from "../core/event-stream.js";
import { makeProxySafe } from "../core/proxy-safe.js";
import { ResponseCall, type ResponseSubject } from "./call.js";
import type { ResponseEvent, ResponseResult, ResponseStatus, ResponseStreamOptions } from "./types.js";

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
 * A response while it is being made: words, partialImages, pictures. The request is on its way when this object exists.
 *
 * Iterate over it, once; leaving the loop early ends the request. Or await {@link result} alone, which rejects where the response
 * did not complete, or where the model called for pictures and none came; `error.response` has what came. A stream that is dropped
 * runs to its end, leaves nothing behind, and raises no unhandled rejection.
 */
export class ResponseStream extends EventStream<ResponseEvent, ResponseResult> {
  readonly #call: ResponseCall;

  /** @internal */
  constructor(engine: EngineClient, subject: ResponseSubject, options: ResponseStreamOptions) {
    const events = new EventQueue("ResponseStream", options?.keepPartialImages ?? false, shownBy);
    const call = new ResponseCall(engine, subject, options, (event) => events.push(event));
    const end = () => call.cancel();
    super(events, call.result, end, end);
    this.#call = call;
  }

  /** The id of the response, once the service has given it. */
  get id(): string | undefined {
    return this.#call.id;
  }

  /** How the response stands. */
  get status(): ResponseStatus {
    return this.#call.status;
  }

  /** Ends the request. The loop, behind what has come already, and {@link result} then reject with `cancelled`. */
  cancel(): void {
    this.#call.cancel();
  }
}

makeProxySafe(ResponseStream.prototype, "ResponseStream");
