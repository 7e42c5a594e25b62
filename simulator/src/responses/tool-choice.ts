/** Reads `tool_choice`: which tools the model may call, and whether it must call one. */

import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import { invalidType, missingParameter, typeOf } from "../service/validation.js";
import { toolKey } from "../tools/tool-key.js";
import { invalidValue } from "./content.js";

/** A choice of tools. */
export interface ToolChoice {
  /** The tools that the model may call. */
  readonly possible: readonly JsonObject[];
  /** `tool`: the one possible tool must be called; `any`: one of the possible tools; `none`: no tool has to be. */
  readonly forced: "tool" | "any" | "none";
  /** The name of the MCP tool that must be called. */
  readonly name: string | undefined;
}

const MODES = ["none", "auto", "required"];
const ALLOWED_MODES = ["auto", "required"];

/** The property that tells a tool from others of its type. */
const IDENTIFIERS: Readonly<Record<string, string>> = { function: "name", custom: "name", mcp: "server_label" };

/** Finds the tool that an entry names. */
function findTool(entry: JsonObject, tools: readonly JsonObject[]): JsonObject {
  const { type } = entry;
  if (type === undefined) throw missingParameter("tool_choice.type");
  const identifier = IDENTIFIERS[String(type)];
  if (identifier !== undefined && typeof entry[identifier] !== "string") throw missingParameter(`tool_choice.${identifier}`);
  const tool = tools.find((each) => toolKey(each) === toolKey(entry));
  if (tool !== undefined) return tool;
  const what = String(entry[identifier ?? "type"]);
  throw AzureError.invalidRequest("invalid_value", `Tool choice '${what}' not found in 'tools' parameter.`, "tool_choice");
}

function readAllowed({ mode = "auto", tools: allowed }: JsonObject, tools: readonly JsonObject[]): ToolChoice {
  if (!ALLOWED_MODES.includes(String(mode))) throw invalidValue(mode, ALLOWED_MODES, "tool_choice.mode");
  if (!Array.isArray(allowed)) throw invalidType("tool_choice.tools", "an array", typeOf(allowed));
  const possible = allowed.map((entry) => findTool(Object(entry), tools));
  return { possible, forced: mode === "required" ? "any" : "none", name: undefined };
}

/** Reads `tool_choice`. Throws the error of a choice that makes no sense. */
export function readToolChoice(value: unknown, tools: readonly JsonObject[]): ToolChoice {
  const choice = value ?? "auto";
  if (typeof choice === "string") {
    if (!MODES.includes(choice)) throw invalidValue(choice, MODES, "tool_choice");
    return { possible: choice === "none" ? [] : tools, forced: choice === "required" ? "any" : "none", name: undefined };
  }
  if (typeof choice !== "object" || Array.isArray(choice)) throw invalidType("tool_choice", "an object or a string", typeOf(choice));
  const entry = choice as JsonObject;
  if (entry["type"] === "allowed_tools") return readAllowed(entry, tools);
  return { possible: [findTool(entry, tools)], forced: "tool", name: typeof entry["name"] === "string" ? entry["name"] : undefined };
}
