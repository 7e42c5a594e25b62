/** Plays functions: a call with arguments that fit the JSON schema of the function. */

import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import { newId } from "../service/ids.js";
import { checkRules } from "../service/validation.js";
import { argumentsFor } from "./arguments.js";
import { checkNamedTool, isNamedToolSuggested } from "./named-tool.js";
import type { Player } from "./player.js";
import { deltaEvents } from "./step.js";

/** The player of `function` tools. */
export const functionPlayer: Player = {
  check(tool, path) {
    checkNamedTool(tool, path);
    checkRules(tool, { strict: { kind: "boolean" }, parameters: { kind: "object" } }, path);
    const { type = "object" } = Object(tool["parameters"]) as JsonObject;
    if (type === "object") return;
    throw AzureError.invalidRequest(
      "invalid_function_parameters",
      `Invalid schema for function '${String(tool["name"])}': schema must be a JSON Schema of 'type: "object"', got 'type: "${String(type)}"'.`,
      `${path}parameters`,
    );
  },

  isSuggested: isNamedToolSuggested,

  awaitsReply: () => true,

  perform({ name, parameters }, { prompt }) {
    const call = { id: newId("fc_"), type: "function_call", call_id: newId("call_"), name };
    const written = argumentsFor(parameters, prompt);
    return {
      steps: [
        {
          opened: { ...call, arguments: "", status: "in_progress" },
          events: deltaEvents("function_call_arguments", "arguments", written, { name }),
          item: { ...call, arguments: written, status: "completed" },
        },
      ],
      sentences: [],
    };
  },
};
