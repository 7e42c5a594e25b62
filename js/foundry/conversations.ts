import type { EngineClient } from "../core/engine.js";
import { deleted, manage, snapshot, text } from "./resource.js";
import type { OperationOptions } from "../core/types.js";
import { makeProxySafe, rememberSelf } from "../core/proxy-safe.js";
import { isSet, jsonText, read, type Members } from "../core/snapshot.js";
import { fromWire, toWire } from "./wire.js";

/** What a conversation begins with. */
export interface NewConversation {
  /** At most 16 pairs; names of at most 64 characters, values of at most 512, by Azure's rule. */
  metadata?: Record<string, string>;
  /** What was said before, as Azure writes it, such as `{ type: "message", role: "user", content: "Draw a lake" }`. */
  items?: Record<string, unknown>[];
  [member: string]: unknown;
}

/** A conversation, in which each response knows the ones before. */
export interface Conversation {
  /** Names it, for {@link ResponseRequest.conversation}. */
  id: string;
  /** When it was created. */
  createdOn: Date;
  /** What {@link NewConversation.metadata} was. */
  metadata?: Record<string, string> | null;
  /** The service's name for the request, where the browser may read it. */
  requestId?: string;
  /** What else the service says, its names in camelCase. */
  [member: string]: unknown;
}

/** The conversations of a resource or of a Foundry project. Each call rejects with an `AzureImageError`; none costs. */
export class Conversations {
  readonly #engine: EngineClient;

  /** @internal */
  constructor(engine: EngineClient) {
    rememberSelf(this);
    this.#engine = engine;
  }

  /** Begins a conversation. */
  create(conversation: NewConversation = {}, options: OperationOptions = {}): Promise<Conversation> {
    const order = () => {
      const body = toWire(snapshot(conversation, "conversation"));
      const { metadata } = body;
      return {
        operation: "createConversation",
        body: read("conversation", () => jsonText(body, "conversation")),
        ...(isSet(metadata) && { metadata: read("metadata", () => jsonText(metadata, "metadata")) }),
      };
    };
    return manage(this.#engine, options, order, conversationOf);
  }

  /** A conversation, without what was said. */
  get(id: string, options: OperationOptions = {}): Promise<Conversation> {
    return manage(this.#engine, options, () => ({ operation: "getConversation", id: text(id, "id") }), conversationOf);
  }

  /** Deletes a conversation. Its responses stay. */
  delete(id: string, options: OperationOptions = {}): Promise<void> {
    return manage(this.#engine, options, () => ({ operation: "deleteConversation", id: text(id, "id") }), deleted);
  }
}

makeProxySafe(Conversations.prototype, "Conversations");

function conversationOf(document: Members): Conversation {
  return fromWire(document) as Conversation;
}
