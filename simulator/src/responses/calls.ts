/** Checks the calls that a client sends back because it keeps the dialogue itself. */

import type { JsonObject } from "../scenario/alterations.js";
import { checkString } from "./content.js";

const requiredProperties: Readonly<Record<string, readonly string[]>> = {
  function_call: ["call_id", "name", "arguments"],
  custom_tool_call: ["call_id", "name", "input"],
  computer_call: ["call_id"],
  mcp_approval_request: ["id", "server_label", "name", "arguments"],
};

/** Checks an item if it is a call. */
export function checkCall(item: JsonObject, path: string): void {
  const type = String(item["type"]);
  const names = Object.hasOwn(requiredProperties, type) ? (requiredProperties[type] ?? []) : [];
  for (const name of names) checkString(item, name, path);
}
