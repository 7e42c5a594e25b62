// Loads the WebAssembly. Each way in which this fails gets an error with its own remedy.

import { AzureImageError } from "../core/error.js";
import { member } from "../core/own.js";
import start from "../wasm/azure_image_client.js";
import { wasmProvider } from "./source.js";

/** The WebAssembly: its URL, a response with its bytes, the bytes, or the compiled module. */
export type WasmSource = string | URL | Request | Response | Promise<Response> | BufferSource | WebAssembly.Module;

type Loaded = Response | BufferSource | WebAssembly.Module;

const FILE = "azure_image_client_bg.wasm";
const INLINE = 'Write import "azure-image-client/inline"; in your app';

/** URLs of tools that move a package's JavaScript and leave its other files behind. */
const TOOLS: [path: RegExp, name: string][] = [
  [/\/\.?(sb-)?vite\/deps\/|\/@fs\//, "Vite's dev server"],
  [/\/_next\//, "Next.js"],
  [/\/_nuxt\//, "Nuxt"],
  [/\/_astro\//, "Astro"],
  [/\/_bun\//, "Bun"],
];

/** The smallest valid module. */
const EMPTY = new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);

/** Node's file system. A page has none, even if its URL is a `file:` URL. */
interface NodeProcess {
  versions?: { node?: string };
  getBuiltinModule?(name: "node:fs/promises"): { readFile(file: URL): Promise<BufferSource> };
}

/**
 * Loads and starts the WebAssembly.
 * @param given The argument of `init`. Not set: the source that the imported entry of the package provides.
 * @throws {AzureImageError} `connection`, with what to do.
 */
export async function load(given?: WasmSource): Promise<void> {
  const isGiven = given !== undefined;
  const source = isGiven ? given : await provided();
  const loaded = await get(source, isGiven);
  const isResponse = loaded instanceof Response;
  const url = isResponse ? withoutQuery(loaded.url) : "";
  if (isResponse && !loaded.ok) {
    const isTemporary = loaded.status === 429 || loaded.status >= 500;
    throw failure(`could not be loaded: HTTP ${loaded.status} for ${url}. ${isTemporary ? "Try again later." : remedy(url, isGiven)}`, isTemporary);
  }
  try {
    await start({ module_or_path: loaded });
  } catch (cause) {
    if (!canRunWasm()) throw failure(forbidden(), false, cause);
    const isInvalid = cause instanceof WebAssembly.CompileError || cause instanceof WebAssembly.LinkError;
    if (isResponse && !isInvalid) throw notFetched(url, isGiven, cause);
    const subject = isResponse ? `${url} (${loaded.headers.get("content-type")})` : isGiven ? "the argument of init" : "the module of this entry";
    throw failure(`could not be started: ${subject} is not ${FILE} of this version (${cause}). ${remedy(url, isGiven)}`, false, cause);
  }
}

/** The source that the imported entry of the package provides. */
async function provided(): Promise<WasmSource> {
  const provider = wasmProvider();
  if (!provider) throw failure('has no source. Import the package by its name, "azure-image-client", or pass the URL of the file to init.', false);
  try {
    return await provider.provide();
  } catch (cause) {
    if (provider.isUrl) throw failure(`has no URL: the bundle is not an ES module (${cause}). ${INLINE}.`, false, cause);
    // Next.js's edge runtime, and Firefox before 113.
    if (typeof DecompressionStream === "undefined") {
      throw failure(
        `could not be unpacked: this platform has no DecompressionStream. Pass ${FILE} to init: its URL, bytes or compiled module.`,
        false,
        cause,
      );
    }
    throw failure(`could not be imported (${cause}). Serve the chunks of the app's current build, then reload the page.`, true, cause);
  }
}

async function get(source: WasmSource, isGiven: boolean): Promise<Loaded> {
  const isUrl = typeof source === "string" || source instanceof URL;
  if (isUrl && /^file:/i.test(String(source))) {
    const files = nodeFiles();
    // Node's fetch does not support these URLs.
    if (files) return files.readFile(new URL(source)).catch((cause: unknown) => notRead(isGiven, cause));
  }
  try {
    return await (isUrl || source instanceof Request ? fetch(source) : source);
  } catch (cause) {
    throw notFetched(isUrl ? withoutQuery(String(source)) : "", isGiven, cause);
  }
}

function nodeFiles() {
  const process = member(globalThis, "process") as NodeProcess | undefined;
  return process?.versions?.node ? process.getBuiltinModule?.("node:fs/promises") : undefined;
}

/** A query may hold a signature, which must not get into a message. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, "");
}

function canRunWasm(): boolean {
  try {
    // WebKit compiles a module that a policy forbids, and only refuses to run it.
    new WebAssembly.Instance(new WebAssembly.Module(EMPTY));
    return true;
  } catch {
    return false;
  }
}

function forbidden(): string {
  return isWorkerd()
    ? 'may not run: Cloudflare Workers run only modules that are deployed with the Worker. Write import wasm from "azure-image-client/azure_image_client.wasm"; ' +
        "and await init(wasm) before the first call."
    : "may not run: WebAssembly is forbidden. Add 'wasm-unsafe-eval' to script-src of the page's content security policy.";
}

function isWorkerd(): boolean {
  return globalThis.navigator?.userAgent === "Cloudflare-Workers";
}

/** The remedy for a file that is not at its URL. */
function remedy(url: string, isGiven: boolean): string {
  if (isGiven) return `Pass ${FILE} of this version to init, or its URL.`;
  const tool = TOOLS.find(([path]) => path.test(url))?.[1];
  return tool
    ? `${tool} moved the package without its ${FILE}. ${INLINE}.`
    : `The file is missing there, and some servers send a page instead. ${INLINE}, or serve ${FILE} at that URL.`;
}

function notFetched(url: string, isGiven: boolean, cause: unknown): AzureImageError {
  if (!isGiven && (/^file:/i.test(url) || !globalThis.location)) {
    const reason = globalThis.location ? "A page with a file: URL cannot fetch files." : "The bundled server has no such file.";
    return failure(`could not be fetched (${cause}). ${reason} ${INLINE}.`, false, cause);
  }
  return failure(
    `could not be fetched (${cause}). Check the network. If it works, allow the URL of ${FILE} in connect-src of the page's content security policy ` +
      "('self' for the page's own origin). If the file is on another origin, that server must allow the page (CORS).",
    true,
    cause,
  );
}

function notRead(isGiven: boolean, cause: unknown): never {
  throw failure(`could not be read (${cause}). ${isGiven ? "Check the URL that was passed to init." : `${INLINE}.`}`, false, cause);
}

function failure(problem: string, retryable: boolean, cause?: unknown): AzureImageError {
  return new AzureImageError({ code: "connection", message: `The WebAssembly of azure-image-client ${problem}`, billed: "no", retryable, cause });
}
