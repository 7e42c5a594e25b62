// What the library claims of itself, measured where it runs. The page looks at the platform from outside: the library has no switch for it.

import { signal } from "@preact/signals";

/** Object URLs that are alive. */
export const objectUrls = signal(0);
/** The memory of the WebAssembly, in bytes. */
export const wasmBytes = signal(0);
/** The longest time that the page could not have answered a click while a picture was made, in milliseconds. */
export const longestMs = signal(0);

const alive = new Set<string>();
const { createObjectURL, revokeObjectURL } = URL;
URL.createObjectURL = (object: Blob | MediaSource) => {
  const url = createObjectURL(object);
  alive.add(url);
  objectUrls.value = alive.size;
  return url;
};
URL.revokeObjectURL = (url: string) => {
  alive.delete(url);
  objectUrls.value = alive.size;
  revokeObjectURL(url);
};

let memory: WebAssembly.Memory | undefined;
const { instantiateStreaming } = WebAssembly;
WebAssembly.instantiateStreaming = async (source, imports) => {
  const result = await instantiateStreaming(source, imports);
  const { memory: exported } = result.instance.exports;
  if (exported instanceof WebAssembly.Memory) memory = exported;
  return result;
};

/** Browsers wait at least so long for a timer that is set by a timer, in milliseconds. */
const LEAST_WAIT_MS = 4;
let watched = 0;

/** Watches the main thread until the work is done. */
export async function watch(work: Promise<unknown>): Promise<void> {
  watched += 1;
  if (watched === 1) {
    longestMs.value = 0;
    tick(performance.now());
  }
  await work.catch(() => {});
  watched -= 1;
}

function tick(before: number): void {
  setTimeout(() => {
    const now = performance.now();
    // Behind another window, timers are slow for everyone.
    if (!document.hidden) longestMs.value = Math.max(longestMs.value, now - before - LEAST_WAIT_MS);
    wasmBytes.value = memory?.buffer.byteLength ?? 0;
    if (watched > 0) tick(now);
  });
}
