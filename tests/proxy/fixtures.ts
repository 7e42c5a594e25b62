// A proxy in front of the simulator, or of a service that a test controls.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { test as base } from "@playwright/test";
import { createProxy, toNodeHandler, type NodeRequest, type ProxyOptions, type ProxyRecord } from "azure-image-client/proxy";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { listen } from "../ports.js";

export const KEY = "a-key-that-no-browser-may-see";
export const JSON_TYPE = { "content-type": "application/json" };
/** The header of a page of the proxy's own origin. */
export const SAME_ORIGIN = { "sec-fetch-site": "same-origin" };

export type Options = Partial<ProxyOptions<NodeRequest>>;

/** A running proxy. */
export interface RunningProxy {
  origin: string;
  /** The records of its log. */
  records: ProxyRecord[];
  /** Sends a request as a page of its origin. */
  send(path: string, init?: RequestInit): Promise<Response>;
  /** Sends JSON. */
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
}

/** A service in place of Azure. */
export interface Service {
  url: string;
  /** The requests whose body arrived whole. */
  complete: IncomingMessage[];
}

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

export const GENERATIONS = "/openai/v1/images/generations?api-version=preview";
export const EDITS = "/openai/v1/images/edits?api-version=preview";
export const RESPONSES = "/openai/v1/responses?api-version=preview";

export const test = base.extend<{
  simulator: Simulator;
  /** Starts a proxy; by default in front of the simulator, for anyone, with the key of the simulator. */
  startProxy(options?: Options): Promise<RunningProxy>;
  /** Starts a service that answers so. */
  startService(answer: Answer): Promise<Service>;
  /** Closes a server with the test. */
  closing(server: { close(): unknown; closeAllConnections(): unknown }): void;
}>({
  closing: async ({}, use) => {
    const servers: { close(): unknown; closeAllConnections(): unknown }[] = [];
    await use((server) => void servers.push(server));
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  },
  simulator: async ({}, use) => {
    const simulator = await startSimulator({ apiKey: KEY });
    await use(simulator);
    await simulator.close();
  },
  startProxy: async ({ simulator, closing }, use) => {
    await use(async (options = {}) => {
      const records: ProxyRecord[] = [];
      const defaults = { endpoint: simulator.url, credential: { key: KEY }, authorize: "anyone" as const };
      const log = (record: ProxyRecord) => records.push(record);
      const server = createServer(toNodeHandler(createProxy<NodeRequest>({ ...defaults, log, ...options })));
      closing(server);
      const origin = `http://127.0.0.1:${await listen(server)}`;
      const { basePath = "/api/azure" } = options;
      const send = (path: string, init: RequestInit = {}) =>
        fetch(origin + basePath + path, { ...init, headers: { ...SAME_ORIGIN, ...init.headers } });
      const post = (path: string, body: unknown, init: RequestInit = {}) =>
        send(path, { method: "POST", body: JSON.stringify(body), ...init, headers: { ...JSON_TYPE, ...init.headers } });
      return { origin, records, send, post };
    });
  },
  startService: async ({ closing }, use) => {
    await use(async (answer) => {
      const complete: IncomingMessage[] = [];
      const server = createServer((request, response) => {
        request.on("end", () => complete.push(request)).on("error", () => {});
        return answer(request, response);
      });
      closing(server);
      return { url: `http://127.0.0.1:${await listen(server)}`, complete };
    });
  },
});

/** The error of a response. */
export async function errorOf(response: Response): Promise<{ status: number; code: string; message: string; param?: string }> {
  const { error } = (await response.json()) as { error: { code: string; message: string; param?: string } };
  return { status: response.status, ...error };
}

/** Sends bytes, and returns everything that comes back until the connection ends. `isCut`: nothing more follows. */
export async function sendRaw(origin: string, bytes: string | Buffer, isCut = false): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  let received = "";
  socket.on("data", (chunk) => (received += chunk.toString("latin1"))).on("error", () => {});
  socket.write(bytes);
  if (isCut) socket.end();
  await once(socket, "close");
  return received;
}
