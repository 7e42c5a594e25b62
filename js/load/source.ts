import type { WasmSource } from "./load.js";

/** Returns the WebAssembly, or its location. Called when it is first needed. */
export type WasmProvider = () => WasmSource | Promise<WasmSource>;

let provider: WasmProvider | undefined;

/** Sets the location of the `.wasm` file, unless an entry has provided the module itself. */
export function provideUrl(url: WasmProvider): void {
  provider ??= url;
}

/** Sets the module that an entry of the package carries. It wins over a URL, whichever entry was imported first. */
export function provideModule(module: WasmProvider): void {
  provider = module;
}

/** Returns the source of the imported entry; `undefined` if no entry was imported. */
export async function providedSource(): Promise<WasmSource | undefined> {
  return provider?.();
}
