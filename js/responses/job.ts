import type { EventQueue } from "../core/event-queue.js";
import { EventStream } from "../core/event-stream.js";
import { makeProxySafe } from "../core/proxy-safe.js";
import type { ResponseCall } from "./call.js";
import type { ResponseEvent, ResponseOptions, ResponseResult, ResponseStatus } from "./types.js";

/**
 * A call that follows a response, and its events.
 * @internal
 */
export interface Following {
  call: ResponseCall;
  events: EventQueue<ResponseEvent>;
}

/**
 * A background response. It continues at Azure without the page. If a connection drops, this object resumes after the last event,
 * without lost or repeated events. If the service does not stream, it polls. It gives up after `idleTimeoutInMs` without news.
 *
 * Iterate over it once; leaving the loop early only stops the events. Or await {@link result} alone, which rejects if the response did
 * not complete, or if the model requested images and all of them failed; `error.response` has what arrived. {@link dispose} stops
 * following; the response continues at Azure.
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

  /** The id of the response. `responses.resume` follows it again after a reload or on another device. */
  get id(): string {
    return this.#id;
  }

  /** The last known status. */
  get status(): ResponseStatus {
    return this.#call.status;
  }

  /**
   * Cancels the response at Azure and returns it. If it was cancelled, the loop and {@link result} reject with `cancelled`. If it had
   * ended before, they end normally.
   */
  cancel(options: ResponseOptions = {}): Promise<ResponseResult> {
    return this.#call.cancelBy(() => this.#cancel(this.#id, options));
  }
}

makeProxySafe(ResponseJob.prototype, "ResponseJob");
