/** The routes of conversations. */

import type { Answer } from "../http/answer.js";
import type { JsonObject } from "../scenario/alterations.js";
import { conversationDocument, newConversation } from "../service/conversations.js";
import { jsonAnswer } from "../service/json-answer.js";
import { readJsonObject } from "../service/json-object.js";
import { checkMetadata } from "../service/metadata.js";
import { page } from "../service/paging.js";
import { checkParameters } from "../service/validation.js";
import { conversationNotFound } from "./context.js";
import { readInput } from "./input.js";
import { pictureSources } from "./picture-sources.js";
import type { ResponseRoute } from "./route.js";

/** Begins a conversation. */
export async function createConversation(route: ResponseRoute): Promise<Answer> {
  const { exchange, workspace } = route;
  // A client may begin one without saying anything, and without a body.
  const body = exchange.entry.body === undefined ? {} : readJsonObject(exchange);
  const { items = [], metadata } = checkParameters(body, { items: { kind: "anything" }, metadata: { kind: "object" } });
  const input = await readInput(items, pictureSources(route));
  const conversation = newConversation(input, checkMetadata(metadata));
  workspace.conversations.set(conversation.id, conversation);
  return jsonAnswer(conversationDocument(conversation));
}

/** Answers with a conversation. */
export function getConversation({ workspace }: ResponseRoute, id: string): Answer {
  const conversation = workspace.conversations.get(id);
  if (conversation === undefined) throw conversationNotFound(id);
  return jsonAnswer(conversationDocument(conversation));
}

/** Lists what was said in a conversation, without the bytes of pictures. */
export function listConversationItems({ workspace, exchange }: ResponseRoute, id: string): Answer {
  const conversation = workspace.conversations.get(id);
  if (conversation === undefined) throw conversationNotFound(id);
  return jsonAnswer(page<JsonObject>(conversation.items, exchange.entry.query, (item) => String(item["id"])));
}

/** Deletes a conversation; its responses stay. */
export function deleteConversation({ workspace }: ResponseRoute, id: string): Answer {
  if (!workspace.conversations.delete(id)) throw conversationNotFound(id);
  return jsonAnswer({ id, object: "conversation.deleted", deleted: true });
}
