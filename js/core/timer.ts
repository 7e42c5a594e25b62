/** Maximum delay of a timer, in milliseconds. Browsers fire longer ones at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Calls a function after a delay, up to the maximum of timers. Returns the timer for `clearTimeout`. */
export function after(milliseconds: number, work: () => void): ReturnType<typeof setTimeout> {
  return setTimeout(work, Math.min(milliseconds, LONGEST_TIMER));
}
