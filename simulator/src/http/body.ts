/** Reads the body of a request, into the log too. */

import type { Exchange } from "./exchange.js";
import { readForm } from "./form.js";
import { boundaryOf, FormError } from "./multipart.js";

/** Larger bodies are left out of the log: sixteen pictures may have 800 MB. */
const GREATEST_LOGGED_LENGTH = 1024 * 1024;

function readJson({ entry }: Exchange, body: Buffer): void {
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

/** Reads the body as JSON or as a form; one that is neither is left to the route. */
export async function readBody(exchange: Exchange): Promise<void> {
  const { request, entry } = exchange;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (body.byteLength <= GREATEST_LOGGED_LENGTH) entry.rawBody = body;
  const boundary = boundaryOf(entry.headers["content-type"] ?? "");
  if (boundary === undefined) readJson(exchange, body);
  else readAsForm(exchange, body, boundary);
}
