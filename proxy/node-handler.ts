// The proxy in servers that have Node's request and response objects.

import type { ProxyHandler } from "./create-proxy.js";
import { type NodeReadable, toWebStream } from "./node-readable.js";
import { badRequest, Refusal, toRefusal } from "./refusal.js";
import type { ChunkReader } from "./streams.js";

/** The part of `http.IncomingMessage` that is used. */
export interface NodeRequest extends NodeReadable {
  /** The method. */
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  /** Path and query before Express or Connect removed the path of the mount. */
  readonly originalUrl?: string | undefined;
  /** Names and values of the headers, alternating. */
  readonly rawHeaders: string[];
  /** 1 or 2. */
  readonly httpVersionMajor: number;
  /** True after the body has been read. */
  readonly readableEnded: boolean;
}

/** The part of `http.ServerResponse` that is used. */
export interface NodeResponse {
  /** True after the connection closed. */
  readonly destroyed: boolean;
  /** True after the last byte was handed over. */
  readonly writableFinished: boolean;
  /** Sends the status and the headers. */
  writeHead(status: number, headers: Record<string, string | string[]>): unknown;
  /** Sends the headers at once. */
  flushHeaders?(): void;
  /** Sends bytes. Returns false if the page is slower. */
  write(chunk: Uint8Array): boolean;
  /** Ends the response. */
  end(): unknown;
  /** Breaks the connection. */
  destroy(): unknown;
  /** Adds a listener. */
  on(event: "close" | "drain" | "error", listener: () => void): unknown;
  /** Removes a listener. */
  off(event: "close" | "drain", listener: () => void): unknown;
}

/** A listener of `node:http`, and a middleware of Express and Connect. The promise settles with the response, and never rejects. */
export type NodeHandler<Request extends NodeRequest = NodeRequest> = (request: Request, response: NodeResponse) => Promise<void>;

/**
 * Adapts a handler to `node:http`, `node:https`, `node:http2`, Express and Connect. `authorize` gets Node's request as its context.
 *
 * Mount it before any body parser. It closes each connection after the response: Chromium silently repeats a POST whose kept-alive
 * connection breaks, and it would be paid twice.
 */
export function toNodeHandler<Request extends NodeRequest = NodeRequest>(handler: ProxyHandler<Request>): NodeHandler<Request> {
  return (request, response) => {
    // Without a listener, an error of a connection would end the process.
    response.on("error", () => {});
    return handle(handler, request, response).catch(() => void response.destroy());
  };
}

async function handle<Context extends NodeRequest>(handler: ProxyHandler<Context>, request: Context, response: NodeResponse): Promise<void> {
  const controller = new AbortController();
  response.on("close", () => {
    if (!response.writableFinished) controller.abort();
  });
  let answer: Response;
  let discard: Incoming["discard"];
  try {
    const incoming = toRequest(request, controller.signal);
    discard = incoming.discard;
    answer = await handler(incoming.request, request);
  } catch (error) {
    answer = toRefusal(error).toResponse();
  }
  // Only a response of `authorize` has cookies.
  const cookies = answer.headers.getSetCookie();
  const headers = { ...Object.fromEntries(answer.headers), ...(cookies.length > 0 ? { "set-cookie": cookies } : {}) };
  response.writeHead(answer.status, request.httpVersionMajor < 2 ? { ...headers, connection: "close" } : headers);
  response.flushHeaders?.();
  if (answer.body) await send(answer.body.getReader(), response);
  // Node resets a connection that it closes with unread bytes, and the page would lose the response. So it closes after the request.
  if (!discard || request.complete || response.destroyed) return void response.end();
  request.on("end", () => response.end());
  discard();
}

const BODILESS = ["GET", "HEAD", "OPTIONS"];
/** Standard requests cannot have these. */
const FORBIDDEN = ["CONNECT", "TRACE", "TRACK"];

/** A standard request, and what throws the rest of its body away. */
interface Incoming {
  request: Request;
  discard?: () => void;
}

function toRequest(request: NodeRequest, signal: AbortSignal): Incoming {
  const { method = "GET", originalUrl, url = "" } = request;
  if (FORBIDDEN.includes(method)) throw new Refusal(405, "proxy_route", `The proxy does not pass on ${method}.`);
  const headers = new Headers();
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const [name = "", value = ""] = request.rawHeaders.slice(at, at + 2);
    // HTTP/2 has the host in a pseudo-header.
    if (name === ":authority") headers.set("host", value);
    else if (!name.startsWith(":")) headers.append(name, value);
  }
  const target = checkTarget(originalUrl ?? url, headers.get("host") ?? "");
  const length = headers.get("content-length");
  // HTTP/2 needs neither header.
  const isOpen = headers.has("transfer-encoding") || (length === null && request.httpVersionMajor >= 2);
  const isEmpty = BODILESS.includes(method) || !(isOpen || Number(length) > 0);
  if (isEmpty) return { request: new Request(target, { method, headers, signal }) };
  if (request.readableEnded) throw new Refusal(500, "proxy_internal", "A body parser ran before the proxy. Mount the proxy before it.");
  // Many clients read the response only after they have sent everything, so the rest of a refused body is read.
  const { stream: body, discard } = toWebStream(request, () => request.resume());
  return { request: new Request(target, { method, headers, signal, body, duplex: "half" } as RequestInit), discard };
}

/** Refuses a path that URL parsers read differently, such as one with dot segments. */
function checkTarget(target: string, host: string): string {
  const text = `http://${host}${target}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !target.startsWith("/") || url.host !== host.toLowerCase().replace(/:80$/, "") || url.pathname + url.search !== target) {
    throw badRequest("The address of the request is ambiguous.");
  }
  return text;
}

/** Writes the body as it comes, no faster than the page reads. */
async function send(reader: ChunkReader, response: NodeResponse): Promise<void> {
  response.on("close", () => void reader.cancel().catch(() => {}));
  if (response.destroyed) return void reader.cancel().catch(() => {});
  for (;;) {
    // If Azure breaks off, this throws, and the connection is destroyed.
    const { done, value } = await reader.read();
    if (done) return;
    if (!response.write(value)) await drained(response);
  }
}

const drained = (response: NodeResponse): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => {
      response.off("drain", settle);
      response.off("close", settle);
      resolve();
    };
    response.on("drain", settle);
    response.on("close", settle);
  });
