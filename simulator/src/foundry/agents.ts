/** The agents of a project, with their versions. */

import type { JsonObject } from "../scenario/alterations.js";
import { foundryError } from "../service/foundry-error.js";
import { secondsNow } from "../service/ids.js";

/** What a version is made from. */
export interface AgentDraft {
  readonly definition: JsonObject;
  readonly description: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A version of an agent. */
export interface AgentVersion extends AgentDraft {
  readonly name: string;
  /** A number, but written as text. */
  readonly version: string;
  readonly createdAt: number;
}

/** An agent. */
export interface Agent {
  readonly name: string;
  /** The oldest first; never empty. */
  readonly versions: readonly AgentVersion[];
}

/** The newest version of an agent. */
export function latest({ name, versions }: Agent): AgentVersion {
  const version = versions.at(-1);
  if (version === undefined) throw agentNotFound(name);
  return version;
}

/** The refusal of an agent, or of a version of it, that is not there. */
function agentNotFound(name: string, version?: string): Error {
  const what = version === undefined ? `Agent ${name}` : `Agent ${name} with version ${version}`;
  return foundryError(404, "not_found", `${what} not found.`, null);
}

/** The agents of a project. */
export class AgentStore {
  readonly #agents = new Map<string, Agent>();
  /** The numbers go on after versions, or the agent itself, were deleted. */
  readonly #lastNumbers = new Map<string, number>();

  /** Every agent, the oldest first. */
  all(): readonly Agent[] {
    return [...this.#agents.values()];
  }

  /** Whether there is an agent of this name. */
  has(name: string): boolean {
    return this.#agents.has(name);
  }

  /** The agent of this name, or the refusal of one that is not there. */
  get(name: string): Agent {
    const agent = this.#agents.get(name);
    if (agent === undefined) throw agentNotFound(name);
    return agent;
  }

  /** A version of an agent, the newest if none is given, or the refusal of one that is not there. */
  getVersion(name: string, version: string | undefined): AgentVersion {
    const agent = this.get(name);
    if (version === undefined) return latest(agent);
    const found = agent.versions.find((each) => each.version === version);
    if (found === undefined) throw agentNotFound(name, version);
    return found;
  }

  /** Adds a version, and the agent if there is none of this name. */
  addVersion(name: string, draft: AgentDraft): AgentVersion {
    const number = (this.#lastNumbers.get(name) ?? 0) + 1;
    const version = { ...draft, name, version: String(number), createdAt: secondsNow() };
    this.#lastNumbers.set(name, number);
    this.#agents.set(name, { name, versions: [...(this.#agents.get(name)?.versions ?? []), version] });
    return version;
  }

  /** Deletes an agent with all its versions. */
  delete(name: string): void {
    this.get(name);
    this.#agents.delete(name);
  }

  /** Deletes a version; an agent goes with its last one. */
  deleteVersion(name: string, version: string): void {
    this.getVersion(name, version);
    const versions = this.get(name).versions.filter((each) => each.version !== version);
    if (versions.length === 0) this.#agents.delete(name);
    else this.#agents.set(name, { name, versions });
  }
}
