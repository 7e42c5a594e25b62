// Gets the WebAssembly and starts it, and says which of the things that can be wrong with that is.

import { AzureImageError } from "./errors.js";
import start from "./wasm/azure_image_client.js";

/** Where the WebAssembly comes from: its URL, a response with it, its bytes, or the compiled module. */
export type WasmSource = string | URL | Request | Response | Promise<Response> | BufferSource | WebAssembly.Module;

/** In a variable, so that bundlers do not look for it: no browser has it, and none is asked for it. */
const NODE_FILES = "node:fs/promises";

/** The smallest module there is. */
const EMPTY = new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);

/** Rejects with an {@link AzureImageError} that says what to do. */
export async function load(source?: WasmSource): Promise<void> {
  const found = await get(source).catch((cause: unknown) => {
    throw cause instanceof AzureImageError ? cause : notFetched(cause);
  });
  const isAnswer = found instanceof Response;
  // Without its query, where a signature may be.
  const [address] = isAnswer ? found.url.split("?", 1) : [];
  if (isAnswer && !found.ok) {
    throw failure(
      `could not be loaded: HTTP ${found.status} for ${address}. Serve azure_image_client_bg.wasm there, or pass its URL to init.`,
      found.status === 429 || found.status >= 500,
    );
  }
  try {
    await start({ module_or_path: found });
  } catch (cause) {
    if (!mayRun()) {
      throw failure(
        "may not run: WebAssembly is forbidden. Add 'wasm-unsafe-eval' to script-src of the page's content security policy.",
        false,
        cause,
      );
    }
    if (isAnswer && !(cause instanceof WebAssembly.CompileError || cause instanceof WebAssembly.LinkError)) throw notFetched(cause);
    const what = isAnswer ? `${address} (${found.headers.get("content-type")})` : "what init was given";
    throw failure(
      `could not be loaded: ${what} is not it, or is that of another version (${cause}). Some servers answer with a page where a file is missing: ` +
        "serve this version's azure_image_client_bg.wasm there, or pass its URL to init.",
      false,
      cause,
    );
  }
}

/** `source`: not set, the file beside this one, which bundlers know by this very expression. */
async function get(
  source: WasmSource = new URL("./wasm/azure_image_client_bg.wasm", import.meta.url),
): Promise<Response | BufferSource | WebAssembly.Module> {
  const isName = typeof source === "string" || source instanceof URL;
  if (isName && /^file:/i.test(String(source))) {
    // Node, whose fetch does not take these.
    const { readFile } = await import(/* webpackIgnore: true */ /* @vite-ignore */ NODE_FILES);
    return readFile(new URL(source)).catch((cause: unknown) => {
      const advice =
        "Where a server's program was bundled, leave azure-image-client out of the bundle, or pass the URL or the bytes of the file to init.";
      throw failure(`could not be read (${cause}). ${advice}`, false, cause);
    });
  }
  return isName || source instanceof Request ? fetch(source) : source;
}

function mayRun(): boolean {
  try {
    // WebKit compiles what a policy forbids, and only does not run it.
    new WebAssembly.Instance(new WebAssembly.Module(EMPTY));
    return true;
  } catch {
    return false;
  }
}

function notFetched(cause: unknown): AzureImageError {
  return failure(
    `could not be fetched (${cause}). Offline? If not, the page's content security policy must allow the address of azure_image_client_bg.wasm ` +
      "in connect-src ('self' for the page's own origin), and another origin must allow the page (CORS).",
    true,
    cause,
  );
}

function failure(what: string, retryable: boolean, cause?: unknown): AzureImageError {
  return new AzureImageError({ code: "connection", message: `The WebAssembly of azure-image-client ${what}`, billed: "no", retryable, cause });
}
