/** Whether a model would call the image generation tool. */

import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";

/** The real model understands language; this one knows the words that ask for a picture or for a change of one. */
const ASKS_FOR_PICTURE = new RegExp(
  `\\b(${[
    "draw|paint|sketch|render|illustrate|design|generate|create|make|show|give",
    "edit|add|change|remove|replace|turn|put|move|crop|recolou?r",
    "pictures?|images?|photos?|paintings?|drawings?|illustrations?|logos?|icons?|posters?",
  ].join("|")})\\b`,
  "i",
);

const CHOICES = ["none", "auto", "required"];

/** Compares an entry of `tool_choice` with a tool. Functions and custom tools are found by name. */
const means = (choice: JsonObject, tool: JsonObject): boolean =>
  choice["type"] === tool["type"] && (choice["name"] === undefined || choice["name"] === tool["name"]);

/** Checks `tool_choice`, and says whether the image generation tool is called for this prompt. */
export function callsTool(choice: unknown, prompt: string, tools: readonly JsonObject[]): boolean {
  if (typeof choice === "string" && !CHOICES.includes(choice)) {
    throw AzureError.invalidRequest(
      "invalid_value",
      `Invalid value: '${choice}'. Supported values are: 'none', 'auto', and 'required'.`,
      "tool_choice",
    );
  }
  const { type, mode, tools: allowed } = Object(choice) as JsonObject;
  const chosen = (type === "allowed_tools" && Array.isArray(allowed) ? allowed : type === undefined ? [] : [choice]).map(Object) as JsonObject[];
  const missing = chosen.find((each) => !tools.some((tool) => means(each, tool)));
  if (missing !== undefined) {
    const what = String(missing["name"] ?? missing["type"]);
    throw AzureError.invalidRequest("invalid_value", `Tool choice '${what}' not found in 'tools' parameter.`, "tool_choice");
  }
  const possible = chosen.length > 0 ? chosen : tools;
  if (choice === "none" || !possible.some((tool) => tool["type"] === "image_generation")) return false;
  const forced = type === "allowed_tools" ? mode === "required" : type !== undefined;
  return forced || choice === "required" || ASKS_FOR_PICTURE.test(prompt);
}
