/**
 * Generates and edits images on Azure from a web page. Start with {@link AzureImageClient}.
 *
 * @module azure-image-client
 */
import { provideUrl } from "./load/source.js";

// Only this entry names the file: a bundler that reads the expression copies it, and every other entry would ship it twice. A bundle that
// is a classic script has no `import.meta`, and the expression throws.
provideUrl(() => new URL("./wasm/azure_image_client_bg.wasm", import.meta.url));

export * from "./exports.js";
