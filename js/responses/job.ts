import type { EventQueue } from "../core/event-queue.js";
import { EventStream } from "../core/event-stream.js";
import { makeProxySafe } from "../core/proxy-safe.js";
import type { ResponseCall } from "./call.js";
import type { ResponseEvent, ResponseOptions, ResponseResult, ResponseStatus } from "./types.js";

/**
 * A call that follows a response, and what it tells.
 * @internal
 */
export interface Following {
  call: ResponseCall;
  events: EventQueue<ResponseEvent>;
}

/**
 * A response that is made in the background, whatever becomes of the page and its connections. This object follows it: a connection
 * that breaks is gone on with, without an event lost or told twice, and where the service does not stream, it is asked again and again.
 * It is followed until it ends, or nothing new could be had for as long as `idleTimeoutInMs` says.
 *
 * Iterate over it, once; leaving the loop early changes nothing but that no more events are kept. Or await {@link result} alone, which
 * rejects where the response did not complete, or where the model called for pictures and none came; `error.response` has what came.
 * {@link dispose} stops following; the response goes on at the service.
 */
export class ResponseJob extends EventStream<ResponseEvent, ResponseResult> {
  readonly #call: ResponseCall;
  readonly #cancel: (id: string, options: ResponseOptions) => Promise<ResponseResult>;
  readonly #id: string;

  /** @internal `cancel` asks the service. */
  constructor(id: string, { call, events }: Following, cancel: (id: string, options: ResponseOptions) => Promise<ResponseResult>) {
    super(
      events,
      call.result,
      () => call.cancel(),
      () => {},
    );
    this.#id = id;
    this.#call = call;
    this.#cancel = cancel;
  }

  /** The id of the response, by which `responses.resume` follows it again, behind a reload of the page or on another device. */
  get id(): string {
    return this.#id;
  }

  /** How the response stands, as far as this object knows. */
  get status(): ResponseStatus {
    return this.#call.status;
  }

  /**
   * Cancels the response at the service, and gives it as it then is. If it was cancelled, the loop and {@link result} reject with
   * `cancelled`; if it had ended before, they end as it did.
   */
  cancel(options: ResponseOptions = {}): Promise<ResponseResult> {
    return this.#call.cancelBy(() => this.#cancel(this.#id, options));
  }
}

makeProxySafe(ResponseJob.prototype, "ResponseJob");
