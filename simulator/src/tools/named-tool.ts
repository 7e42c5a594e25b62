/** The common rules of functions and custom tools, which have a name and a description. */

import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import type { Rules } from "../service/catalogue.js";
import { checkRules } from "../service/validation.js";
import { mentionsDescription, mentionsName } from "./mentions.js";

const NAME = /^[a-zA-Z0-9_-]+$/;

const rules: Rules = { name: { kind: "text", maximumLength: 128, required: true }, description: { kind: "text" } };

/** Checks the name and the description of a tool. */
export function checkNamedTool(tool: JsonObject, path: string): void {
  checkRules(tool, rules, path);
  if (NAME.test(String(tool["name"]))) return;
  throw AzureError.invalidRequest(
    "invalid_value",
    `Invalid '${path}name': string does not match pattern. Expected a string that matches the pattern '${NAME.source}'.`,
    `${path}name`,
  );
}

/** Returns true if a prompt mentions the name or the description of a tool. */
export function isNamedToolSuggested({ name, description }: JsonObject, prompt: string): boolean {
  return mentionsName(prompt, String(name)) || mentionsDescription(prompt, String(description ?? ""));
}
