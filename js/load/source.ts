import type { WasmSource } from "./load.js";

/** Returns the WebAssembly, or its location. Called when it is first needed. */
export interface WasmProvider {
  provide: () => WasmSource | Promise<WasmSource>;
  /** True for a provider that returns the URL of the `.wasm` file. */
  isUrl: boolean;
}

let provider: WasmProvider | undefined;

/** Sets the location of the `.wasm` file, unless an entry has provided the module itself. */
export function provideUrl(url: () => URL): void {
  provider ??= { provide: url, isUrl: true };
}

/** Sets the module that an entry of the package carries. It wins over a URL, whichever entry was imported first. */
export function provideModule(module: WasmProvider["provide"]): void {
  provider = { provide: module, isUrl: false };
}

/** Returns the provider of the imported entry; `undefined` if no entry was imported. */
export function wasmProvider(): WasmProvider | undefined {
  return provider;
}
