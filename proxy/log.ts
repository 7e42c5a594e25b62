// One record for each request.

import type { ProxyErrorCode } from "./refusal.js";

/** The record of a request. It contains no key, token, prompt or image. */
export interface ProxyRecord {
  /** Time of arrival. */
  startedOn: Date;
  /** Time until the last byte, in milliseconds. */
  durationInMs: number;
  /** The method. */
  method: string;
  /** Pattern of the route, without IDs, such as `POST /openai/v1/responses`. Absent if there is none. */
  route?: string;
  /** The user whom `authorize` named. */
  user?: string;
  /** The deployment in the request. */
  deployment?: string;
  /**
   * `completed`: Azure's response has passed whole, whatever its status. `refused`: the proxy answered itself. `aborted`: the page went
   * away. `broken`: Azure's response ended early.
   */
  outcome: "completed" | "refused" | "aborted" | "broken";
  /** Status of the response. Absent if the page went away first. */
  status?: number;
  /** Status that Azure sent, if the page got another one. */
  azureStatus?: number;
  /** Code of the proxy's own error. */
  code?: ProxyErrorCode;
  /** The cause of an error, with anything like a secret redacted. */
  error?: string;
  /** Azure's ID of the request, for its support. */
  requestId?: string;
  /** Estimated cost in US dollars that counts toward the limits. 0 if Azure refused the request. */
  estimatedDollars?: number;
}

/** Receives the records. */
export type ProxyLog = (record: ProxyRecord) => unknown;

/** Collects the record of one request, and hands it over once. */
export class Recorder {
  readonly #log: ProxyLog | undefined;
  readonly #startedAt = performance.now();
  readonly #record: Omit<ProxyRecord, "durationInMs" | "outcome">;
  #isDone = false;

  constructor(log: ProxyLog | undefined, method: string) {
    this.#log = log;
    this.#record = { startedOn: new Date(), method };
  }

  /** Adds fields. */
  add(known: Partial<ProxyRecord>): void {
    Object.assign(this.#record, known);
  }

  /** Hands the record over. A failing log must not fail the request. */
  end(outcome: ProxyRecord["outcome"], error?: unknown): void {
    if (this.#isDone || !this.#log) return;
    this.#isDone = true;
    if (error !== undefined) this.add({ error: describe(error) });
    try {
      const logged = this.#log({ ...this.#record, durationInMs: Math.round(performance.now() - this.#startedAt), outcome });
      if (logged instanceof Promise) logged.catch(() => {});
    } catch {}
  }
}

/** Long runs of characters of which keys and tokens consist. */
const SECRET = /[\w.~+/=-]{32,}/g;

function describe(error: unknown): string {
  return String(error instanceof Error ? error.message : error).replaceAll(SECRET, "[redacted]");
}
