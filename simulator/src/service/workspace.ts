/** What a resource, or each project of it, remembers between requests. */

import { AgentStore } from "../foundry/agents.js";
import type { StoredResponse } from "../responses/stored-response.js";
import { Containers } from "./containers.js";
import type { Conversation } from "./conversations.js";
import type { StoredFile } from "./files.js";

/** Old responses make room beyond this number, as their pictures are large; Azure keeps them for 30 days. */
const MOST_RESPONSES = 200;

/** The memory of a resource or of a project. */
export class Workspace {
  readonly agents = new AgentStore();
  readonly responses = new Map<string, StoredResponse>();
  readonly conversations = new Map<string, Conversation>();
  readonly files = new Map<string, StoredFile>();
  readonly containers = new Containers();

  /** Keeps a response. */
  keep(response: StoredResponse): void {
    this.responses.set(response.id, response);
    const [oldest] = this.responses.values();
    if (this.responses.size > MOST_RESPONSES && oldest !== undefined) this.forget(oldest);
  }

  /** Forgets a response, and ends the work for it. */
  forget(response: StoredResponse): void {
    response.abandon();
    this.responses.delete(response.id);
  }
}

/** The memories of all: that of the resource, and those of the projects, which exist as soon as they are named. */
export class Workspaces {
  #resource = new Workspace();
  readonly #projects = new Map<string, Workspace>();

  /** The memory of the resource. */
  get resource(): Workspace {
    return this.#resource;
  }

  /** The memory of a project. */
  project(name: string): Workspace {
    const known = this.#projects.get(name);
    if (known !== undefined) return known;
    const project = new Workspace();
    this.#projects.set(name, project);
    return project;
  }

  /** Forgets everything, and ends the work in the background. */
  clear(): void {
    for (const { responses } of [this.#resource, ...this.#projects.values()]) {
      for (const response of responses.values()) response.abandon();
    }
    this.#resource = new Workspace();
    this.#projects.clear();
  }
}
