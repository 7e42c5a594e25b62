/** Reads the body of a request, into the log too. */

import { once } from "node:events";
import { AzureError } from "../service/azure-error.js";
import type { Exchange } from "./exchange.js";
import { readForm } from "./form.js";
import { isParsable } from "./json-limits.js";
import { boundaryOf, FormError } from "./multipart.js";

/** Larger bodies are left out of the log: sixteen pictures may have 800 MB. */
const GREATEST_LOGGED_LENGTH = 1024 * 1024;

const INITIAL_CAPACITY = 64 * 1024;

/** The time that a client gets for the rest of its body after the answer. */
const MOST_MS_FOR_THE_REST = 5000;

function bodyTooLarge(limit: number): AzureError {
  return new AzureError({
    status: 413,
    body: { error: { code: "413", message: `Request body too large. The limit is ${limit} bytes.` } },
  });
}

/** Collects a body in memory of less than three times its length, also if it comes one byte at a time. */
async function collect({ request }: Exchange, limit: number): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > limit) throw bodyTooLarge(limit);
  let body = Buffer.allocUnsafe(INITIAL_CAPACITY);
  let length = 0;
  // The connection has to stay open for the answer if the loop ends early.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    if (length + chunk.length > limit) throw bodyTooLarge(limit);
    if (length + chunk.length > body.length) {
      const larger = Buffer.allocUnsafe(Math.max(length + chunk.length, Math.min(limit, body.length * 2)));
      body.copy(larger, 0, 0, length);
      body = larger;
    }
    length += chunk.copy(body, length);
  }
  const received = body.subarray(0, length);
  // The log keeps small bodies, which must not keep a large buffer.
  return length < body.length / 2 ? Buffer.from(received) : received;
}

/**
 * Reads the rest of a request that was answered early, and drops it.
 *
 * A connection that is closed with unread bytes is reset, and the client may lose the answer.
 */
export async function discardBody({ request, signal }: Exchange): Promise<void> {
  if (request.complete) return;
  request.resume();
  const end = AbortSignal.any([signal, AbortSignal.timeout(MOST_MS_FOR_THE_REST)]);
  await once(request, "end", { signal: end }).catch(() => {});
}

function readJson({ entry }: Exchange, body: Buffer): void {
  if (!isParsable(body)) return;
  try {
    entry.body = JSON.parse(body.toString());
  } catch {
    // Not JSON: whether that matters is for the route to say.
  }
}

function readAsForm(exchange: Exchange, body: Buffer, boundary: string): void {
  try {
    const form = readForm(body, boundary);
    exchange.form = form;
    exchange.entry.body = form.fields;
    exchange.entry.files = form.files.map(({ bytes, ...file }) => ({ ...file, byteLength: bytes.byteLength }));
  } catch (error) {
    // A damaged form is for the route to refuse.
    if (!(error instanceof FormError)) throw error;
  }
}

/** Reads the body as JSON or as a form; one that is neither is left to the route. Throws the refusal of one beyond the limit. */
export async function readBody(exchange: Exchange, limitInBytes: number): Promise<void> {
  const { entry } = exchange;
  const body = await collect(exchange, limitInBytes);
  if (body.byteLength <= GREATEST_LOGGED_LENGTH) entry.rawBody = body;
  const boundary = boundaryOf(entry.headers["content-type"] ?? "");
  if (boundary === undefined) readJson(exchange, body);
  else readAsForm(exchange, body, boundary);
}
