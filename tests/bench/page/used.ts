/** What the JavaScript heap of the page holds, in bytes. */
export function used(): number {
  return performance.memory.usedJSHeapSize;
}
