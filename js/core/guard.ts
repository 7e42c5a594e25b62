// What leaves the engine otherwise than by returning leaves it broken: a panic, but also a stack or a memory that is used up, of
// which no code of the engine hears.

let report: (what: string) => void = () => {};

/** `handler` is told when the engine breaks, and why. */
export function onTrap(handler: (what: string) => void): void {
  report = handler;
}

/** Those of the present instance, as the glue has them. */
let present: Record<string, unknown> = {};

/**
 * The exports of an instance; what one of them throws is reported, and thrown on. The glue of wasm-bindgen calls nothing else,
 * also where nobody waits for what it does: in a microtask, whose errors only the page's console sees.
 * @public for the glue, into which `xtask` writes the call.
 */
export function guarded(exports: WebAssembly.Exports): WebAssembly.Exports {
  const guard = (run: CallableFunction) => {
    return (...parameters: unknown[]): unknown => {
      try {
        return run(...parameters);
      } catch (cause) {
        report(cause instanceof Error ? String(cause) : "It threw something else than an error.");
        throw cause;
      }
    };
  };
  // The glue keeps what it was given first for ever, and with it the memory of an instance that broke.
  for (const name of Object.keys(present)) delete present[name];
  present = Object.fromEntries(Object.entries(exports).map(([name, value]) => [name, typeof value === "function" ? guard(value) : value]));
  return present as WebAssembly.Exports;
}
