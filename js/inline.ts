/**
 * The same API as `azure-image-client`, with the WebAssembly in a JavaScript module that loads with the first call. For bundlers and
 * test runners that lose the `.wasm` file, and for pages with a `file:` URL. One `import "azure-image-client/inline"` anywhere in an app
 * is enough.
 *
 * @module azure-image-client/inline
 */
import { provideModule } from "./load/source.js";

provideModule(async () => {
  const { default: base64 } = await import("./wasm/inline.js");
  const gzipped = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  // Not `Blob.stream`, which jsdom lacks.
  const stream = new Response(gzipped).body as ReadableStream<Uint8Array<ArrayBuffer>>;
  return new Response(stream.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
});

export * from "./exports.js";
