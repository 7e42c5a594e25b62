// Reports crashes of the engine. A panic calls a hook, but a stack overflow or a lack of memory traps without calling any code.

let report: (what: string) => void = () => {};

/** Sets the handler of crashes. */
export function onTrap(handler: (what: string) => void): void {
  report = handler;
}

/** The guarded exports of the present instance. */
let present: Record<string, unknown> = {};

/**
 * Wraps the exports of an instance: an exception is reported and thrown again. The glue of wasm-bindgen calls only these, also in
 * microtasks, where no caller would see the exception.
 * @public for the glue, into which `xtask` writes the call.
 */
export function guarded(exports: WebAssembly.Exports): WebAssembly.Exports {
  // The glue keeps the first object forever. Emptying it releases the memory of a crashed instance.
  for (const name of Object.keys(present)) delete present[name];
  present = guardedOf(exports);
  return present as WebAssembly.Exports;
}

/**
 * Adds the exports of the second module.
 * @public for the glue.
 */
export function extended(exports: WebAssembly.Exports): void {
  Object.assign(present, guardedOf(exports));
}

function guardedOf(exports: WebAssembly.Exports): Record<string, unknown> {
  // Names that start with a digit are for the second module, which calls them without the glue.
  const ofGlue = Object.entries(exports).filter(([name]) => !/^\d/.test(name));
  return Object.fromEntries(ofGlue.map(([name, value]) => [name, typeof value === "function" ? guard(value) : value]));
}

function guard(run: CallableFunction) {
  return (...parameters: unknown[]): unknown => {
    try {
      return run(...parameters);
    } catch (cause) {
      report(cause instanceof Error ? String(cause) : "It threw something else than an error.");
      throw cause;
    }
  };
}
