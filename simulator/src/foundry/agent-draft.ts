/** Checks what an agent is made from. */

import { checkAgentTool } from "../responses/tools.js";
import type { JsonObject } from "../scenario/alterations.js";
import { invalidPayload } from "../service/foundry-error.js";
import { checkMetadata } from "../service/metadata.js";
import type { AgentDraft } from "./agents.js";

const NAME = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

const FIELDS = new Set(["name", "definition", "description", "metadata", "blueprint_reference", "digital_worker_type", "draft"]);

const SCHEMA = "The provided data does not match the expected schema";

/** Checks the name of an agent, and returns it. */
export function checkAgentName(name: unknown): string {
  if (typeof name === "string" && NAME.test(name)) return name;
  throw invalidPayload(
    "The agent name must start and end with an alphanumeric character, may contain hyphens in the middle, and must not exceed 63 characters.",
    "name",
  );
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkDefinition(definition: unknown): JsonObject {
  if (!isObject(definition)) throw invalidPayload(SCHEMA, "/definition");
  const { kind, model, tools = [] } = definition;
  if (kind !== "prompt") {
    throw invalidPayload(`This simulator has agents of the kind 'prompt' only, not '${String(kind)}'.`, "/definition/kind");
  }
  if (typeof model !== "string" || model === "") throw invalidPayload(SCHEMA, "/definition/model");
  if (!Array.isArray(tools)) throw invalidPayload(SCHEMA, "/definition/tools");
  for (const [index, tool] of tools.entries()) {
    if (!isObject(tool) || typeof tool["type"] !== "string") throw invalidPayload(SCHEMA, `/definition/tools/${index}`);
    checkAgentTool(tool, `definition.tools[${index}].`);
  }
  return definition;
}

/** Checks a body that makes a version. */
export function readAgentDraft(body: JsonObject): AgentDraft {
  for (const name of Object.keys(body)) if (!FIELDS.has(name)) throw invalidPayload(SCHEMA, `/${name}`);
  const { description } = body;
  if (description !== undefined && description !== null && typeof description !== "string") {
    throw invalidPayload(SCHEMA, "/description");
  }
  return {
    definition: checkDefinition(body["definition"]),
    description: description ?? undefined,
    metadata: checkMetadata(body["metadata"]),
  };
}
