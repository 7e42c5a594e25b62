// The HTTP client of the proxy.

import { createFetchTransport } from "./fetch-transport.js";
import { createNodeTransport } from "./node-transport.js";

/** A request to Azure. */
export interface UpstreamRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
  /** Length of the body in bytes, if it is known. */
  length: number | undefined;
  /** Ends the request and its response. */
  signal: AbortSignal;
}

/** A response of Azure, whose body has not been read. */
export interface UpstreamResponse {
  status: number;
  headers: Headers;
  body: ReadableStream<Uint8Array> | null;
}

/** Sends a request. Rejects if there is no response. */
export type Transport = (request: UpstreamRequest) => Promise<UpstreamResponse>;

/**
 * Returns the transport of this runtime. `fetch` of Node gives up after 300 seconds without data, and images were seen to take longer, so
 * Node uses its HTTP client. It is no import, because bundlers for other runtimes would not find it.
 */
export function defaultTransport(): Transport {
  const { process, navigator } = globalThis as { process?: NodeJS.Process; navigator?: { userAgent?: string } };
  const isOther = "Bun" in globalThis || "Deno" in globalThis || navigator?.userAgent === "Cloudflare-Workers";
  if (isOther || typeof process?.getBuiltinModule !== "function") return createFetchTransport(globalThis.fetch);
  return createNodeTransport(process.getBuiltinModule("node:http"), process.getBuiltinModule("node:https"));
}
