/** The server. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { errorAnswer, type Answer } from "./http/answer.js";
import { readBody } from "./http/body.js";
import { beginExchange, type Exchange } from "./http/exchange.js";
import { send } from "./http/send.js";
import type { PictureEntry, RequestEntry } from "./log.js";
import { resolveOptions, type SimulatorOptions } from "./options.js";
import { route } from "./router.js";
import { ScenarioError } from "./scenario/grammar.js";
import { AzureError } from "./service/azure-error.js";
import { createService, type Service } from "./service/service.js";

/** A running simulator. */
export interface Simulator {
  /** The address, such as `http://127.0.0.1:8787`: the endpoint to give to a client. */
  readonly url: string;
  /** The port on which it listens. */
  readonly port: number;
  /** Every request since the start or the last `reset`, preflights among them, in the order of arrival; no more than `logLimit`. */
  readonly requests: readonly RequestEntry[];
  /** Every picture that was sent whole and intact, in the order of sending. */
  readonly pictures: readonly PictureEntry[];
  /** The number of requests that are being worked on; 0 when nothing is left to do. */
  readonly activeRequests: number;
  /** The number of connections that clients hold open, idle ones among them. */
  openConnections(): Promise<number>;
  /** Clears the logs, forgets pictures, responses, conversations, files and agents, and counts `times` anew. */
  reset(): void;
  /** Closes every connection and stops. */
  close(): Promise<void>;
}

function answerToError(error: unknown): Answer {
  if (error instanceof AzureError) return errorAnswer(error);
  if (error instanceof ScenarioError) {
    return errorAnswer(AzureError.invalidRequest("simulator_scenario", error.message, null));
  }
  throw error;
}

async function respond(exchange: Exchange, service: Service): Promise<Answer> {
  await readBody(exchange, service.options.bodyLimitInBytes);
  return route(exchange, service);
}

async function answer(exchange: Exchange, service: Service): Promise<void> {
  try {
    const answer = await respond(exchange, service).catch(answerToError);
    exchange.entry.scenario = Object.keys(exchange.scenario);
    await send(exchange, answer);
  } catch (error) {
    // Whatever a departed client's request ends in is of no interest.
    if (exchange.signal.aborted) return;
    console.error(error);
    exchange.brokenOff = true;
    exchange.response.destroy();
  }
}

async function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  server.listen(port, host);
  await once(server, "listening");
  return server.address() as AddressInfo;
}

/** Starts a simulator. Rejects if the port is taken or an option makes no sense. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const resolved = resolveOptions(options);
  const service = createService(resolved);
  let activeRequests = 0;
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    activeRequests++;
    await answer(beginExchange(request, response, service.log), service);
    activeRequests--;
  });
  const { port, address, family } = await listen(server, resolved.port, resolved.host);
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    port,
    requests: service.log.requests,
    pictures: service.log.pictures,
    get activeRequests() {
      return activeRequests;
    },
    openConnections() {
      return new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
      });
    },
    reset() {
      service.log.clear();
      service.store.clear();
      service.attempts.clear();
      service.workspaces.clear();
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      service.workspaces.clear();
      await closed;
    },
  };
}
