/** The tools of a response. */

import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import { invalidType, list, missingParameter, typeOf } from "../service/validation.js";
import { withoutCredentials } from "../tools/mcp.js";
import { playerOf } from "../tools/players.js";
import { checkToolDefinition, imageToolDocument, isImageTool } from "./image-tool.js";

/** The types that OpenAI's specification lists. */
const TYPES = [
  ...["function", "file_search", "computer", "computer_use_preview", "web_search", "web_search_2025_08_26", "mcp", "code_interpreter"],
  ...["programmatic_tool_calling", "image_generation", "local_shell", "shell", "custom", "namespace", "tool_search"],
  ...["web_search_preview", "web_search_preview_2025_03_11", "apply_patch"],
];

/** The types whose definitions are the same for an agent and for a request. */
const SAME_FOR_AGENTS = ["function", "custom"];

function checkType(type: unknown, param: string): void {
  if (type === undefined) throw missingParameter(param);
  if (typeof type !== "string") throw invalidType(param, `one of ${list(TYPES)}`, typeOf(type));
  if (TYPES.includes(type)) return;
  throw AzureError.invalidRequest("invalid_value", `Invalid value: '${type}'. Supported values are: ${list(TYPES)}.`, param);
}

/** Reads the tools of a request or of an agent; those of an agent were checked when it was made. */
export function readTools(tools: unknown, { ofAgent }: { readonly ofAgent: boolean }): readonly JsonObject[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw invalidType("tools", "an array", typeOf(tools));
  return tools.map((tool, index) => {
    if (typeof tool !== "object" || tool === null) throw invalidType(`tools[${index}]`, "an object", typeOf(tool));
    if (!ofAgent) {
      checkType(tool.type, `tools[${index}].type`);
      playerOf(tool)?.check?.(tool, `tools[${index}].`);
    }
    return tool as JsonObject;
  });
}

/** Checks a tool of an agent. Foundry has more types than the Responses API, and more ways to define some. */
export function checkAgentTool(tool: JsonObject, path: string): void {
  if (isImageTool(tool)) checkToolDefinition(tool, path);
  else if (SAME_FOR_AGENTS.includes(String(tool["type"]))) playerOf(tool)?.check?.(tool, path);
}

/** The tool as a response repeats it. */
export function toolDocument(tool: JsonObject): JsonObject {
  if (isImageTool(tool)) return imageToolDocument(tool);
  return tool["type"] === "mcp" ? withoutCredentials(tool) : tool;
}

/** A sentence about the tools that the simulator does not play; empty if there are none. */
export function unplayedTools(tools: readonly JsonObject[]): string {
  const unplayed = tools.filter((tool) => !isImageTool(tool) && playerOf(tool) === undefined);
  const types = new Set(unplayed.map(({ type }) => String(type)));
  return types.size === 0 ? "" : `This simulator does not call ${list([...types])}.`;
}
