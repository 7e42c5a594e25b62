// Requests with Node's HTTP client, which waits as long as the service needs.

import type { ClientRequest, IncomingMessage } from "node:http";
import { toWebStream } from "./node-readable.js";
import type { Transport, UpstreamRequest } from "./transport.js";

/** After this time without data, the system checks whether the connection still exists, in milliseconds. */
const KEEP_ALIVE_IN_MS = 60_000;

/** Creates a transport with the modules `node:http` and `node:https`. */
export function createNodeTransport(http: typeof import("node:http"), https: typeof import("node:https")): Transport {
  return ({ method, url, headers, body, length, signal }) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const { request } = url.startsWith("https:") ? https : http;
      const size = body === null || length === undefined ? {} : { "content-length": String(length) };
      // `agent: false`: no connection is used twice, since it may close at the moment a request is sent, which may not be sent again. The
      // header: a service that closes the connection with an early response would reset it before the response has arrived.
      const upstream = request(url, { method, headers: { ...headers, ...size, connection: "keep-alive" }, agent: false });
      upstream.setSocketKeepAlive(true, KEEP_ALIVE_IN_MS);
      const abort = (): unknown => upstream.destroy(signal.reason instanceof Error ? signal.reason : undefined);
      signal.addEventListener("abort", abort);
      upstream.on("close", () => signal.removeEventListener("abort", abort));
      const receive = (response: IncomingMessage): void => {
        const { stream } = toWebStream(response, () => upstream.destroy());
        resolve({ status: response.statusCode ?? 0, headers: headersOf(response), body: stream });
        // A service that has answered does not want the rest of the body.
        response.on("end", () => upstream.writableEnded || upstream.destroy());
      };
      upstream.on("response", receive);
      upstream.on("upgrade", (response, socket) => {
        socket.destroy();
        resolve({ status: response.statusCode ?? 0, headers: new Headers(), body: null });
      });
      upstream.on("error", reject);
      send(upstream, body).catch((error: Error) => upstream.destroy(error));
    });
}

async function send(upstream: ClientRequest, body: UpstreamRequest["body"]): Promise<void> {
  if (!(body instanceof ReadableStream)) return void upstream.end(body ?? undefined);
  const reader = body.getReader();
  upstream.on("close", () => void reader.cancel().catch(() => {}));
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (!upstream.write(value)) await drained(upstream);
  }
  if (!upstream.destroyed) upstream.end();
}

const drained = (upstream: ClientRequest): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => {
      upstream.off("drain", settle).off("close", settle);
      resolve();
    };
    upstream.on("drain", settle).on("close", settle);
  });

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] as string, rawHeaders[at + 1] as string);
  return headers;
}
