/** Identifies a tool among others. */

import type { JsonObject } from "../scenario/alterations.js";

/** Returns the key of a tool; an entry of `tool_choice` has the key of the tool that it names. */
export function toolKey({ type, name, server_label: label }: JsonObject): string {
  if (type === "function" || type === "custom") return `${type} ${String(name)}`;
  if (type === "mcp") return `mcp ${String(label)}`;
  // The computer has a preview and a final version.
  return String(type).startsWith("computer") ? "computer" : String(type);
}
