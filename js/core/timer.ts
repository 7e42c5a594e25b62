/** Longest time that a timer can be set to, in milliseconds; beyond it a browser would fire at once. */
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

/** Does something after so many milliseconds, or after as many as a timer can wait. For `clearTimeout`. */
export function after(milliseconds: number, work: () => void): ReturnType<typeof setTimeout> {
  return setTimeout(work, Math.min(milliseconds, LONGEST_TIMER));
}
