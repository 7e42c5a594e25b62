import type { WasmSource } from "./load.js";

/** Returns a module, or its location. Called when it is first needed. */
type Provide = () => WasmSource | Promise<WasmSource>;

/** Provides the WebAssembly. */
export interface WasmProvider {
  /** The module that every call needs. */
  first: Provide;
  /** The module that everything but generations needs. */
  more: Provide;
  /** True for a provider that returns the URLs of the `.wasm` files. */
  isUrl: boolean;
}

let provider: WasmProvider | undefined;

/** Sets the locations of the `.wasm` files, unless an entry has provided the modules themselves. */
export function provideUrls(first: () => URL, more: () => URL): void {
  provider ??= { first, more, isUrl: true };
}

/** Sets the modules that an entry of the package carries. They win over URLs, whichever entry was imported first. */
export function provideModules(first: Provide, more: Provide): void {
  provider = { first, more, isUrl: false };
}

/** Returns the provider of the imported entry; `undefined` if no entry was imported. */
export function wasmProvider(): WasmProvider | undefined {
  return provider;
}
