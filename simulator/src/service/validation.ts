/** Checks the parameters of an image request against the catalogue, with Azure's own texts where they are known. */

import { AzureError } from "./azure-error.js";
import type { Model, Rule } from "./catalogue.js";
import { checkFreeSize } from "./free-size.js";

/** The parameters of a request for pictures, checked and completed. */
export interface ImageRequest {
  readonly prompt: string;
  readonly n: number;
  readonly width: number;
  readonly height: number;
  readonly quality: string;
  readonly background: "transparent" | "opaque";
  readonly outputFormat: "png" | "jpeg" | "webp";
  readonly outputCompression: number;
  readonly stream: boolean;
  readonly partialImages: number;
  readonly responseFormat: "url" | "b64_json";
}

function list(values: readonly string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  const last = quoted.pop();
  return quoted.length === 0 ? `${last}` : `${quoted.join(", ")}${quoted.length > 1 ? "," : ""} and ${last}`;
}

function invalidType(name: string, expected: string, value: unknown): AzureError {
  const actual = Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`;
  return AzureError.invalidRequest(
    "invalid_type",
    `Invalid type for '${name}': expected ${expected}, but got ${actual} instead.`,
    name,
  );
}

function checkText(name: string, value: unknown, maximumLength: number | undefined, required: boolean): void {
  if (typeof value !== "string") throw invalidType(name, "a string", value);
  if (required && value.length === 0) {
    throw AzureError.invalidRequest(
      "empty_string",
      `Invalid '${name}': empty string. Expected a string with minimum length 1, but got an empty string instead.`,
      name,
    );
  }
  if (maximumLength !== undefined && value.length > maximumLength) {
    throw AzureError.invalidRequest(
      "string_above_max_length",
      `Invalid '${name}': string too long. Expected a string with maximum length ${maximumLength}, but got a string with length ${value.length} instead.`,
      name,
    );
  }
}

function checkChoice(name: string, value: unknown, values: readonly string[]): void {
  if (typeof value !== "string") throw invalidType(name, `one of ${list(values)}`, value);
  if (!values.includes(value)) {
    throw AzureError.invalidRequest("invalid_value", `Invalid value: '${value}'. Supported values are: ${list(values)}.`, name);
  }
}

function checkInteger(name: string, value: unknown, minimum: number, maximum: number): void {
  if (!Number.isInteger(value)) throw invalidType(name, "an integer", value);
  const number = value as number;
  if (number < minimum) {
    throw AzureError.invalidRequest(
      "integer_below_min_value",
      `Invalid '${name}': integer below minimum value. Expected a value >= ${minimum}, but got ${number} instead.`,
      name,
    );
  }
  if (number > maximum) {
    throw AzureError.invalidRequest(
      "integer_above_max_value",
      `Invalid '${name}': integer above maximum value. Expected a value <= ${maximum}, but got ${number} instead.`,
      name,
    );
  }
}

function check(name: string, value: unknown, rule: Rule): void {
  switch (rule.kind) {
    case "text":
      return checkText(name, value, rule.maximumLength, rule.required ?? false);
    case "choice":
      return checkChoice(name, value, rule.values);
    case "integer":
      return checkInteger(name, value, rule.minimum, rule.maximum);
    case "boolean":
      if (typeof value !== "boolean") throw invalidType(name, "a boolean", value);
      return;
    case "free-size":
      if (typeof value !== "string") throw invalidType(name, "a string", value);
      return checkFreeSize(value);
  }
}

function checkCombinations(parameters: Readonly<Record<string, unknown>>): void {
  const format = parameters["output_format"] ?? "png";
  if (parameters["background"] === "transparent" && format === "jpeg") {
    throw AzureError.invalidRequest(
      "invalid_value",
      "Transparent background is not supported for JPEG output format.",
      "background",
    );
  }
  if (format === "png" && ((parameters["output_compression"] ?? 100) as number) < 100) {
    throw AzureError.invalidRequest(
      "invalid_png_output_compression",
      "Compression less than 100 is not supported for PNG output format.",
      "output_compression",
    );
  }
}

/**
 * Checks a body for `images/generations` and fills in what it leaves to the service.
 *
 * `prompt` is the text without scenario words; the length of the text as sent is what counts.
 */
export function validateImageRequest(body: Readonly<Record<string, unknown>>, model: Model, prompt: string): ImageRequest {
  // Azure takes null for "not given".
  const parameters = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  for (const name of Object.keys(body)) {
    if (!Object.hasOwn(model.parameters, name)) {
      throw AzureError.invalidRequest("unknown_parameter", `Unknown parameter: '${name}'.`, name);
    }
  }
  for (const [name, rule] of Object.entries(model.parameters)) {
    const value = parameters[name];
    if (value !== undefined) check(name, value, rule);
    else if (rule.kind === "text" && rule.required) {
      throw AzureError.invalidRequest("missing_required_parameter", `Missing required parameter: '${name}'.`, name);
    }
  }
  checkCombinations(parameters);

  const given = parameters as {
    n?: number;
    size?: string;
    quality?: string;
    background?: "transparent" | "opaque" | "auto";
    output_format?: ImageRequest["outputFormat"];
    output_compression?: number;
    stream?: boolean;
    partial_images?: number;
    response_format?: ImageRequest["responseFormat"];
  };
  const size = given.size === undefined || given.size === "auto" ? "1024x1024" : given.size;
  const [width = 0, height = 0] = size.split("x").map(Number);
  return {
    prompt,
    n: given.n ?? 1,
    width,
    height,
    quality: given.quality === undefined || given.quality === "auto" ? model.defaultQuality : given.quality,
    background: given.background === "transparent" ? "transparent" : "opaque",
    outputFormat: given.output_format ?? "png",
    outputCompression: given.output_compression ?? 100,
    stream: given.stream ?? false,
    partialImages: given.partial_images ?? 0,
    responseFormat: given.response_format ?? (model.family === "dall-e" ? "url" : "b64_json"),
  };
}
