// What a page holds, as Chromium tells it.

import type { Page } from "@playwright/test";

export const MEBIBYTE = 1024 * 1024;

/** What a page holds once its garbage is collected. */
export interface Held {
  /** In bytes, as the next. */
  wasm: number;
  heap: number;
  urls: number;
  /** Of all of the page, and those on the signal that all calls share. */
  listeners: number;
  signalListeners: number;
}

declare global {
  /** Which all calls share. */
  var signal: AbortSignal;
}

/** Loads the engine, and gives the page its `signal`; what it gives back tells what the page holds. */
export async function watchHeld(page: Page): Promise<() => Promise<Held>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  await page.evaluate(async () => {
    globalThis.signal = new AbortController().signal;
    await azure.init();
  });
  return async () => {
    await session.send("HeapProfiler.collectGarbage");
    const { metrics } = await session.send("Performance.getMetrics");
    const metric = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
    const { wasm, urls, signalListeners } = await page.evaluate(() => ({
      wasm: helpers.memory(),
      urls: helpers.liveUrls.size,
      signalListeners: helpers.listenersOf(signal),
    }));
    return { wasm, heap: metric("JSHeapUsedSize"), urls, listeners: metric("JSEventListeners"), signalListeners };
  };
}
