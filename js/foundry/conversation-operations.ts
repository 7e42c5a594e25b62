import { isSet, own } from "../core/own.js";
import { jsonText, read } from "../core/snapshot.js";
import { snapshot, text } from "./checks.js";
import { DELETION, type Call, type Operation, type Order } from "./operation.js";
import { fromWire, toWire } from "./wire.js";

export const CONVERSATION_OPERATIONS = {
  createConversation: { order: created, result: fromWire },
  getConversation: { order: conversationOf, result: fromWire },
  deleteConversation: { order: conversationOf, ...DELETION },
} satisfies Record<string, Operation>;

function created({ parameters: { conversation } }: Call): Order {
  const body = own(toWire(snapshot(conversation, "conversation")));
  const { metadata } = body;
  return {
    body: read("conversation", () => jsonText(body, "conversation")),
    ...(isSet(metadata) && { metadata: read("metadata", () => jsonText(metadata, "metadata")) }),
  };
}

function conversationOf({ parameters: { id } }: Call): Order {
  return { id: text(id, "id") };
}
