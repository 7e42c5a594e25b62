// The tools that the model of this page plays. No code is run, and no server is called.

import { type Dialogue, type Item, report } from "./dialogue.js";
import { writeFile } from "./files.js";
import { newId } from "./id.js";

/** A tool as a request has it. */
export type ToolDefinition = Readonly<Record<string, unknown>> & { readonly type: string };

/** A call, and its effect on the response. */
export interface Played {
  readonly item: Item;
  /** The dialogue after it. */
  readonly dialogue: Dialogue;
  /** A sentence of the model about it, with its citations. */
  readonly text?: string;
  readonly annotations?: readonly Readonly<Record<string, unknown>>[];
}

/** A tool that the model can call. */
interface Player {
  /** Says whether a prompt suggests the tool. */
  isSuggested(prompt: string, tool: ToolDefinition): boolean;
  /** True if the page has to reply before the response continues. */
  readonly awaitsReply: boolean;
  play(dialogue: Dialogue, tool: ToolDefinition): Played;
}

/** The players by the types of their tools. */
export const PLAYERS: Readonly<Record<string, Player>> = {
  function: {
    isSuggested: (prompt, { name }) =>
      String(name)
        .split("_")
        .slice(1)
        .some((word) => new RegExp(`\\b${word}\\b`, "i").test(prompt)),
    awaitsReply: true,
    play(dialogue, { name }) {
      const callId = newId("call");
      const item = { id: newId("fc"), type: "function_call", status: "completed", call_id: callId, name, arguments: "{}" };
      return { item, dialogue: opened(dialogue, callId, item) };
    },
  },
  mcp: {
    isSuggested: (prompt, { server_label }) => prompt.toLowerCase().includes(String(server_label).toLowerCase()) || /\bsearch\b/i.test(prompt),
    awaitsReply: true,
    play(dialogue, { server_label }) {
      const id = newId("mcpr");
      const item = { id, type: "mcp_approval_request", server_label, name: "search", arguments: JSON.stringify({ query: dialogue.prompt }) };
      return { item, dialogue: opened(dialogue, id, item) };
    },
  },
  code_interpreter: {
    isSuggested: (prompt) => /\b(compute|calculate|python|code|csv)\b/i.test(prompt),
    awaitsReply: false,
    play(dialogue) {
      const container = newId("cntr");
      const file = writeFile(new Blob(["number,square\n1,1\n2,4\n3,9\n"], { type: "text/csv" }));
      const item = {
        id: newId("ci"),
        type: "code_interpreter_call",
        status: "completed",
        container_id: container,
        code: CODE,
        outputs: [{ type: "logs", logs: "[1, 4, 9]\n" }],
      };
      return {
        item,
        dialogue: report(dialogue, "code_interpreter", ""),
        text: "The code wrote squares.csv.",
        annotations: [{ type: "container_file_citation", container_id: container, file_id: file, filename: "squares.csv" }],
      };
    },
  },
  web_search: {
    isSuggested: (prompt) => /\b(web|internet|online|news|latest)\b/i.test(prompt),
    awaitsReply: false,
    play: (dialogue) => ({
      item: { id: newId("ws"), type: "web_search_call", status: "completed", action: { type: "search", query: dialogue.prompt } },
      dialogue: report(dialogue, "web_search", ""),
      text: "The web says more.",
      annotations: [{ type: "url_citation", url: "https://example.com/", title: "Example Domain" }],
    }),
  },
};

const CODE = `import csv

squares = [number * number for number in [1, 2, 3]]
with open("/mnt/data/squares.csv", "w", newline="") as file:
    csv.writer(file).writerows([("number", "square"), *zip([1, 2, 3], squares)])
print(squares)
`;

/** Plays a call that the user has approved. */
export function playApproved(dialogue: Dialogue, { id, server_label, name, arguments: written }: Item): Played {
  const output = `This page calls no server. Here ${String(server_label)} would answer.`;
  return {
    item: { id: newId("mcp"), type: "mcp_call", status: "completed", approval_request_id: id, server_label, name, arguments: written, output },
    dialogue: report(dialogue, "mcp", output),
  };
}

function opened(dialogue: Dialogue, id: string, item: Item): Dialogue {
  return { ...dialogue, open: new Map([...dialogue.open, [id, item]]) };
}
