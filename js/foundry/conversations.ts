import type { EngineClient } from "../core/engine.js";
import type { OperationOptions } from "../core/types.js";
import { makeProxySafe, rememberSelf } from "../core/proxy-safe.js";
import { manage } from "./resource.js";

/** A conversation to create. */
export interface NewConversation {
  /** Up to 16 pairs, with names of up to 64 and values of up to 512 characters (Azure's limits). */
  metadata?: Record<string, string>;
  /** Earlier items, in Azure's form, such as `{ type: "message", role: "user", content: "Draw a lake" }`. */
  items?: Record<string, unknown>[];
  [member: string]: unknown;
}

/** A conversation. Each response knows the earlier ones. */
export interface Conversation {
  /** The id, for {@link ResponseRequest.conversation}. */
  id: string;
  /** When it was created. */
  createdOn: Date;
  /** The metadata of {@link NewConversation.metadata}. */
  metadata?: Record<string, string> | null;
  /** The service's id of the request, if the browser may read it. */
  requestId?: string;
  /** Other properties of the service, in camelCase. */
  [member: string]: unknown;
}

/** The conversations of a resource or a Foundry project. Calls reject with an `AzureImageError` and are free. */
export class Conversations {
  readonly #engine: EngineClient;

  /** @internal */
  constructor(engine: EngineClient) {
    rememberSelf(this);
    this.#engine = engine;
  }

  /** Creates a conversation. */
  create(conversation: NewConversation = {}, options: OperationOptions = {}): Promise<Conversation> {
    return manage(this.#engine, "createConversation", { conversation }, options);
  }

  /** Returns a conversation, without its items. */
  get(id: string, options: OperationOptions = {}): Promise<Conversation> {
    return manage(this.#engine, "getConversation", { id }, options);
  }

  /** Deletes a conversation. Its responses stay. */
  delete(id: string, options: OperationOptions = {}): Promise<void> {
    return manage(this.#engine, "deleteConversation", { id }, options);
  }
}

makeProxySafe(Conversations.prototype, "Conversations");
