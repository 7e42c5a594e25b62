/** What was said before a response: in a chain of responses, or in a conversation. */

import type { FormFile } from "../http/form.js";
import { withoutPictures } from "./answers.js";
import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import type { Conversation } from "../service/conversations.js";
import type { Workspace } from "../service/workspace.js";
import { newDialogue, type Dialogue } from "./dialogue.js";
import type { ResponseRequest } from "./request.js";
import type { StoredResponse } from "./stored-response.js";

/** What goes before a response. */
export interface Context {
  readonly lastPicture: FormFile | undefined;
  readonly dialogue: Dialogue;
  /** Adds what a response says to the conversation, if there is one. */
  add(response: StoredResponse): void;
}

async function addTo(conversation: Conversation, response: StoredResponse): Promise<void> {
  conversation.items.push(...response.plan.input.items);
  const { final } = await response.log();
  conversation.items.push(...(withoutPictures(final)["output"] as JsonObject[]));
  conversation.lastPicture = await response.lastPicture();
  conversation.dialogue = await response.dialogue();
}

/** The refusal of a conversation that is not there. */
export function conversationNotFound(id: string): AzureError {
  return new AzureError({
    status: 404,
    body: { error: { message: `Conversation with id '${id}' not found.`, type: "invalid_request_error", param: "conversation", code: null } },
  });
}

/** Finds what goes before a response, or throws the refusal of what is not there. */
export async function findContext(
  { previousResponseId, conversationId }: ResponseRequest,
  { responses, conversations }: Workspace,
): Promise<Context> {
  if (conversationId !== undefined) {
    const conversation = conversations.get(conversationId);
    if (conversation === undefined) throw conversationNotFound(conversationId);
    return {
      lastPicture: conversation.lastPicture,
      dialogue: conversation.dialogue,
      add(response) {
        // A response that is cancelled leaves nothing behind.
        addTo(conversation, response).catch(() => {});
      },
    };
  }
  const previous = previousResponseId === undefined ? undefined : responses.get(previousResponseId);
  if (previousResponseId !== undefined && previous === undefined) {
    throw AzureError.invalidRequest(
      "previous_response_not_found",
      `Previous response with id '${previousResponseId}' not found.`,
      "previous_response_id",
    );
  }
  return { lastPicture: await previous?.lastPicture(), dialogue: (await previous?.dialogue()) ?? newDialogue, add() {} };
}
