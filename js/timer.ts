/** Longest time that a timer can be set to, in milliseconds; beyond it a browser would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Does something after so many milliseconds, or after as many as a timer can wait. For `clearTimeout`. */
export function after(milliseconds: number, work: () => void): ReturnType<typeof setTimeout> {
  return setTimeout(work, Math.min(milliseconds, LONGEST_TIMER));
}
