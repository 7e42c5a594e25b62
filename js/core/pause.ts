/** Maximum time of work without a pause, in milliseconds. */
const BUSY_MS = 4;
/** Minimum time that counts as waiting, in milliseconds. */
const AT_ONCE_MS = 1;

/**
 * Resolves after the pending tasks of the page. `scheduler.yield()` would run before them, so they would wait for the whole image.
 */
function pause(): Promise<void> {
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
  readonly #busyMs: number;
  #resumedAt = performance.now();

  /** `busyMs`: the maximum time of work without a pause, in milliseconds. */
  constructor(busyMs = BUSY_MS) {
    this.#busyMs = busyMs;
  }

  get isDue(): boolean {
    return performance.now() - this.#resumedAt > this.#busyMs;
  }

  /** Leaves out the time of a wait. Data that arrives immediately was already there, so the page was not idle. */
  async idle<Value>(wait: Promise<Value>): Promise<Value> {
    const startedAt = performance.now();
    const value = await wait;
    const waited = performance.now() - startedAt;
    if (waited >= AT_ONCE_MS) this.#resumedAt += waited;
    return value;
  }

  async give(): Promise<void> {
    await pause();
    this.#resumedAt = performance.now();
  }
}
