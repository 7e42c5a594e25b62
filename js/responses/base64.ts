/** Number of bytes encoded at a time. A multiple of 3, so that the pieces can be joined. */
const SLICE_BYTES = 3 * 2 ** 18;

/** Number of arguments of `String.fromCharCode`, which engines limit. A multiple of 3. */
const CALL_BYTES = 3 * 2 ** 13;

/**
 * Encodes a Blob as base64, into another Blob, because the string of a large image would not fit in memory. Stops when `signal` is
 * aborted.
 */
export async function base64Of(blob: Blob, signal: AbortSignal): Promise<Blob> {
  const encode = typeof FileReader === "undefined" ? encodeBytes : encodeByReader;
  const pieces: Blob[] = [];
  for (let start = 0; start < blob.size; start += SLICE_BYTES) {
    signal.throwIfAborted();
    pieces.push(await encode(blob.slice(start, start + SLICE_BYTES)));
  }
  return new Blob(pieces);
}

/** Encodes with the browser, which is faster. */
async function encodeByReader(slice: Blob): Promise<Blob> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(slice);
  });
  return new Blob([url.slice(url.indexOf(",") + 1)]);
}

/** Encodes without FileReader, as in Node. */
async function encodeBytes(slice: Blob): Promise<Blob> {
  const bytes = new Uint8Array(await slice.arrayBuffer());
  const texts: string[] = [];
  for (let start = 0; start < bytes.length; start += CALL_BYTES) {
    texts.push(btoa(String.fromCharCode(...bytes.subarray(start, start + CALL_BYTES))));
  }
  return new Blob(texts);
}
