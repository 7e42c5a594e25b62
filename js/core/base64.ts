import { AzureImageError } from "./error.js";
import type { Client } from "../wasm/azure_image_client.js";

/** Number of bytes encoded at a time, which the engine keeps in its memory. A multiple of 3, so that the pieces can be joined. */
const PART_BYTES = 3 * 2 ** 16;

/**
 * Encodes a Blob as base64, into another Blob. The heap does not grow with the image: no part of it is ever a string, and the bytes are
 * read into one buffer. Stops when `signal` is aborted.
 */
export async function base64Of(client: Client, blob: Blob, signal: AbortSignal): Promise<Blob> {
  const pieces: Blob[] = [];
  for await (const bytes of parts(blob)) {
    signal.throwIfAborted();
    pieces.push(encode(client, bytes));
  }
  return new Blob(pieces);
}

function encode(client: Client, bytes: Uint8Array): Blob {
  try {
    return client.encodeBase64(bytes);
  } catch (reason) {
    throw AzureImageError.from(reason);
  }
}

/** Yields the bytes in parts of the same length, except the last. A part is valid until the next one. */
async function* parts(blob: Blob): AsyncGenerator<Uint8Array> {
  const reader = byteReader(blob);
  if (!reader) {
    for (let start = 0; start < blob.size; start += PART_BYTES) {
      yield new Uint8Array(await blob.slice(start, start + PART_BYTES).arrayBuffer());
    }
    return;
  }
  try {
    let buffer = new ArrayBuffer(PART_BYTES);
    for (let filled = 0, ended = false; !ended; ) {
      const { done, value } = await reader.read(new Uint8Array(buffer, filled));
      ended = done || !value;
      buffer = value?.buffer ?? buffer;
      filled += value?.byteLength ?? 0;
      if (filled < PART_BYTES && !ended) continue;
      if (filled > 0) yield new Uint8Array(buffer, 0, filled);
      filled = 0;
    }
  } finally {
    void reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

/** A reader that reuses a buffer. WebKit has none for Blobs. */
function byteReader(blob: Blob): ReadableStreamBYOBReader | undefined {
  try {
    return blob.stream().getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}
