import type { EngineClient } from "../core/engine.js";
import { invalidRequest } from "../core/error.js";
import { deleted, manage, text } from "./resource.js";
import type { OperationOptions } from "../core/types.js";
import { list, type ListOptions, type PagedList } from "./paging.js";
import { makeProxySafe, rememberSelf } from "../core/proxy-safe.js";
import { agentListNames } from "../core/members.js";
import type { ImageGenToolOptions } from "../responses/request.js";
import { isObject, isSet, jsonText, read, type Members } from "../core/snapshot.js";
import { fromWire, toWire } from "./wire.js";

/**
 * The tool with which an agent draws. The image model itself is named by each response (`imageDeployment`), and decides which of
 * these values there are.
 */
export interface ImageGenTool extends Omit<ImageGenToolOptions, "inputImageMask" | "extra"> {
  /** Which tool it is. */
  type: "image_generation";
  /** A PNG; where it is transparent, the first picture of the input may change. */
  inputImageMask?: {
    /** `data:image/png;base64,…` */
    imageUrl?: string;
    /** The id of an uploaded file. Azure may refuse it. */
    fileId?: string;
  };
  [option: string]: unknown;
}

/**
 * What an agent is. Members that are not listed are sent too; the names of all of them, and of the options of an image tool, may be
 * written in camelCase or as Azure writes them. What is in other tools and members is sent as it is.
 */
export interface AgentDefinition {
  /** The deployment of a text model, such as one of gpt-4.1, which decides when to draw. */
  model: string;
  /** What the model is told before every conversation. */
  instructions?: string;
  /** What the model can use: the image tool, and others as Azure writes them. */
  tools?: (ImageGenTool | Record<string, unknown>)[];
  /** For people. */
  description?: string;
  /** At most 16 pairs; names of at most 64 characters, values of at most 512, by Azure's rule. */
  metadata?: Record<string, string>;
  /** How much chance there is in the words, 0 to 2. Not set: the model's own. */
  temperature?: number;
  /** How much of the likely words is considered, 0 to 1. Not set: 1. */
  topP?: number;
  /** Not set: `prompt`, which is an agent of a model and instructions. */
  kind?: "prompt" | (string & {});
  [member: string]: unknown;
}

/** A version of an agent. It never changes. */
export interface AgentVersion {
  /** The name of the agent, a colon and the version. */
  id: string;
  /** The name of the agent. */
  name: string;
  /** A number, but written as text. */
  version: string;
  /** When it was created. */
  createdOn: Date;
  /** For people. */
  description?: string;
  /** What {@link AgentDefinition.metadata} was. */
  metadata?: Record<string, string> | null;
  /** As the service writes it, in its own names. */
  definition: Record<string, unknown>;
  /** Whether it can be used. */
  status?: "creating" | "active" | "failed" | "deleting" | "deleted" | (string & {});
  /** The service's name for the request, where the browser may read it. */
  requestId?: string;
  /** What else the service says, its names in camelCase. */
  [member: string]: unknown;
}

/** An agent. */
export interface Agent {
  /** Names it for the service. */
  id: string;
  /** Its name, by which a response asks for it. */
  name: string;
  /** Its versions, of which the service shows one. */
  versions: {
    /** The newest, which is used where none is named. */
    latest: AgentVersion;
  };
  /** Whether it answers. */
  state?: "enabled" | "disabled" | (string & {});
  /** The service's name for the request, where the browser may read it. */
  requestId?: string;
  /** What else the service says, its names in camelCase. */
  [member: string]: unknown;
}

/** Settings of a list of agents. */
export interface AgentListOptions extends ListOptions {
  /** Only agents of this kind. Not set: of every kind. */
  kind?: "prompt" | "hosted" | "workflow" | (string & {});
}

/**
 * The agents of a Foundry project. Each call rejects with an `AzureImageError`; none costs. On other endpoints each is refused before
 * anything is sent.
 */
