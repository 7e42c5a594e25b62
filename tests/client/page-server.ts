import { readFile } from "node:fs/promises";
import { createServer, request as passOn, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { listen } from "../ports.js";

const MEDIA_TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
  ".map": "application/json",
};

/** A web server with nothing but files: an origin of its own for the page under test. */
export interface PageServer {
  origin: string;
  /** What comes before the answer to a path: it may make that wait, or give another. */
  before: Map<string, (response: ServerResponse) => unknown>;
  /** Every address that was asked for, without its origin, in order. */
  readonly asked: string[];
  /** Where `/api/azure/…` is passed on to, with what is added to it: a proxy of the page's own origin. */
  proxy: { target: string; headers: Record<string, string> } | undefined;
  /** The content security policy of its pages. */
  policy: string | undefined;
  close(): Promise<void>;
}

/** Paths of the WebAssembly: of the module for all calls, and of that for everything but generations. */
export const WASM = "/azure-image-client/wasm/azure_image_client_bg.wasm";
export const MORE = "/azure-image-client/wasm/azure_image_client_more.wasm";
const PROXY_PATH = "/api/azure";
const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
export const FOLDERS: [prefix: string, folder: string][] = [
  ["/azure-image-client/", folder("../../dist/")],
  ["/", folder("./page/")],
];

/** `cached`: the endings of what a browser may keep. */
export async function startPageServer(folders = FOLDERS, cached = [".js"]): Promise<PageServer> {
  const pages: Omit<PageServer, "origin" | "close"> = { before: new Map(), asked: [], proxy: undefined, policy: undefined };
  const server = createServer(async (request, response) => {
    const { url = "/" } = request;
    const [pathname = "/"] = url.split("?", 1);
    pages.asked.push(url);
    if (pathname.startsWith(PROXY_PATH) && pages.proxy) return proxy(request, response, pages.proxy);
    const [prefix, base] = folders.find(([prefix]) => pathname.startsWith(prefix)) ?? ["/", ""];
    const path = join(base, normalize(`/${pathname.slice(prefix.length) || "index.html"}`));
    await pages.before.get(pathname)?.(response);
    if (response.writableEnded || response.destroyed) return;
    try {
      const body = await readFile(path);
      // A page that loads forty modules anew would take longer than most tests.
      const caching = cached.includes(extname(path)) ? { "cache-control": "max-age=3600" } : {};
      const policy = pages.policy && extname(path) === ".html" ? { "content-security-policy": pages.policy } : {};
      response.writeHead(200, { "content-type": MEDIA_TYPES[extname(path)] ?? "application/octet-stream", ...caching, ...policy });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  const port = await listen(server);
  return Object.assign(pages, {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

/** Has the next request for a path fail. */
export function failNext(pages: PageServer, path: string): void {
  pages.before.set(path, (response) => {
    pages.before.delete(path);
    response.writeHead(503).end();
  });
}

/** Passes a request on, and the answer back as it comes. */
function proxy(request: IncomingMessage, response: ServerResponse, { target, headers }: NonNullable<PageServer["proxy"]>): void {
  const url = new URL(request.url?.slice(PROXY_PATH.length) ?? "", target);
  const { "content-type": contentType } = request.headers;
  const onward = passOn(url, { method: request.method, headers: { ...headers, "content-type": contentType } }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, { "content-type": answer.headers["content-type"] });
    answer.pipe(response);
  });
  response.on("close", () => onward.destroy());
  onward.on("error", () => response.destroy());
  request.pipe(onward);
}
