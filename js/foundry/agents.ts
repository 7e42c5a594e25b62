import type { EngineClient } from "../core/engine.js";
import type { OperationOptions } from "../core/types.js";
import { list, type ListOptions, type PagedList } from "./paging.js";
import { makeProxySafe, rememberSelf } from "../core/proxy-safe.js";
import { manage } from "./resource.js";
import type { ImageGenToolOptions } from "../responses/request.js";
import type { Tool } from "../responses/tools.js";

/**
 * The image generation tool of an agent. Each response names the image model (`imageDeployment`), which decides which of these values
 * are valid.
 */
export interface ImageGenTool extends Omit<ImageGenToolOptions, "inputImageMask" | "extra"> {
  /** The type of the tool. */
  type: "image_generation";
  /** A PNG. Its transparent pixels mark the area of the first input image that may change. */
  inputImageMask?: {
    /** `data:image/png;base64,…` */
    imageUrl?: string;
    /** The id of an uploaded file. Azure may refuse it. */
    fileId?: string;
  };
  [option: string]: unknown;
}

/**
 * The definition of an agent. Other properties are sent too. Their names, and the names in tools of known types, can be in camelCase or in
 * Azure's spelling. Tools of other types, and the contents of other properties, are sent unchanged.
 */
export interface AgentDefinition {
  /** The deployment of a text model, such as one of gpt-5.5, which decides when to generate images. */
  model: string;
  /** The instructions for the model. */
  instructions?: string;
  /** The tools: the image generation tool and others. */
  tools?: (ImageGenTool | Tool)[];
  /** A description for people. */
  description?: string;
  /** Up to 16 pairs, with names of up to 64 and values of up to 512 characters (Azure's limits). */
  metadata?: Record<string, string>;
  /** Sampling temperature, 0 to 2. Default: that of the model. */
  temperature?: number;
  /** Nucleus sampling: the probability mass of the considered tokens, 0 to 1. Default: 1. */
  topP?: number;
  /** Default: `prompt`, an agent with a model and instructions. */
  kind?: "prompt" | (string & {});
  [member: string]: unknown;
}

/** A version of an agent. It never changes. */
export interface AgentVersion {
  /** The name of the agent, a colon and the version. */
  id: string;
  /** The name of the agent. */
  name: string;
  /** A number as a string. */
  version: string;
  /** When it was created. */
  createdOn: Date;
  /** A description for people. */
  description?: string;
  /** The metadata of {@link AgentDefinition.metadata}. */
  metadata?: Record<string, string> | null;
  /** The definition in the service's spelling. */
  definition: Record<string, unknown>;
  /** The status of the version. */
  status?: "creating" | "active" | "failed" | "deleting" | "deleted" | (string & {});
  /** The service's id of the request, if the browser may read it. */
  requestId?: string;
  /** Other properties of the service, in camelCase. */
  [member: string]: unknown;
}

/** An agent. */
export interface Agent {
  /** The id of the agent. */
  id: string;
  /** The name, which responses refer to. */
  name: string;
  /** The versions. The service returns only one. */
  versions: {
    /** The latest version, which is the default. */
    latest: AgentVersion;
  };
  /** Says if the agent answers. */
  state?: "enabled" | "disabled" | (string & {});
  /** The service's id of the request, if the browser may read it. */
  requestId?: string;
  /** Other properties of the service, in camelCase. */
  [member: string]: unknown;
}

/** Options of a list of agents. */
export interface AgentListOptions extends ListOptions {
  /** Only agents of this kind. Default: all kinds. */
  kind?: "prompt" | "hosted" | "workflow" | (string & {});
}

/**
 * The agents of a Foundry project. Calls reject with an `AzureImageError` and are free. On other endpoints they are refused before
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
   * Creates a version of an agent, and the agent if it does not exist. Retries a 409, which means that another request was creating one.
   *
   * @param name Letters from a to z, digits, and hyphens in between, up to 63 characters (Azure's rule).
   */
  createVersion(name: string, definition: AgentDefinition, options: OperationOptions = {}): Promise<AgentVersion> {
    return manage(this.#engine, "createAgentVersion", { name, definition }, options);
  }

  /** Returns an agent with its latest version. */
  get(name: string, options: OperationOptions = {}): Promise<Agent> {
    return manage(this.#engine, "getAgent", { name }, options);
  }

  /** Lists all agents. Pages are fetched as needed; each loop starts over. */
  list(options: AgentListOptions = {}): PagedList<Agent> {
    return list(this.#engine, "listAgents", {}, options);
  }

  /** Deletes an agent with all its versions. */
  delete(name: string, options: OperationOptions = {}): Promise<void> {
    return manage(this.#engine, "deleteAgent", { name }, options);
  }

  /** Returns a version of an agent. */
  getVersion(name: string, version: string, options: OperationOptions = {}): Promise<AgentVersion> {
    return manage(this.#engine, "getAgentVersion", { name, version }, options);
  }

  /** Lists all versions of an agent. Pages are fetched as needed; each loop starts over. */
  listVersions(name: string, options: ListOptions = {}): PagedList<AgentVersion> {
    return list(this.#engine, "listAgentVersions", { name }, options);
  }

  /** Deletes a version of an agent. */
  deleteVersion(name: string, version: string, options: OperationOptions = {}): Promise<void> {
    return manage(this.#engine, "deleteAgentVersion", { name, version }, options);
  }
}

makeProxySafe(Agents.prototype, "Agents");
