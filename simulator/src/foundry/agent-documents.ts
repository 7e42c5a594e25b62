/** The JSON of agents and of their versions. */

import { latest, type Agent, type AgentVersion } from "./agents.js";

/** The JSON of a version. */
export function versionDocument({ name, version, createdAt, definition, description, metadata }: AgentVersion): object {
  return {
    metadata,
    object: "agent.version",
    id: `${name}:${version}`,
    name,
    version,
    description: description ?? "",
    created_at: createdAt,
    definition,
    status: "active",
  };
}

/** The JSON of an agent. */
export function agentDocument(agent: Agent): object {
  return {
    object: "agent",
    id: agent.name,
    name: agent.name,
    state: "enabled",
    configuration_state: "enabled",
    versions: { latest: versionDocument(latest(agent)) },
  };
}
