/** The code that runs the WebAssembly. `core/chunks.ts` imports it beside the first module. */
export { Connection } from "./core/connection.js";
export { onTrap } from "./core/guard.js";
export { SharedQuestion } from "./core/single-flight.js";
export { __wbg_reset_state as reset, Client, default as start, extend, onPanic } from "./wasm/azure_image_client.js";
