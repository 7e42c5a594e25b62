import { capture } from "../core/capture.js";
import type { EngineClient } from "../core/engine.js";
import { AzureImageError } from "../core/error.js";
import { more } from "../core/chunks.js";
import { own } from "../core/own.js";
import { Task, type Work } from "../core/task.js";
import type { ResponseReport } from "./report.js";
import type { Delivery } from "./request.js";
import type { ResponseEvent, ResponseOptions, ResponseResult, ResponseStatus } from "./types.js";
import type { Client } from "../wasm/azure_image_client.js";

/** The kind of call and its arguments. */
export interface ResponseSubject {
  kind: "response" | "follow" | "retrieve";
  /** The id, if it is known. */
  id?: string;
  /** Captures the arguments of the page at once. */
  begin: () => (client: Client, signal: AbortSignal) => unknown;
}

/** A call that creates a response. Captures the request and the options at once. */
export function creation(delivery: Delivery, request: unknown, options: ResponseOptions): ResponseSubject {
  const begin = () => {
    const copy = capture({ request, options });
    return (client: Client, signal: AbortSignal) => more.code.prepareResponse(client, copy.request, copy.options, delivery, signal);
  };
  return { kind: "response", begin };
}

/** One call for a response, from its start to its only end. */
export class ResponseCall {
  readonly #task: Task<ResponseResult>;
  readonly #isRetrieval: boolean;
  readonly #onEvent: (event: ResponseEvent) => void;
  #id: string | undefined;
  #status: ResponseStatus = "queued";
  #identify!: (id: string) => void;
  /** The id of the response. Rejects if the call ends before it is known. */
  readonly identified: Promise<string>;

  constructor(engine: EngineClient, given: ResponseSubject, options: ResponseOptions, onEvent: (event: ResponseEvent) => void = () => {}) {
    const subject = own(given);
    this.#isRetrieval = subject.kind === "retrieve";
    this.#onEvent = onEvent;
    this.#id = subject.id;
    this.#task = new Task(engine, options, this.#work(subject));
    this.identified = new Promise((resolve, reject) => {
      this.#identify = resolve;
      this.#task.result.then((response) => reject(more.code.nameless(response)), reject);
    });
    // A caller that does not wait for the id sees the error with the result.
    this.identified.catch(() => {});
  }

  /** Settles exactly once, whatever happens. */
  get result(): Promise<ResponseResult> {
    return this.#task.result;
  }

  get id(): string | undefined {
    return this.#id;
  }

  get status(): ResponseStatus {
    return this.#status;
  }

  /** Ends the call and its connections. Has no effect after the end. */
  cancel(): void {
    this.#task.cancel();
  }

  /**
   * Cancels the response with a request. The event stream is closed first, because browsers limit the connections per host, and the
   * request must not wait for the stream that it is about to end.
   */
  async cancelBy(ask: () => Promise<ResponseResult>): Promise<ResponseResult> {
    const resume = this.#task.suspend();
    try {
      const response = await ask();
      if (response.status === "cancelled" && !this.#task.isOver) {
        this.#status = response.status;
        this.#task.responseCancelled();
      }
      return response;
    } finally {
      resume();
    }
  }

  #work({ kind, begin }: ResponseSubject): Work<ResponseResult> {
    /** Not set until the code is loaded. */
    let report: ResponseReport | undefined;
    const onEvent = (event: ResponseEvent) => {
      if (event.type === "status") this.#status = event.status;
      this.#onEvent(event);
    };
    return {
      kind,
      isFree: this.#isRetrieval,
      begin: () => {
        const prepare = begin();
        return (client, signal) => {
          report = new more.code.ResponseReport(onEvent);
          return prepare(client, signal);
        };
      },
      event: (record) => report?.event(record),
      identify: (id) => {
        this.#id = id;
        this.#identify(id);
      },
      succeed: (record) => {
        const success = (report as ResponseReport).succeed(record);
        this.#status = success.result.status;
        return success;
      },
      fail: (reason) => {
        const error = report?.fail(reason) ?? AzureImageError.from(reason);
        this.#status = own(error).response?.status ?? this.#status;
        return error;
      },
    };
  }
}
