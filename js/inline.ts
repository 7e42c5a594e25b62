/**
 * The same API as `azure-image-client`, with the WebAssembly in JavaScript modules that load with the first call that needs them. For bundlers and
 * test runners that lose the `.wasm` file, and for pages with a `file:` URL. One `import "azure-image-client/inline"` anywhere in an app
 * is enough.
 *
 * @module azure-image-client/inline
 */
import { provideModules } from "./load/source.js";

provideModules(
  async () => unpacked((await import("./wasm/inline.js")).default),
  async () => unpacked((await import("./wasm/inline-more.js")).default),
);

function unpacked(base64: string): Promise<ArrayBuffer> {
  const gzipped = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  // Not `Blob.stream`, which jsdom lacks.
  const stream = new Response(gzipped).body as ReadableStream<Uint8Array<ArrayBuffer>>;
  return new Response(stream.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

export * from "./exports.js";
