// Requests with `fetch`, for runtimes other than Node.

import type { Transport } from "./transport.js";

/** Cloudflare's stream of a known length, without which a streamed body has no Content-Length. */
type FixedLengthStream = new (length: number) => TransformStream<Uint8Array, Uint8Array>;

/** Creates a transport. */
export function createFetchTransport(fetch: typeof globalThis.fetch): Transport {
  return async ({ method, url, headers, body, length, signal }) => {
    const init = {
      method,
      headers,
      body: body instanceof ReadableStream ? withLength(body, length) : body,
      redirect: "manual" as const,
      signal,
      // Required for streamed bodies.
      duplex: "half",
      // Bun gives up after 300 seconds otherwise.
      timeout: false,
    };
    // Some runtimes refuse to call it as a method.
    const send = fetch;
    const response = await send(url, init);
    const received = new Headers(response.headers);
    if (received.has("content-encoding")) {
      // The body is decoded already.
      received.delete("content-encoding");
      received.delete("content-length");
    }
    return { status: response.status, headers: received, body: response.body };
  };
}

function withLength(body: ReadableStream<Uint8Array>, length: number | undefined): ReadableStream<Uint8Array> {
  const { FixedLengthStream } = globalThis as { FixedLengthStream?: FixedLengthStream };
  return FixedLengthStream && length !== undefined ? body.pipeThrough(new FixedLengthStream(length)) : body;
}
