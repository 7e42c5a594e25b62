/** The tools of a response. The simulator plays image generation alone; the others are accepted, and named in the answer. */

import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import { invalidType, list } from "../service/validation.js";

/** The types that OpenAI's specification lists. */
const TYPES = [
  ...["function", "file_search", "computer", "computer_use_preview", "web_search", "web_search_2025_08_26", "mcp", "code_interpreter"],
  ...["programmatic_tool_calling", "image_generation", "local_shell", "shell", "custom", "namespace", "tool_search"],
  ...["web_search_preview", "web_search_preview_2025_03_11", "apply_patch"],
];

function checkType(type: unknown, param: string): void {
  if (type === undefined) throw AzureError.invalidRequest("missing_required_parameter", `Missing required parameter: '${param}'.`, param);
  if (typeof type !== "string") throw invalidType(param, `one of ${list(TYPES)}`, typeof type);
  if (TYPES.includes(type)) return;
  throw AzureError.invalidRequest("invalid_value", `Invalid value: '${type}'. Supported values are: ${list(TYPES)}.`, param);
}

/** Reads the tools of a request or of an agent; those of an agent have more types, which only its service knows. */
export function readTools(tools: unknown, { ofAgent }: { readonly ofAgent: boolean }): readonly JsonObject[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw invalidType("tools", "an array", typeof tools);
  return tools.map((tool, index) => {
    if (typeof tool !== "object" || tool === null) throw invalidType(`tools[${index}]`, "an object", typeof tool);
    if (!ofAgent) checkType(tool.type, `tools[${index}].type`);
    return tool as JsonObject;
  });
}

/** A sentence about the tools that the simulator does not play; empty if there are none. */
export function unplayedTools(tools: readonly JsonObject[]): string {
  const types = new Set(tools.map(({ type }) => String(type)).filter((type) => type !== "image_generation"));
  return types.size === 0 ? "" : ` This simulator does not call ${list([...types])}.`;
}
