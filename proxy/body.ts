// Reads and checks the bodies of requests.

import { boundaryOf, MultipartScanner } from "./multipart.js";
import { FormParameters } from "./parameters.js";
import type { JsonObject } from "./json.js";
import { badRequest, Refusal } from "./refusal.js";
import { type ChunkReader, fromIterable } from "./streams.js";
import type { BodyKind } from "./routes.js";

const JSON_TYPE = /^application\/json(; ?charset=utf-8)?$/i;

/** Checks the headers of a body before anything is read. Returns the length, if it is known. */
export function checkBodyHeaders({ headers, body }: Request, kind: BodyKind, limit: number): number | undefined {
  const length = headers.get("content-length");
  if (length !== null && !/^\d{1,15}$/.test(length)) throw badRequest("Content-Length is invalid.");
  const bytes = body === null ? 0 : length === null ? undefined : Number(length);
  const isChunked = headers.has("transfer-encoding");
  if (isChunked && length !== null) throw badRequest("Content-Length and Transfer-Encoding exclude each other.");
  if (kind === "none" && (Number(length) > 0 || isChunked)) throw badRequest("This request must have no body.");
  if (kind === "none") return undefined;
  if (headers.has("content-encoding")) throw new Refusal(415, "proxy_request", "The body must not be compressed.");
  const isExpected = kind === "edit" || kind === "upload" ? boundaryOf : (type: string) => JSON_TYPE.test(type);
  // The request that cancels a response has no body.
  if (bytes !== 0 && !isExpected(headers.get("content-type") ?? "")) {
    const expected = kind === "edit" || kind === "upload" ? "multipart/form-data with a boundary" : "application/json";
    throw new Refusal(415, "proxy_request", `The content type must be ${expected}.`);
  }
  if (bytes !== undefined && bytes > limit) throw tooLarge(limit);
  return bytes;
}

const tooLarge = (limit: number): Refusal => new Refusal(413, "proxy_too_large", `The body is larger than the limit of ${limit} bytes.`);

/** Reads a whole body of at most `limit` bytes. */
export async function readBody(body: ReadableStream<Uint8Array> | null, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of limited(body?.getReader(), limit)) chunks.push(chunk);
  return concat(chunks);
}

function concat(chunks: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** A form that streams through. */
export interface StreamedForm {
  stream: ReadableStream<Uint8Array>;
  /** Why the form was refused while it passed, if it was. */
  refusal(): unknown;
}

/**
 * Passes a form on while it scans the fields. `onComplete` decides about them all. Before that, the closing boundary does not pass, nor the last
 * byte of a form without one, so Azure cannot begin the work, and bill it, before the decision.
 */
export function scanForm(
  body: ReadableStream<Uint8Array> | null,
  contentType: string,
  limit: number,
  onComplete: (parameters: JsonObject) => Promise<void>,
  abort: () => void,
): StreamedForm {
  const reader = body?.getReader();
  const parameters = new FormParameters();
  const scanner = new MultipartScanner(boundaryOf(contentType) ?? "", parameters);
  async function* scan(): AsyncGenerator<Uint8Array> {
    let held = new Uint8Array();
    for await (const chunk of limited(reader, limit)) {
      scanner.push(chunk);
      const bytes = concat([held, chunk]);
      const passed = scanner.isComplete ? 0 : bytes.length - 1;
      if (passed > 0) yield bytes.subarray(0, passed);
      held = bytes.slice(Math.max(passed, 0));
    }
    scanner.end();
    await onComplete(parameters.values);
    yield held;
  }
  return watched(scan(), reader, abort);
}

/** Passes a body on, up to `limit` bytes. */
export function streamBody(body: ReadableStream<Uint8Array> | null, limit: number, abort: () => void): StreamedForm {
  const reader = body?.getReader();
  return watched(limited(reader, limit), reader, abort);
}

async function* limited(reader: ChunkReader | undefined, limit: number): AsyncGenerator<Uint8Array> {
  let length = 0;
  while (reader) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new Refusal(400, "proxy_request", "The body of the request could not be read to its end.", { cause });
    });
    if (done) return;
    length += value.length;
    if (length > limit) throw tooLarge(limit);
    yield value;
  }
}

/**
 * Remembers why the stream failed: transports replace the error with their own. `abort` ends the request to Azure first, because workerd ends
 * the body of a failed stream as if it were complete.
 */
function watched(chunks: AsyncGenerator<Uint8Array>, reader: ChunkReader | undefined, abort: () => void): StreamedForm {
  let refusal: unknown;
  async function* watch(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      refusal = error;
      abort();
      throw error;
    }
  }
  return { stream: fromIterable(watch(), (reason) => reader?.cancel(reason)), refusal: () => refusal };
}
