/** Waits for so many milliseconds, and tells every second how many are left. Rejects when `signal` is aborted. */
export function countDown(milliseconds: number, signal: AbortSignal, tell: (left: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = performance.now() + milliseconds;
    const left = () => Math.max(0, end - performance.now());
    const ticks = setInterval(() => tell(left()), 1000);
    const timer = setTimeout(() => {
      leave();
      resolve();
    }, milliseconds);
    const abort = () => {
      leave();
      reject(signal.reason);
    };
    const leave = () => {
      clearInterval(ticks);
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    };
    signal.addEventListener("abort", abort);
    tell(milliseconds);
    if (signal.aborted) abort();
  });
}
