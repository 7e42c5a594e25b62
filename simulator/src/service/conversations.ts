/** Conversations: what was said, and the picture that an edit goes on from. */

import type { FormFile } from "../http/form.js";
import { follow, newDialogue, type Dialogue } from "../responses/dialogue.js";
import type { ResponseInput } from "../responses/input.js";
import type { JsonObject } from "../scenario/alterations.js";
import { newId, secondsNow } from "./ids.js";

/** A conversation. */
export interface Conversation {
  readonly id: string;
  readonly createdAt: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** What was said, the oldest first. */
  readonly items: JsonObject[];
  /** The picture that was made or shown last. */
  lastPicture: FormFile | undefined;
  dialogue: Dialogue;
}

/** Begins a conversation. */
export function newConversation({ items, read, pictures }: ResponseInput, metadata: Readonly<Record<string, string>>): Conversation {
  return {
    id: newId("conv_"),
    createdAt: secondsNow(),
    metadata,
    items: [...items],
    lastPicture: pictures.at(-1),
    dialogue: follow(newDialogue, read),
  };
}

/** The JSON of a conversation. */
export function conversationDocument({ id, createdAt, metadata }: Conversation): object {
  return { id, object: "conversation", created_at: createdAt, metadata };
}
