/** Maximum time of work without a pause, in milliseconds. */
const BUSY_MS = 4;

/**
 * Resolves after the pending tasks of the page. `scheduler.yield()` would run before them, so they would wait for the whole image.
 */
export function pause(): Promise<void> {
  // jsdom, and Cloudflare Workers before the compatibility date 2025-08-15, do not have MessageChannel.
  if (typeof MessageChannel === "undefined") return new Promise((resolve) => setTimeout(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Decides when the page gets a turn. */
export class Turns {
  #resumedAt = performance.now();

  get isDue(): boolean {
    return performance.now() - this.#resumedAt > BUSY_MS;
  }

  async give(): Promise<void> {
    await pause();
    this.#resumedAt = performance.now();
  }
}
