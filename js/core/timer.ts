/** Maximum delay of a timer, in milliseconds. Browsers fire longer ones at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A timer of the engine. It is kept on this side so that it can be cleared after a crash of the engine. */
export class Alarm {
  readonly #handler: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(handler: () => void) {
    this.#handler = handler;
  }

  set(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = after(milliseconds, this.#handler);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

/** Calls a function after a delay, up to the maximum of timers. Returns the timer for `clearTimeout`. */
export function after(milliseconds: number, work: () => void): ReturnType<typeof setTimeout> {
  return setTimeout(work, Math.min(milliseconds, LONGEST_TIMER));
}
