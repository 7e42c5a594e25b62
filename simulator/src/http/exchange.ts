/** A request with everything that is needed to answer it. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log, OpenRequestEntry } from "../log.js";
import type { Scenario } from "../scenario/grammar.js";
import { isPreflight } from "./cors.js";
import type { Form } from "./form.js";

/** A request on its way to an answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly entry: OpenRequestEntry;
  /** Aborted when the client goes away: all work for the request ends. */
  readonly signal: AbortSignal;
  /** The body, if it is a form. */
  form: Form | undefined;
  /** When the request came, on the clock of `performance.now()`. */
  readonly startedAt: number;
  /** The scenario, once the request has been read far enough to know it. */
  scenario: Scenario;
  /** Whether the simulator itself ended the answer early. */
  brokenOff: boolean;
}

/** Begins an exchange and its entry in the log. */
export function beginExchange(request: IncomingMessage, response: ServerResponse, log: Log): Exchange {
  const [path = "/", query] = (request.url ?? "/").split("?", 2);
  const method = request.method ?? "GET";
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
  const abort = new AbortController();
  const entry: OpenRequestEntry = {
    index: log.nextIndex,
    method,
    path,
    query: Object.fromEntries(new URLSearchParams(query)),
    headers,
    preflight: isPreflight(method, headers),
    rawBody: undefined,
    body: undefined,
    scenario: [],
    status: undefined,
    aborted: false,
    closed: new Promise((resolve) => {
      response.once("close", () => {
        entry.aborted = !response.writableFinished && !exchange.brokenOff;
        abort.abort();
        resolve();
      });
    }),
  };
  const exchange: Exchange = {
    request,
    response,
    entry,
    signal: abort.signal,
    form: undefined,
    startedAt: performance.now(),
    scenario: {},
    brokenOff: false,
  };
  log.addRequest(entry);
  return exchange;
}
