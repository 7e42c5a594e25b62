import { Turns } from "./pause.js";
import { after } from "./timer.js";

/** How long an answer whose pictures have all come may take to end, in milliseconds. */
const END_MS = 1000;

/** How long what has come may wait, when the time is up, for a page that was busy until then, in milliseconds. */
const TURN_MS = 20;

/** Until when after that it has another turn, if it is busy still, in milliseconds. Timers of a hidden page look the same, and must end. */
const GRACE_MS = 2000;

/**
 * One attempt of a request, as the engine needs it: over when the call is aborted or when its present step takes too long. Ending
 * it leaves nothing behind: no timer, no listener on the call's signal, no open body.
 */
export class Attempt {
  readonly #call: AbortSignal;
  readonly #controller = new AbortController();
  #reader: ReadableStreamDefaultReader<unknown> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #limit = 0;
  #touchedAt = 0;
  #expired = false;

  constructor(call: AbortSignal) {
    this.#call = call;
    if (call.aborted) this.#abort();
    else call.addEventListener("abort", this.#abort);
  }

  /** Aborted when the attempt is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isOver(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Whether it is over because a step took too long. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Begins a step, which may take so many milliseconds; 0: as long as it likes. */
  limit(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#limit = milliseconds;
    this.touch(performance.now());
    if (milliseconds > 0) this.#watch(milliseconds);
  }

  /** Something came, and the time counts anew from `now` on. Called for each chunk of a body, so it sets no timer. */
  touch(now: number): void {
    this.#touchedAt = now;
  }

  /** Follows a promise that may not follow the signal. */
  race<Value>(promise: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      promise.then(resolve, reject);
      const over = () => reject(this.signal.reason);
      if (this.signal.aborted) over();
      else this.signal.addEventListener("abort", over, { once: true });
    });
  }

  /** Takes over a body, to close it when the attempt ends before it does. */
  hold(reader: ReadableStreamDefaultReader<unknown>): void {
    this.#reader = reader;
  }

  /** Reads the body to its end, or closes it where that is too far. */
  drain(): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (!reader) return;
    const timer = setTimeout(() => close(reader), END_MS);
    const end = async () => {
      const turns = new Turns();
      // What comes at once gives the page no turn, nor the timer.
      while (!(await reader.read()).done) if (turns.isDue) await turns.give();
    };
    // What becomes of the rest does not matter.
    end()
      .catch(() => {})
      .finally(() => clearTimeout(timer));
  }

  /** It is over. */
  end(): void {
    clearTimeout(this.#timer);
    this.#call.removeEventListener("abort", this.#abort);
    this.#close();
  }

  readonly #abort = (): void => {
    this.#controller.abort(this.#call.reason);
    // Not left to the engine, which may be the reason for the abort, and dead.
    this.end();
  };

  #watch(milliseconds: number, isTurn = false): void {
    const dueAt = performance.now() + milliseconds;
    this.#timer = after(milliseconds, () => {
      const now = performance.now();
      const late = now - this.#touchedAt - this.#limit;
      if (late < 0) return this.#watch(-late);
      // A page that was busy has kept what came waiting as well, and not only this timer.
      const wasBusy = now - dueAt > TURN_MS;
      if (!isTurn || (wasBusy && late < GRACE_MS)) return this.#watch(TURN_MS, true);
      this.#expired = true;
      this.#controller.abort();
      this.#close();
    });
  }

  #close(): void {
    if (this.#reader) close(this.#reader);
    this.#reader = undefined;
  }
}

/** Gives the rest of a body up; that this may fail is nobody's concern. */
function close(reader: ReadableStreamDefaultReader<unknown>): void {
  reader.cancel().catch(() => {});
}
