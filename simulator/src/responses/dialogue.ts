/** Follows a dialogue item by item: the calls that await a reply, and the tool reports of the current turn. */

import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import { toolKey } from "../tools/tool-key.js";
import { textOf } from "./content.js";
import type { InputItem } from "./input.js";

/** The report of a tool. */
export interface Report {
  /** The key of the tool. */
  readonly tool: string;
  /** The reported text; empty if there is none. */
  readonly text: string;
  /** The sentence with which the model repeats it. */
  readonly sentence: string;
}

/** A turn: the last user message and the tool reports that followed. */
export interface Turn {
  /** The last user message, with scenario words. */
  readonly request: string;
  readonly reports: readonly Report[];
}

/** The state of a dialogue. */
export interface Dialogue {
  readonly turn: Turn;
  /** The calls that await their output, by call ID. */
  readonly openCalls: ReadonlyMap<string, JsonObject>;
  /** The MCP approval requests that await a reply, by ID. */
  readonly openApprovals: ReadonlyMap<string, JsonObject>;
  /** The approved requests whose calls are still to be made, by ID. */
  readonly approved: ReadonlyMap<string, JsonObject>;
  /** The labels of the MCP servers whose tools have been listed. */
  readonly listedServers: ReadonlySet<string>;
  /** The container of the last code interpreter call. */
  readonly containerId: string | undefined;
}

/** The state while items are followed. */
interface Draft extends Dialogue {
  turn: { request: string; readonly reports: Report[] };
  readonly openCalls: Map<string, JsonObject>;
  readonly openApprovals: Map<string, JsonObject>;
  readonly approved: Map<string, JsonObject>;
  readonly listedServers: Set<string>;
  containerId: string | undefined;
}

/** The dialogue before anything is said. */
export const newDialogue: Dialogue = {
  turn: { request: "", reports: [] },
  openCalls: new Map(),
  openApprovals: new Map(),
  approved: new Map(),
  listedServers: new Set(),
  containerId: undefined,
};

/** The reported text that the model repeats; longer reports are cut. */
const LONGEST_REPORT = 1000;

function report(tool: JsonObject, source: string, text: string): Report {
  const repeated = text.trim().slice(0, LONGEST_REPORT);
  const end = /[.!?]$/.test(repeated) ? "" : ".";
  return { tool: toolKey(tool), text: repeated, sentence: `${source} returned${repeated === "" ? " nothing" : `: ${repeated}`}${end}` };
}

/** Returns the error for an item or a call ID that does not match. */
function mismatch(message: string): AzureError {
  return AzureError.invalidRequest(null, message, "input");
}

/** Takes an entry out of a map. */
function take(map: Map<string, JsonObject>, key: string): JsonObject | undefined {
  const value = map.get(key);
  map.delete(key);
  return value;
}

/** Returns the words for a type of item in an error, such as `function call output`. */
const wordsFor = (type: unknown) => String(type).replaceAll("_", " ");

type Follow = (draft: Draft, entry: InputItem) => void;

const followMessage: Follow = (draft, { item }) => {
  if (item["role"] === "user") draft.turn = { request: textOf(item["content"]), reports: [] };
};

const followCall: Follow = ({ openCalls }, { item }) => {
  openCalls.set(String(item["call_id"]), item);
};

const followOutput: Follow = ({ openCalls, turn }, { item: { type, call_id: id }, reply }) => {
  const call = take(openCalls, String(id));
  if (call === undefined || `${String(call["type"])}_output` !== type) {
    throw mismatch(`No tool call found for ${wordsFor(type)} with call_id ${String(id)}.`);
  }
  const toolType = { function_call: "function", custom_tool_call: "custom" }[String(call["type"])] ?? "computer";
  const source = toolType === "computer" ? "The computer" : String(call["name"]);
  turn.reports.push(report({ type: toolType, name: call["name"] }, source, reply?.text ?? ""));
};

const followApproval: Follow = ({ openApprovals, approved, turn }, { item }) => {
  const id = String(item["approval_request_id"]);
  const request = take(openApprovals, id);
  if (request === undefined) throw mismatch(`No approval request found for MCP approval response with approval_request_id ${id}.`);
  if (item["approve"] === true) {
    approved.set(id, request);
    return;
  }
  const sentence = `The call of ${String(request["name"])} on ${String(request["server_label"])} was not approved.`;
  turn.reports.push({ tool: toolKey({ ...request, type: "mcp" }), text: "", sentence });
};

const followMcpCall: Follow = ({ approved, turn }, { item }) => {
  approved.delete(String(item["approval_request_id"]));
  turn.reports.push(report({ ...item, type: "mcp" }, String(item["name"]), String(item["output"] ?? "")));
};

const follows: Readonly<Record<string, Follow>> = {
  message: followMessage,
  function_call: followCall,
  custom_tool_call: followCall,
  computer_call: followCall,
  function_call_output: followOutput,
  custom_tool_call_output: followOutput,
  computer_call_output: followOutput,
  mcp_list_tools: ({ listedServers }, { item }) => listedServers.add(String(item["server_label"])),
  mcp_approval_request: ({ openApprovals }, { item }) => openApprovals.set(String(item["id"]), item),
  mcp_approval_response: followApproval,
  mcp_call: followMcpCall,
  code_interpreter_call(draft, { item }) {
    draft.containerId = String(item["container_id"]);
  },
};

/** Follows items. Throws the error of a reply to an unknown call or approval request. */
export function follow({ turn, ...dialogue }: Dialogue, items: readonly InputItem[]): Dialogue {
  const draft: Draft = {
    turn: { ...turn, reports: [...turn.reports] },
    openCalls: new Map(dialogue.openCalls),
    openApprovals: new Map(dialogue.openApprovals),
    approved: new Map(dialogue.approved),
    listedServers: new Set(dialogue.listedServers),
    containerId: dialogue.containerId,
  };
  for (const entry of items) {
    const type = String(entry.item["type"] ?? "message");
    if (Object.hasOwn(follows, type)) follows[type]?.(draft, entry);
  }
  return draft;
}

/** Follows the output of a response. */
export function followOutputItems(dialogue: Dialogue, output: readonly JsonObject[]): Dialogue {
  return follow(
    dialogue,
    output.map((item) => ({ item })),
  );
}

/** Follows the input of a response. Throws the error of a call without an output. */
export function followInput(dialogue: Dialogue, items: readonly InputItem[]): Dialogue {
  // An input that says nothing and replies to nothing ends the turn.
  const goesOn = items.some(({ item, reply }) => reply !== undefined || item["role"] === "user");
  const after = follow(goesOn ? dialogue : { ...dialogue, turn: newDialogue.turn }, items);
  const [open] = after.openCalls.values();
  if (open === undefined) return after;
  throw mismatch(`No tool output found for ${wordsFor(open["type"])} ${String(open["call_id"])}.`);
}
