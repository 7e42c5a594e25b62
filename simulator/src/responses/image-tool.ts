/** The image generation tool: its options, against what the deployment in the header can do. */

import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import { findModel, type Model, type Rule, type Rules } from "../service/catalogue.js";
import { checkParameters } from "../service/validation.js";

/** The header that names the deployment of the image model. */
export const DEPLOYMENT_HEADER = "x-ms-oai-image-generation-deployment";

const anything: Rule = { kind: "anything" };
const choice = (...values: string[]): Rule => ({ kind: "choice", values });

/** The options that the tool shares with the image routes, which say what each model takes. */
const shared = ["size", "quality", "background", "output_format", "output_compression", "moderation", "partial_images"];

function toolRules({ generation, edit }: Model): Rules {
  return {
    type: { kind: "text", required: true },
    model: { kind: "text" },
    ...Object.fromEntries(shared.map((name) => [name, generation[name] ?? anything])),
    input_fidelity: edit?.parameters["input_fidelity"] ?? anything,
    input_image_mask: { kind: "object" },
    action: choice("generate", "edit", "auto"),
    // Deprecated, and without effect.
    name: anything,
    description: anything,
    tool_configs: anything,
  };
}

/** The rules while no deployment is known: every value that some model accepts. */
const openRules: Rules = { ...toolRules(findModel("gpt-image-2.5-flare") as Model), input_fidelity: choice("high", "low") };

/** Checks the tool of an agent, whose deployment comes only with each response. */
export function checkToolDefinition(tool: JsonObject, path: string): void {
  checkParameters(tool, openRules, path);
}

/** Checks the tool of a response, and returns the options that are given. */
export function checkTool(tool: JsonObject, model: Model, path: string): JsonObject {
  if (model.family !== "gpt-image") {
    throw AzureError.invalidRequest("invalid_value", `The model '${model.name}' is not supported with the image_generation tool.`, `${path}model`);
  }
  return checkParameters(tool, toolRules(model), path);
}

/** Returns true for the image generation tool. */
export function isImageTool({ type }: JsonObject): boolean {
  return type === "image_generation";
}

/** The tool as a response repeats it. */
export function imageToolDocument(tool: JsonObject): JsonObject {
  return {
    quality: "auto",
    size: "auto",
    output_format: "png",
    output_compression: 100,
    moderation: "auto",
    background: "auto",
    partial_images: 0,
    ...tool,
  };
}
