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
  /** The approval requests that were approved, and whose calls are still to be made. */
  readonly approved: readonly JsonObject[];
  /** The labels of the MCP servers whose tools have been listed. */
  readonly listedServers: ReadonlySet<string>;
  /** The container of the last code interpreter call. */
  readonly containerId: string | undefined;
}

const NEW_TURN: Turn = { request: "", reports: [] };

/** The dialogue before anything is said. */
export const newDialogue: Dialogue = {
  turn: NEW_TURN,
  openCalls: new Map(),
  openApprovals: new Map(),
  approved: [],
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

function withReport({ turn, ...dialogue }: Dialogue, added: Report): Dialogue {
  return { ...dialogue, turn: { ...turn, reports: [...turn.reports, added] } };
}

type Follow = (dialogue: Dialogue, entry: InputItem) => Dialogue;

const followMessage: Follow = (dialogue, { item }) =>
  item["role"] === "user" ? { ...dialogue, turn: { request: textOf(item["content"]), reports: [] } } : dialogue;

const followCall: Follow = (dialogue, { item }) => ({
  ...dialogue,
  openCalls: new Map([...dialogue.openCalls, [String(item["call_id"]), item]]),
});

/** The words for a type of item in an error, such as `function call output`. */
const wordsFor = (type: unknown) => String(type).replaceAll("_", " ");

const followOutput: Follow = (dialogue, { item: { type, call_id }, reply }) => {
  const id = String(call_id);
  const call = dialogue.openCalls.get(id);
  if (call === undefined || `${String(call["type"])}_output` !== type) {
    throw AzureError.invalidRequest(null, `No tool call found for ${wordsFor(type)} with call_id ${id}.`, "input");
  }
  const openCalls = new Map([...dialogue.openCalls].filter(([each]) => each !== id));
  const toolType = { function_call: "function", custom_tool_call: "custom" }[String(call["type"])] ?? "computer";
  const source = toolType === "computer" ? "The computer" : String(call["name"]);
  return withReport({ ...dialogue, openCalls }, report({ type: toolType, name: call["name"] }, source, reply?.text ?? ""));
};

const followApproval: Follow = (dialogue, { item: { approval_request_id, approve } }) => {
  const id = String(approval_request_id);
  const request = dialogue.openApprovals.get(id);
  if (request === undefined) {
    throw AzureError.invalidRequest(null, `No approval request found for MCP approval response with approval_request_id ${id}.`, "input");
  }
  const openApprovals = new Map([...dialogue.openApprovals].filter(([each]) => each !== id));
  if (approve === true) return { ...dialogue, openApprovals, approved: [...dialogue.approved, request] };
  const { name, server_label: label } = request;
  const sentence = `The call of ${String(name)} on ${String(label)} was not approved.`;
  return withReport({ ...dialogue, openApprovals }, { tool: toolKey({ ...request, type: "mcp" }), text: "", sentence });
};

const follows: Readonly<Record<string, Follow>> = {
  message: followMessage,
  function_call: followCall,
  custom_tool_call: followCall,
  computer_call: followCall,
  function_call_output: followOutput,
  custom_tool_call_output: followOutput,
  computer_call_output: followOutput,
  mcp_list_tools: (dialogue, { item }) => ({
    ...dialogue,
    listedServers: new Set([...dialogue.listedServers, String(item["server_label"])]),
  }),
  mcp_approval_request: (dialogue, { item }) => ({
    ...dialogue,
    openApprovals: new Map([...dialogue.openApprovals, [String(item["id"]), item]]),
  }),
  mcp_approval_response: followApproval,
  mcp_call: (dialogue, { item }) => {
    const approved = dialogue.approved.filter(({ id }) => id !== item["approval_request_id"]);
    return withReport({ ...dialogue, approved }, report({ ...item, type: "mcp" }, String(item["name"]), String(item["output"] ?? "")));
  },
  code_interpreter_call: (dialogue, { item }) => ({ ...dialogue, containerId: String(item["container_id"]) }),
};

/** Follows items. Throws the error of a reply to an unknown call or approval request. */
export function follow(dialogue: Dialogue, items: readonly InputItem[]): Dialogue {
  return items.reduce((before, entry) => {
    const type = String(entry.item["type"] ?? "message");
    return Object.hasOwn(follows, type) ? (follows[type]?.(before, entry) ?? before) : before;
  }, dialogue);
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
  const after = follow(goesOn ? dialogue : { ...dialogue, turn: NEW_TURN }, items);
  const [open] = after.openCalls.values();
  if (open === undefined) return after;
  throw AzureError.invalidRequest(null, `No tool output found for ${wordsFor(open["type"])} ${String(open["call_id"])}.`, "input");
}
