/** Plays MCP servers: lists their tools, asks for approval, and calls them. No server is contacted. */

import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import { newId } from "../service/ids.js";
import { checkRules } from "../service/validation.js";
import { argumentsFor } from "./arguments.js";
import { mentionsName } from "./mentions.js";
import type { Player, Scene } from "./player.js";
import { deltaEvents, type Step } from "./step.js";

const INPUT_SCHEMA = { type: "object", properties: { query: { type: "string" } }, required: ["query"], additionalProperties: false };

/** The tools of every server. */
const SERVER_TOOLS = ["search", "fetch"];

const LOCATIONS = ["server_url", "connector_id", "tunnel_id"];

/** A filter for the tools of a server. */
interface ToolFilter {
  readonly names: readonly unknown[] | undefined;
  readonly readOnly: unknown;
}

function readFilter(filter: unknown): ToolFilter | undefined {
  if (filter === undefined || filter === null) return undefined;
  if (Array.isArray(filter)) return { names: filter, readOnly: undefined };
  const { tool_names: names, read_only: readOnly } = Object(filter) as JsonObject;
  return { names: Array.isArray(names) ? names : undefined, readOnly };
}

/** Returns true if a filter selects a tool. Every tool is read-only. */
const selects = ({ names, readOnly }: ToolFilter, name: string) => (names?.includes(name) ?? true) && readOnly !== false;

/** Returns the names of the tools that a definition allows. A server has the tools that `allowed_tools` names, too. */
function toolNames({ allowed_tools: allowed }: JsonObject): string[] {
  const filter = readFilter(allowed);
  if (filter === undefined) return SERVER_TOOLS;
  return [...new Set([...SERVER_TOOLS, ...(filter.names ?? []).map(String)])].filter((name) => selects(filter, name));
}

function needsApproval({ require_approval: policy }: JsonObject, name: string): boolean {
  if (policy === "never") return false;
  const { always, never } = Object(policy) as JsonObject;
  const [always_, never_] = [readFilter(always), readFilter(never)];
  if (never_ !== undefined && selects(never_, name)) return false;
  // If a policy only says what always needs approval, nothing else does.
  return always_ === undefined || never_ !== undefined || selects(always_, name);
}

/** Returns the name of the tool to call: the forced tool, a mentioned tool, or the first tool. */
function calledTool(tool: JsonObject, { prompt, forcedName }: Pick<Scene, "prompt" | "forcedName">): string | undefined {
  const names = toolNames(tool);
  return names.find((name) => name === forcedName) ?? names.find((name) => mentionsName(prompt, name)) ?? names[0];
}

function listStep({ server_label }: JsonObject, names: readonly string[]): Step {
  const list = { id: newId("mcpl_"), type: "mcp_list_tools", server_label };
  const tools = names.map((name) => ({
    annotations: { read_only: true },
    description: `Simulated tool '${name}'.`,
    input_schema: INPUT_SCHEMA,
    name,
  }));
  return {
    opened: { ...list, tools: [] },
    events: [{ name: "mcp_list_tools.in_progress" }, { name: "mcp_list_tools.completed" }],
    item: { ...list, tools },
  };
}

/** A call that is made: with the approval request that allowed it, if there was one. */
interface McpCall {
  readonly name: unknown;
  readonly serverLabel: unknown;
  readonly written: string;
  readonly approvalRequestId: unknown;
}

function callStep({ name, serverLabel, written, approvalRequestId }: McpCall): Step {
  const call = { id: newId("mcp_"), type: "mcp_call", approval_request_id: approvalRequestId };
  const output = `the simulated result of ${String(name)} on ${String(serverLabel)} for ${written}`;
  return {
    opened: { ...call, status: "in_progress", arguments: "", error: null, name, output: null, server_label: serverLabel },
    events: [{ name: "mcp_call.in_progress" }, ...deltaEvents("mcp_call_arguments", "arguments", written), { name: "mcp_call.completed" }],
    item: { ...call, status: "completed", arguments: written, error: null, name, output, server_label: serverLabel },
  };
}

/** Returns the step of a call that the client approved. */
export function approvedCall({ id, name, server_label: serverLabel, arguments: written }: JsonObject): Step {
  return callStep({ name, serverLabel, written: String(written), approvalRequestId: id });
}

/** The player of `mcp` tools. */
export const mcpPlayer: Player = {
  check(tool, path) {
    checkRules(
      tool,
      {
        server_label: { kind: "text", required: true },
        server_url: { kind: "text" },
        connector_id: { kind: "text" },
        tunnel_id: { kind: "text" },
        server_description: { kind: "text" },
        headers: { kind: "object" },
        ...(typeof tool["require_approval"] === "string" ? { require_approval: { kind: "choice", values: ["always", "never"] } } : {}),
      },
      path,
    );
    if (LOCATIONS.some((name) => tool[name] !== undefined && tool[name] !== null)) return;
    const place = path.replace(/\.$/, "");
    throw AzureError.invalidRequest(
      "missing_mutually_exclusive_parameters",
      `Missing mutually exclusive parameters: '${place}'. Ensure you are providing exactly one of: 'server_url' or 'connector_id'.`,
      place,
    );
  },

  prepare(tool, { dialogue }) {
    return dialogue.listedServers.has(String(tool["server_label"])) ? [] : [listStep(tool, toolNames(tool))];
  },

  isSuggested: (tool, prompt) => [String(tool["server_label"]), ...toolNames(tool)].some((name) => mentionsName(prompt, name)),

  awaitsReply(tool, scene) {
    const name = calledTool(tool, scene);
    return name !== undefined && needsApproval(tool, name);
  },

  perform(tool, scene) {
    const name = calledTool(tool, scene);
    // A filter may leave a server without tools.
    if (name === undefined) return { steps: [], sentences: [] };
    const { server_label: serverLabel } = tool;
    const written = argumentsFor(INPUT_SCHEMA, scene.prompt);
    if (!needsApproval(tool, name)) return { steps: [callStep({ name, serverLabel, written, approvalRequestId: null })], sentences: [] };
    const request = { id: newId("mcpr_"), type: "mcp_approval_request", arguments: written, name, server_label: serverLabel };
    return { steps: [{ opened: request, events: [], item: request }], sentences: [] };
  },
};

const REDACTED = "<redacted>";

/** Returns an MCP tool as a response repeats it: without the credentials for the server. */
export function withoutCredentials({ authorization: _, headers, ...tool }: JsonObject): JsonObject {
  if (headers === undefined || headers === null) return tool;
  return { ...tool, headers: Object.fromEntries(Object.keys(headers).map((name) => [name, REDACTED])) };
}
