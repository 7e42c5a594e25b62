import { invalidRequest } from "../core/error.js";
import type { Names } from "../core/members.js";
import { isSet, member, own } from "../core/own.js";
import { isObject, jsonText, read, stringify, type Members } from "../core/snapshot.js";
import type { Agent, AgentListOptions, AgentVersion } from "./agents.js";
import { text } from "./checks.js";
import { DELETION, type Call, type Operation, type Order } from "./operation.js";
import { listing, listNames } from "./page.js";
import { fromWire, toWire } from "./wire.js";

const agentListNames: Names<AgentListOptions> = { ...listNames, kind: 1 };

export const AGENT_OPERATIONS = {
  createAgentVersion: {
    order: ({ parameters: { name, definition } }) => ({ id: text(name, "name"), body: definitionBody(definition) }),
    result: agentVersion,
  },
  getAgent: { order: agentOf, result: agent },
  listAgents: listing(agent, agentListNames, ({ options: { kind } }) => (isSet(kind) ? { query: [["kind", text(kind, "kind")]] } : {})),
  deleteAgent: { order: agentOf, ...DELETION },
  getAgentVersion: { order: versionOf, result: agentVersion },
  listAgentVersions: listing(agentVersion, listNames, agentOf),
  deleteAgentVersion: { order: versionOf, ...DELETION },
} satisfies Record<string, Operation>;

function agentOf({ parameters: { name } }: Call): Order {
  return { id: text(name, "name") };
}

function versionOf({ parameters: { name, version } }: Call): Order {
  return { id: text(name, "name"), version: text(version, "version") };
}

/** The JSON string that the engine turns into the body. */
function definitionBody(definition: unknown): string {
  if (!isObject(definition)) {
    throw invalidRequest("definition", 'definition must be an object, such as { model: "gpt-5.5", tools: [{ type: "image_generation" }] }.');
  }
  // Parses the JSON that would be sent, so that it is refused before any property is renamed.
  return stringify(toWire(JSON.parse(read("definition", () => jsonText(definition, "definition"))) as Members));
}

function agentVersion(document: Members): AgentVersion {
  return fromWire(document) as AgentVersion;
}

function agent(document: Members): Agent {
  const { versions, ...rest } = own(fromWire(document));
  const latest = member(versions, "latest");
  return { ...rest, versions: isObject(versions) && isObject(latest) ? { ...versions, latest: fromWire(latest) } : versions } as Agent;
}
