// Loads the WebAssembly.

import { AzureImageError } from "../core/error.js";
import { member, own } from "../core/own.js";
import { more, runtime } from "../core/chunks.js";
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
  start: async (loaded: Loaded) => (await runtime.load()).start({ module_or_path: loaded }),
});

const MORE: File = own({
  name: "azure_image_client_more.wasm",
  provide: "more",
  async start(loaded: Loaded) {
    // A crash of the engine needs the module again.
    compiled ??= await compile(loaded);
    await runtime.code.extend(compiled);
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

/** Node's file system. A page has none, even if its URL is a `file:` URL. */
interface NodeProcess {
  versions?: { node?: string };
  getBuiltinModule?(name: "node:fs/promises"): { readFile(file: URL): Promise<BufferSource> };
}

/** A failed load. */
export interface LoadFailure {
  /**
   * The step that failed: `provide`: the entry of the package names no file. `read`: Node reads it. `fetch`: there is no response. `answer`:
   * the response is an error. `start`: the module is compiled and started.
   */
  step: "provide" | "read" | "fetch" | "answer" | "start";
  /** The name of the file. */
  name: string;
  /** True for the second module. */
  isMore: boolean;
  /** True if the page passed the source to `init`. */
  isGiven: boolean;
  /** True if the entry provides URLs. Not set without an entry. */
  isUrl?: boolean | undefined;
  /** The URL without its query, which may hold a signature. Not set for bytes and modules. */
  url?: string | undefined;
  status?: number;
  contentType?: string | null | undefined;
  cause?: unknown;
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
  if (compiled) return runtime.code.extend(compiled);
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
  const failure: LoadFailure = own({ step: "provide", name: file.name, isMore: file === MORE, isGiven, isUrl: wasmProvider()?.isUrl });
  try {
    if (await attempt(file, given, failure)) return;
  } catch (cause) {
    // The code did not load.
    if (cause instanceof AzureImageError) throw cause;
    failure.cause = cause;
  }
  throw await explained(failure);
}

/** Loads and starts a module. Returns false without a source, and for an error response. `failure` has the present step. */
async function attempt(file: File, given: WasmSource | undefined, failure: LoadFailure): Promise<boolean> {
  const source = given ?? (await wasmProvider()?.[file.provide]());
  if (source === undefined) return false;
  const isUrl = typeof source === "string" || source instanceof URL;
  if (isUrl) failure.url = withoutQuery(String(source));
  const files = isUrl && /^file:/i.test(String(source)) ? nodeFiles() : undefined;
  failure.step = files ? "read" : "fetch";
  // Node's fetch does not support these URLs.
  const loaded: Loaded = files ? await files.readFile(new URL(source as URL)) : await (isUrl || source instanceof Request ? fetch(source) : source);
  const response = loaded instanceof Response ? loaded : undefined;
  failure.url = response && withoutQuery(response.url);
  failure.contentType = response?.headers.get("content-type");
  if (response && !response.ok) {
    failure.step = "answer";
    failure.status = response.status;
    return false;
  }
  failure.step = "start";
  await file.start(loaded);
  return true;
}

function nodeFiles() {
  const process = member(globalThis, "process") as NodeProcess | undefined;
  return process?.versions?.node ? process.getBuiltinModule?.("node:fs/promises") : undefined;
}

/** A query may hold a signature, which must not get into a message. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, "");
}

/** Explains a failure. The code for that loads only now. */
async function explained(failure: LoadFailure): Promise<AzureImageError> {
  const { cause, status } = failure;
  const { problem, retryable } = await more.load().then(
    () => more.code.explainLoad(failure),
    () => ({ problem: `could not be loaded (${cause ?? `HTTP ${status}`}). Check the network and the content security policy.`, retryable: true }),
  );
  return new AzureImageError({ code: "connection", message: `The WebAssembly of azure-image-client ${problem}`, billed: "no", retryable, cause });
}
