/** Collects what earlier runs have left, so that no later one pays for it. */
export function collectGarbage(): void {
  if (!globalThis.gc) throw new Error("Chromium must be started with --js-flags=--expose-gc.");
  void globalThis.gc();
}
