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

/** Checks `tool_choice`, and says whether the tool is called for this prompt. */
export function callsTool(choice: unknown, prompt: string, hasTool: boolean): boolean {
  if (typeof choice === "string" && !CHOICES.includes(choice)) {
    throw AzureError.invalidRequest(
      "invalid_value",
      `Invalid value: '${choice}'. Supported values are: 'none', 'auto', and 'required'.`,
      "tool_choice",
    );
  }
  const forced = (Object(choice) as JsonObject)["type"] === "image_generation";
  if (forced && !hasTool) {
    throw AzureError.invalidRequest("invalid_value", "Tool choice 'image_generation' not found in 'tools' parameter.", "tool_choice");
  }
  if (!hasTool || choice === "none") return false;
  return forced || choice === "required" || ASKS_FOR_PICTURE.test(prompt);
}
