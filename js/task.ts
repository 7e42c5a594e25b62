import { enter } from "./engine.js";
import { AzureImageError, invalidRequest } from "./errors.js";
import { read, refuseProxy } from "./snapshot.js";
import { after } from "./timer.js";

/** How a task can be ended from outside. */
export type Break = "cancelled" | "timeout" | "internal";

/**
 * Work that the engine does, from its start to its only end: a result, a failure, or an abort, which does not wait for anything.
 * At its end it listens to nothing any more.
 */
export class Task<Result> {
  /** Settles exactly once, whatever happens. */
  readonly result: Promise<Result>;
  readonly #abort = new AbortController();
  readonly #broken: (how: Break, what: string, cause?: unknown) => AzureImageError;
  #isOver = false;
  #resolve!: (result: Result) => void;
  #reject!: (error: AzureImageError) => void;
  #leave: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param totalTimeout How long it may take, in milliseconds; 0: as long as it needs.
   * @param abortSignal Gives the page's.
   * @param broken Makes the error of a task that is ended before its time.
   */
  constructor(totalTimeout: number, abortSignal: () => unknown, broken: (how: Break, what: string, cause?: unknown) => AzureImageError) {
    this.#broken = broken;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    try {
      this.#follow(read("abortSignal", abortSignal));
    } catch (reason) {
      this.fail(AzureImageError.from(reason));
    }
    if (totalTimeout > 0 && !this.#isOver) {
      const what = `The call took longer than ${totalTimeout / 1000} s (totalTimeout). Raise totalTimeout, or ask for less. It was ended`;
      this.#timer = after(totalTimeout, () => this.fail(this.#broken("timeout", what)));
    }
  }

  /** What the engine listens to. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether there is nothing to be told any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Does the work, the first part of it now, unless the task is over; its failure is that of the task. */
  run(work: () => Promise<void>): void {
    const guarded = async () => {
      if (!this.#isOver) await work();
    };
    guarded().catch((reason: unknown) => this.fail(AzureImageError.from(reason)));
  }

  /** Ends the task as a success whose result follows. Before anything is told of it: who then aborts must not make a failure of it. */
  settle(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#leave();
  }

  /** Gives the result of a task that was settled. */
  resolve(result: Result): void {
    this.#resolve(result);
  }

  /** Ends the task and its connections. Does nothing when it has ended. */
  fail(error: AzureImageError): void {
    if (this.#isOver) return;
    this.settle();
    this.#reject(error);
    this.#abort.abort(error);
  }

  /** The same, because somebody asked for it. */
  cancel(reason?: unknown): void {
    this.fail(this.#broken("cancelled", "The call was cancelled", reason));
  }

  /** Ends when the page's signal or the engine says so. */
  #follow(signal: unknown): void {
    const abortSignal = checkSignal(signal);
    const onAbort = () => this.cancel(abortSignal?.reason);
    abortSignal?.addEventListener("abort", onAbort, { once: true });
    const leaveEngine = enter({
      die: (what) => this.fail(this.#broken("internal", `A defect of azure-image-client (${what}), which please report, ended the call`)),
    });
    this.#leave = () => {
      leaveEngine();
      try {
        abortSignal?.removeEventListener("abort", onAbort);
      } catch {
        // A signal that is none of the browser's: what it makes of that must not keep the call from its end.
      }
    };
    if (abortSignal?.aborted) onAbort();
  }
}

/** Refuses what cannot be listened to. */
function checkSignal(abortSignal: unknown): AbortSignal | undefined {
  if (abortSignal === undefined || abortSignal === null) return undefined;
  const members = ["aborted", "addEventListener", "removeEventListener"];
  const isSignal = typeof abortSignal === "object" && members.every((member) => member in abortSignal);
  if (!isSignal) throw invalidRequest("abortSignal", "abortSignal must be an AbortSignal.");
  return refuseProxy(abortSignal as AbortSignal, "aborted", "abortSignal", "an AbortSignal");
}
