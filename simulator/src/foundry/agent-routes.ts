/** The routes of the agents of a project. */

import { isDeepStrictEqual } from "node:util";
import type { Answer } from "../http/answer.js";
import type { Exchange } from "../http/exchange.js";
import type { JsonObject } from "../scenario/alterations.js";
import { readPrompt } from "../scenario/grammar.js";
import { substituteAnswer } from "../scenario/substitute.js";
import { AzureError } from "../service/azure-error.js";
import { jsonAnswer } from "../service/json-answer.js";
import { readJsonObject } from "../service/json-object.js";
import { page } from "../service/paging.js";
import type { Service } from "../service/service.js";
import { agentDocument, versionDocument } from "./agent-documents.js";
import { checkAgentName, readAgentDraft } from "./agent-draft.js";
import { latest, type AgentStore } from "./agents.js";

const NO_BODY: JsonObject = {};

/** What the routes of the agents work on. */
interface AgentExchange {
  readonly exchange: Exchange;
  readonly service: Service;
  readonly agents: AgentStore;
  /** The body of a request that has one. */
  readonly body: JsonObject;
}

function list({ agents, exchange }: AgentExchange): Answer {
  const { data, ...ends } = page(agents.all(), exchange.entry.query, ({ name }) => name);
  return jsonAnswer({ ...ends, data: data.map(agentDocument) });
}

function create({ agents, body }: AgentExchange): Answer {
  const name = checkAgentName(body["name"]);
  const draft = readAgentDraft(body);
  if (agents.has(name)) throw AzureError.sample("409-conflict");
  agents.addVersion(name, draft);
  return jsonAnswer(agentDocument(agents.get(name)));
}

function update({ agents, body }: AgentExchange, name: string): Answer {
  const { definition, description, metadata } = latest(agents.get(name));
  const draft = readAgentDraft(body);
  if (!isDeepStrictEqual(draft, { definition, description, metadata })) agents.addVersion(name, draft);
  return jsonAnswer(agentDocument(agents.get(name)));
}

function remove({ agents }: AgentExchange, name: string): Answer {
  agents.delete(name);
  return jsonAnswer({ object: "agent.deleted", name, deleted: true });
}

function createVersion({ agents, body }: AgentExchange, name: string): Answer {
  checkAgentName(name);
  return jsonAnswer(versionDocument(agents.addVersion(name, readAgentDraft(body))));
}

function listVersions({ agents, exchange }: AgentExchange, name: string): Answer {
  const { versions } = agents.get(name);
  const { data, ...ends } = page(versions, exchange.entry.query, ({ version }) => `${name}:${version}`);
  return jsonAnswer({ ...ends, data: data.map(versionDocument) });
}

function removeVersion({ agents }: AgentExchange, name: string, version: string): Answer {
  agents.deleteVersion(name, version);
  return jsonAnswer({ object: "agent.version.deleted", name, version, deleted: true });
}

/** The handler of a method and the segments behind `/agents`. */
function handler(method: string, [name, versions, version, ...rest]: readonly string[]): ((agent: AgentExchange) => Answer) | undefined {
  if (rest.length > 0 || (versions !== undefined && versions !== "versions")) return undefined;
  if (name === undefined) return { GET: list, POST: create }[method];
  if (versions === undefined) {
    return {
      GET: ({ agents }: AgentExchange) => jsonAnswer(agentDocument(agents.get(name))),
      POST: (agent: AgentExchange) => update(agent, name),
      DELETE: (agent: AgentExchange) => remove(agent, name),
    }[method];
  }
  if (version === undefined) {
    return {
      GET: (agent: AgentExchange) => listVersions(agent, name),
      POST: (agent: AgentExchange) => createVersion(agent, name),
    }[method];
  }
  return {
    GET: ({ agents }: AgentExchange) => jsonAnswer(versionDocument(agents.getVersion(name, version))),
    DELETE: (agent: AgentExchange) => removeVersion(agent, name, version),
  }[method];
}

/** Answers a request about agents; the description of an agent may hold scenario words. */
export function routeAgents(exchange: Exchange, service: Service, agents: AgentStore, segments: readonly string[]): Answer {
  const { method } = exchange.entry;
  const handle = handler(method, segments);
  if (handle === undefined) throw AzureError.sample("404-resource-not-found");
  if (method !== "POST") return handle({ exchange, service, agents, body: NO_BODY });

  const body = readJsonObject(exchange);
  const text = body["description"];
  const { prompt, scenario } = readPrompt(typeof text === "string" ? text : "");
  exchange.scenario = service.attempts.limit({ ...service.scenario, ...scenario }, `agent ${segments[0] ?? String(body["name"])}`, prompt);
  return substituteAnswer(exchange) ?? handle({ exchange, service, agents, body });
}
