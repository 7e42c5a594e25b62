/**
 * The same API as `azure-image-client`, for Cloudflare Workers, which run only WebAssembly that was compiled when the Worker was deployed.
 *
 * @module azure-image-client/workerd
 */
import { provideModules } from "./load/source.js";
import wasm from "./wasm/azure_image_client_bg.wasm";
import more from "./wasm/azure_image_client_more.wasm";

provideModules(
  () => wasm,
  () => more,
);

export * from "./exports.js";
