/** How long to work on without a pause, in milliseconds. */
const BUSY_MS = 4;

/**
 * Resolves when the page has done what it had to do. Not `scheduler.yield()`: it goes before the page's other tasks, which
 * would wait for the whole picture all the same.
 */
export function pause(): Promise<void> {
  // jsdom, and Cloudflare Workers before the compatibility date 2025-08-15, have no channels.
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

/** When the page is to have its turn. */
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
