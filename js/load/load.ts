// Loads the WebAssembly. Each way in which this fails gets an error with its own remedy.

import { AzureImageError } from "../core/error.js";
import { member, own } from "../core/own.js";
import start, { extend } from "../wasm/azure_image_client.js";
import { wasmProvider } from "./source.js";

/** The WebAssembly: its URL, a response with its bytes, the bytes, or the compiled module. */
export type WasmSource = string | URL | Request | Response | Promise<Response> | BufferSource | WebAssembly.Module;

type Loaded = Response | BufferSource | WebAssembly.Module;

/** A module of the package. */
interface File {
  name: string;
  provide: "first" | "more";
  start(loaded: Loaded): Promise<unknown>;
}

const FIRST: File = own({
  name: "azure_image_client_bg.wasm",
  provide: "first",
  start: (loaded: Loaded) => start({ module_or_path: loaded }),
});

const MORE: File = own({
  name: "azure_image_client_more.wasm",
  provide: "more",
  async start(loaded: Loaded) {
    // A crash of the engine needs the module again.
    compiled ??= await compile(loaded);
    await extend(compiled);
  },
});

let compiled: WebAssembly.Module | undefined;

/** A server may send a wrong media type, for which browsers refuse to compile while streaming. */
async function compile(loaded: Loaded): Promise<WebAssembly.Module> {
  if (loaded instanceof WebAssembly.Module) return loaded;
  if (!(loaded instanceof Response)) return WebAssembly.compile(loaded);
  const isStreamed = typeof WebAssembly.compileStreaming === "function" && /^application\/wasm/i.test(loaded.headers.get("content-type") ?? "");
  return isStreamed ? WebAssembly.compileStreaming(loaded) : WebAssembly.compile(await loaded.arrayBuffer());
}

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
 * Loads and starts the module that every call needs.
 * @param given The argument of `init`. Not set: the source that the imported entry of the package provides.
 * @throws {AzureImageError} `connection`, with what to do.
 */
export function load(given?: WasmSource): Promise<void> {
  return loadFile(FIRST, given);
}

/**
 * Loads the module that everything but generations needs, and links it to the first one, which must be running.
 * @param given The option `moreSource` of `init`.
 * @param first The argument of `init`. The file beside it is used, if it has the name that it has in the package.
 * @throws {AzureImageError} `connection`, with what to do.
 */
export async function loadMore(given?: WasmSource, first?: WasmSource): Promise<void> {
  // Linked again after a crash of the engine.
  if (compiled) return extend(compiled);
  return loadFile(MORE, given ?? beside(first));
}

/** The URL of the second module beside the first one. */
function beside(first: WasmSource | undefined): string | undefined {
  const url = typeof first === "string" || first instanceof URL ? String(first) : "";
  return FIRST_NAME.test(url) ? url.replace(FIRST_NAME, MORE.name) : undefined;
}

const FIRST_NAME = /azure_image_client_bg\.wasm(?=$|[?#])/;

async function loadFile(file: File, given: WasmSource | undefined): Promise<void> {
  const isGiven = given !== undefined;
  const source = isGiven ? given : await provided(file);
  const loaded = await get(source, isGiven, file);
  const isResponse = loaded instanceof Response;
  const url = isResponse ? withoutQuery(loaded.url) : "";
  if (isResponse && !loaded.ok) {
    const isTemporary = loaded.status === 429 || loaded.status >= 500;
    throw failure(
      `could not be loaded: HTTP ${loaded.status} for ${url}. ${isTemporary ? "Try again later." : remedy(url, isGiven, file)}`,
      isTemporary,
    );
  }
  try {
    await file.start(loaded);
  } catch (cause) {
    if (!canRunWasm()) throw failure(forbidden(), false, cause);
    const isInvalid = cause instanceof WebAssembly.CompileError || cause instanceof WebAssembly.LinkError;
    if (isResponse && !isInvalid) throw notFetched(url, isGiven, cause, file);
    const subject = isResponse ? `${url} (${loaded.headers.get("content-type")})` : isGiven ? "the argument of init" : "the module of this entry";
    throw failure(`could not be started: ${subject} is not ${file.name} of this version (${cause}). ${remedy(url, isGiven, file)}`, false, cause);
  }
}

/** The source that the imported entry of the package provides. */
async function provided(file: File): Promise<WasmSource> {
  const provider = wasmProvider();
  if (!provider) throw failure('has no source. Import the package by its name, "azure-image-client", or pass the URL of the file to init.', false);
  try {
    return await provider[file.provide]();
  } catch (cause) {
    if (provider.isUrl) throw failure(`has no URL: the bundle is not an ES module (${cause}). ${INLINE}.`, false, cause);
    // Next.js's edge runtime, and Firefox before 113.
    if (typeof DecompressionStream === "undefined") {
      throw failure(
        `could not be unpacked: this platform has no DecompressionStream. Pass ${file.name} to init: its URL, bytes or compiled module.`,
        false,
        cause,
      );
    }
    throw failure(`could not be imported (${cause}). Serve the chunks of the app's current build, then reload the page.`, true, cause);
  }
}

async function get(source: WasmSource, isGiven: boolean, file: File): Promise<Loaded> {
  const isUrl = typeof source === "string" || source instanceof URL;
  if (isUrl && /^file:/i.test(String(source))) {
    const files = nodeFiles();
    // Node's fetch does not support these URLs.
    if (files) return files.readFile(new URL(source)).catch((cause: unknown) => notRead(isGiven, cause));
  }
  try {
    return await (isUrl || source instanceof Request ? fetch(source) : source);
  } catch (cause) {
    throw notFetched(isUrl ? withoutQuery(String(source)) : "", isGiven, cause, file);
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
        'import more from "azure-image-client/azure_image_client_more.wasm"; and await init(wasm, { moreSource: more }) before the first call.'
    : "may not run: WebAssembly is forbidden. Add 'wasm-unsafe-eval' to script-src of the page's content security policy.";
}

function isWorkerd(): boolean {
  return globalThis.navigator?.userAgent === "Cloudflare-Workers";
}

/** The remedy for a file that is not at its URL. */
function remedy(url: string, isGiven: boolean, file: File): string {
  if (isGiven) return `Pass ${file.name} of this version to init${file === MORE ? " as moreSource" : ""}, or its URL.`;
  const tool = TOOLS.find(([path]) => path.test(url))?.[1];
  return tool
    ? `${tool} moved the package without its ${file.name}. ${INLINE}.`
    : `The file is missing there, and some servers send a page instead. ${INLINE}, or serve ${file.name} at that URL.`;
}

function notFetched(url: string, isGiven: boolean, cause: unknown, file: File): AzureImageError {
  if (!isGiven && (/^file:/i.test(url) || !globalThis.location)) {
    const reason = globalThis.location ? "A page with a file: URL cannot fetch files." : "The bundled server has no such file.";
    return failure(`could not be fetched (${cause}). ${reason} ${INLINE}.`, false, cause);
  }
  return failure(
    `could not be fetched (${cause}). Check the network. If it works, allow the URL of ${file.name} in connect-src of the page's content security policy ` +
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
