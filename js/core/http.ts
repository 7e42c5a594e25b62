// Requests and responses of `fetch`. A page can replace it, so every access to a response may throw.

import { own } from "./own.js";

/** Sends a request. */
export type Fetch = (request: Request) => Promise<Response>;

/** A body that is read chunk by chunk. */
export type Reader = Pick<ReadableStreamDefaultReader<unknown>, "read" | "cancel">;

/** The rejection of a response that no retry makes usable. */
interface Unusable {
  unusable: string;
}

const REQUEST_IDS = ["apim-request-id", "x-request-id", "x-ms-request-id"];

/** The getter that only a real Response of any realm has. */
const statusOf = Object.getOwnPropertyDescriptor(globalThis.Response?.prototype ?? {}, "status")?.get;

/** Creates a request. An opaque one is unsigned, and its response is not read. */
export function createRequest(
  method: string,
  url: string,
  headers: Headers,
  body: BodyInit | undefined,
  signal: AbortSignal,
  isOpaque: boolean,
): Request {
  const init: RequestInit = { method, headers, signal, mode: isOpaque ? "no-cors" : "cors", ...(body !== undefined && { body }) };
  // The state of a response must be current, and its images must not be cached on disk. POST responses are not cached, and `no-store`
  // would cause an extra preflight for each POST.
  const cache: RequestInit = method === "GET" ? { cache: "no-store" } : {};
  // A key must not follow a redirect to another host.
  const redirect: RequestRedirect = isOpaque ? "follow" : "error";
  // Browsers also read inherited options.
  try {
    return new Request(url, own({ ...init, ...cache, redirect }));
  } catch {
    // Cloudflare Workers refuse `redirect: "error"` and, before the compatibility date 2024-11-11, every value of `cache`. With `manual`,
    // a redirect is a 3xx response, which is an error.
    return new Request(url, own<RequestInit>({ ...init, redirect: isOpaque ? redirect : "manual" }));
  }
}

/**
 * Reads the head of a response, which may be an object of another realm or of another implementation of `fetch`. Returns the lines for the
 * engine: the status, `retry-after-ms`, `retry-after`, the id of the request and `content-type`.
 */
export function headOf(response: Response): string {
  if (typeof response !== "object" || response === null) throw notResponse();
  const { status } = response;
  if (!Number.isInteger(status) || status < 0 || status > 999) throw notResponse();
  const header = (name: string): string => {
    try {
      const value: unknown = response.headers.get(name);
      return typeof value === "string" ? value.replaceAll("\n", " ") : "";
    } catch {
      // The image matters more.
      return "";
    }
  };
  const requestId = REQUEST_IDS.map(header).find(Boolean) ?? "";
  return [status, header("retry-after-ms"), header("retry-after"), requestId, header("content-type")].join("\n");
}

/** Opens the body of a response. */
export function readerOf(response: Response): Reader | undefined {
  const { body } = response;
  const isStream = typeof body?.getReader === "function";
  if (response.bodyUsed || (isStream && body.locked)) {
    throw unusable("fetch returned a Response whose body was already read. Return a clone.");
  }
  if (isStream) return body.getReader();
  if (!body && isReal(response)) return undefined;
  // Implementations without streams, such as polyfills.
  if (typeof response.arrayBuffer === "function") return wholeBody(response);
  throw notResponse();
}

function isReal(response: Response): boolean {
  try {
    statusOf?.call(response);
    return true;
  } catch {
    return false;
  }
}

/** Reads a body at once. */
function wholeBody(response: Response): Reader {
  let isRead = false;
  return {
    async read() {
      if (isRead) return { done: true, value: undefined };
      isRead = true;
      return { done: false, value: await response.arrayBuffer() };
    },
    cancel: async () => {},
  };
}

/** Returns the bytes of a chunk, which may be of another realm. */
export function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array && ArrayBuffer.isView(chunk)) return chunk;
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (/^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(chunk))) return new Uint8Array(chunk as ArrayBuffer);
  throw unusable("fetch returned a Response whose body does not contain bytes. Return a Response of the fetch API.");
}

/** Cancels the rest of a body. It does not matter if that fails. */
export async function cancel(reader: Reader): Promise<void> {
  try {
    await reader.cancel();
  } catch {
    // The connection is closed all the same.
  }
}

function notResponse(): Unusable {
  return unusable("fetch returned something that is not a Response.");
}

function unusable(reason: string): Unusable {
  return { unusable: reason };
}