export class Agents {
  readonly #engine: EngineClient;

  /** @internal */
  constructor(engine: EngineClient) {
    rememberSelf(this);
    this.#engine = engine;
  }

  /**
   * Makes a version of an agent, and the agent if there is none of this name. Repeats a 409, which says that somebody else was making
   * one.
   *
   * @param name Letters from a to z, digits, and hyphens between them, at most 63 in all: Azure's rule.
   */
  createVersion(name: string, definition: AgentDefinition, options: OperationOptions = {}): Promise<AgentVersion> {
    const order = () => ({ operation: "createAgentVersion", id: text(name, "name"), body: definitionBody(definition) });
    return manage(this.#engine, options, order, agentVersion);
  }

  /** An agent, with its newest version. */
  get(name: string, options: OperationOptions = {}): Promise<Agent> {
    return manage(this.#engine, options, () => ({ operation: "getAgent", id: text(name, "name") }), agent);
  }

  /** All agents. Fetches a page when the loop needs it; each loop begins anew. */
  list(options: AgentListOptions = {}): PagedList<Agent> {
    return list(
      this.#engine,
      options,
      ({ kind }, query) => ({ operation: "listAgents", query: isSet(kind) ? [...query, ["kind", text(kind, "kind")]] : query }),
      agent,
      agentListNames,
    );
  }

  /** Deletes an agent with all its versions. */
  delete(name: string, options: OperationOptions = {}): Promise<void> {
    return manage(this.#engine, options, () => ({ operation: "deleteAgent", id: text(name, "name") }), deleted);
  }

  /** A version of an agent. */
  getVersion(name: string, version: string, options: OperationOptions = {}): Promise<AgentVersion> {
    return manage(this.#engine, options, () => ({ operation: "getAgentVersion", ...versionOf(name, version) }), agentVersion);
  }

  /** All versions of an agent. Fetches a page when the loop needs it; each loop begins anew. */
  listVersions(name: string, options: ListOptions = {}): PagedList<AgentVersion> {
    return list(this.#engine, options, (_, query) => ({ operation: "listAgentVersions", id: text(name, "name"), query }), agentVersion);
  }

  /** Deletes a version of an agent. */
  deleteVersion(name: string, version: string, options: OperationOptions = {}): Promise<void> {
    return manage(this.#engine, options, () => ({ operation: "deleteAgentVersion", ...versionOf(name, version) }), deleted);
  }
}

makeProxySafe(Agents.prototype, "Agents");

function versionOf(name: unknown, version: unknown): { id: string; version: string } {
  return { id: text(name, "name"), version: text(version, "version") };
}

/** What the engine makes the body of. */
function definitionBody(definition: unknown): string {
  if (!isObject(definition)) {
    throw invalidRequest("definition", 'definition must be an object, such as { model: "gpt-4.1", tools: [{ type: "image_generation" }] }.');
  }
  // As it will be sent, and refused where it cannot be, before anything of it is renamed.
  const body = toWire(JSON.parse(read("definition", () => jsonText(definition, "definition"))) as Members);
  const { tools } = body;
  return JSON.stringify(Array.isArray(tools) ? { ...body, tools: tools.map(toolBody) } : body);
}

function toolBody(tool: unknown): unknown {
  if (!isObject(tool) || tool["type"] !== "image_generation") return tool;
  const body = toWire(tool);
  const mask = body["input_image_mask"];
  return isObject(mask) ? { ...body, input_image_mask: toWire(mask) } : body;
}

function agentVersion(document: Members): AgentVersion {
  return fromWire(document) as AgentVersion;
}

function agent(document: Members): Agent {
  const { versions, ...rest } = fromWire(document);
  const isKnown = isObject(versions) && isObject(versions["latest"]);
  return { ...rest, versions: isKnown ? { ...versions, latest: fromWire(versions["latest"] as Members) } : versions } as Agent;
}
