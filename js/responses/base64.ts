/** How much is turned at a time, in bytes. A multiple of 3, so that the pieces can be joined. */
const SLICE_BYTES = 3 * 2 ** 18;

/** How much `String.fromCharCode` is given at a time, since an engine allows only so many arguments. A multiple of 3, too. */
const CALL_BYTES = 3 * 2 ** 13;

/**
 * The base64 of a Blob, as a Blob: the text of a large picture would fill the memory of the page, and be copied there. Stops when
 * `signal` is aborted.
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

/** By the browser itself, which is faster. */
async function encodeByReader(slice: Blob): Promise<Blob> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(slice);
  });
  return new Blob([url.slice(url.indexOf(",") + 1)]);
}

/** Where there is no FileReader, such as in Node. */
async function encodeBytes(slice: Blob): Promise<Blob> {
  const bytes = new Uint8Array(await slice.arrayBuffer());
  const texts: string[] = [];
  for (let start = 0; start < bytes.length; start += CALL_BYTES) {
    texts.push(btoa(String.fromCharCode(...bytes.subarray(start, start + CALL_BYTES))));
  }
  return new Blob(texts);
}
