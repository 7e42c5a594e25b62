/**
 * Generates and edits images on Azure from a web page. Start with {@link AzureImageClient}.
 *
 * @module azure-image-client
 */
import { provideUrls } from "./load/source.js";

// Only this entry names the files: a bundler that reads the expressions copies them, and every other entry would ship them twice. A bundle
// that is a classic script has no `import.meta`, and the expressions throw.
provideUrls(
  () => new URL("./wasm/azure_image_client_bg.wasm", import.meta.url),
  () => new URL("./wasm/azure_image_client_more.wasm", import.meta.url),
);

export * from "./exports.js";
