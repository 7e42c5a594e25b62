// A model that knows a few words. It selects the tools and writes the message.

import type { Dialogue } from "./dialogue.js";
import { PLAYERS, type Played, playApproved, type ToolDefinition } from "./tools.js";

/** The calls of a response, and its image and message after them. */
export interface Plan {
  readonly played: readonly Played[];
  /** The dialogue after the calls. */
  readonly dialogue: Dialogue;
  /** The options of the image generation tool, if it is called. */
  readonly image: ToolDefinition | undefined;
  /** The message at the end. Undefined while a call waits for a reply. */
  readonly message: { readonly text: string; readonly annotations: readonly object[] } | undefined;
}

/** Plans a response. */
export function plan(heard: Dialogue, tools: readonly ToolDefinition[]): Plan {
  const played: Played[] = [];
  let dialogue: Dialogue = { ...heard, approved: [] };
  const play = (call: Played) => {
    played.push(call);
    dialogue = call.dialogue;
  };
  for (const item of heard.approved) play(playApproved(dialogue, item));
  const suggested = tools.filter((tool) => !dialogue.reports.has(tool.type) && PLAYERS[tool.type]?.isSuggested(dialogue.prompt, tool));
  const awaited = suggested.filter(({ type }) => PLAYERS[type]?.awaitsReply);
  for (const tool of awaited.length > 0 ? awaited : suggested) {
    const call = PLAYERS[tool.type]?.play(dialogue, tool);
    if (call) play(call);
  }
  if (awaited.length > 0) return { played, dialogue, image: undefined, message: undefined };
  const image = DRAWS.test(dialogue.prompt) || dialogue.reports.size === 0 ? tools.find(({ type }) => type === "image_generation") : undefined;
  return { played, dialogue, image, message: message(played, dialogue, image !== undefined) };
}

const DRAWS = /\b(draw|paint|sketch|edit|picture|image)\b/i;

function message(played: readonly Played[], { reports }: Dialogue, isDrawn: boolean): Plan["message"] {
  const replies = ["function", "mcp"].flatMap((type) => reports.get(type) ?? []);
  const said = [
    ...replies.map((reply) => (reply.startsWith("{") ? "I know the colors of this page now." : reply)),
    ...played.flatMap(({ text }) => text ?? []),
    ...(isDrawn ? ["Here is your picture."] : []),
  ];
  return { text: said.join(" ") || "Tell me what to draw.", annotations: played.flatMap(({ annotations }) => annotations ?? []) };
}
