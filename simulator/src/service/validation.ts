/** Checks the parameters of an image request against the catalogue, with Azure's own texts where they are known. */

import { AzureError } from "./azure-error.js";
import type { Rule, Rules } from "./catalogue.js";
import { checkFreeSize } from "./free-size.js";

/** Writes values as a sentence does: `'a', 'b', and 'c'`. */
export function list(values: readonly string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  const last = quoted.pop();
  return quoted.length === 0 ? `${last}` : `${quoted.join(", ")}${quoted.length > 1 ? "," : ""} and ${last}`;
}

/** Names the type of a value in an error. */
export function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** The refusal of a value of another type. */
export function invalidType(name: string, expected: string, actual: string): AzureError {
  return AzureError.invalidRequest("invalid_type", `Invalid type for '${name}': expected ${expected}, but got ${actual} instead.`, name);
}

/** The error for a missing parameter. */
export function missingParameter(name: string): AzureError {
  return AzureError.invalidRequest("missing_required_parameter", `Missing required parameter: '${name}'.`, name);
}

/** The refusal of a text beyond its limit. */
export function tooLong(name: string, text: string, maximumLength: number): AzureError {
  return AzureError.invalidRequest(
    "string_above_max_length",
    `Invalid '${name}': string too long. Expected a string with maximum length ${maximumLength}, but got a string with length ${text.length} instead.`,
    name,
  );
}

function checkText(name: string, value: unknown, maximumLength: number | undefined, required: boolean): void {
  if (typeof value !== "string") throw invalidType(name, "a string", typeOf(value));
  if (required && value.length === 0) {
    throw AzureError.invalidRequest(
      "empty_string",
      `Invalid '${name}': empty string. Expected a string with minimum length 1, but got an empty string instead.`,
      name,
    );
  }
  if (maximumLength !== undefined && value.length > maximumLength) throw tooLong(name, value, maximumLength);
}

function checkChoice(name: string, value: unknown, { values, unsupported }: Extract<Rule, { kind: "choice" }>): void {
  if (typeof value !== "string") throw invalidType(name, `one of ${list(values)}`, typeOf(value));
  if (unsupported?.values.includes(value)) {
    const property = name.split(".").at(-1);
    throw AzureError.invalidRequest("invalid_value", `The model '${unsupported.model}' does not support ${property} '${value}'`, name);
  }
  if (!values.includes(value)) {
    throw AzureError.invalidRequest("invalid_value", `Invalid value: '${value}'. Supported values are: ${list(values)}.`, name);
  }
}

function checkInteger(name: string, value: unknown, minimum: number, maximum: number): void {
  if (!Number.isInteger(value)) throw invalidType(name, "an integer", typeOf(value));
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
      return checkChoice(name, value, rule);
    case "integer":
      return checkInteger(name, value, rule.minimum, rule.maximum);
    case "boolean":
      if (typeof value !== "boolean") throw invalidType(name, "a boolean", typeOf(value));
      return;
    case "free-size":
      if (typeof value !== "string") throw invalidType(name, "a string", typeOf(value));
      return checkFreeSize(value, name);
    case "file":
      throw invalidType(name, "a file", typeOf(value));
    case "object":
      if (typeof value !== "object" || Array.isArray(value)) throw invalidType(name, "an object", typeOf(value));
      return;
    case "anything":
      return;
    case "refused":
      throw AzureError.invalidRequest(rule.code, rule.message, name);
  }
}

function checkCombinations(parameters: Readonly<Record<string, unknown>>, path: string): void {
  const format = parameters["output_format"] ?? "png";
  if (parameters["background"] === "transparent" && format === "jpeg") {
    throw AzureError.invalidRequest("invalid_value", "Transparent background is not supported for JPEG output format.", `${path}background`);
  }
  if (format === "png" && ((parameters["output_compression"] ?? 100) as number) < 100) {
    throw AzureError.invalidRequest(
      "invalid_png_output_compression",
      "Compression less than 100 is not supported for PNG output format.",
      `${path}output_compression`,
    );
  }
}

/** Checks the parameters that have rules. `path` stands before the names in errors, such as `tools[0].`. */
export function checkRules(parameters: Readonly<Record<string, unknown>>, rules: Rules, path: string): void {
  for (const [name, rule] of Object.entries(rules)) {
    const value = parameters[name];
    // Azure takes null for "not given".
    if (value !== undefined && value !== null) check(path + name, value, rule);
    else if (rule.required) throw missingParameter(path + name);
  }
}

/**
 * Checks parameters, and returns those that are given: Azure takes null for "not given".
 *
 * `path` stands before the names in refusals, such as `tools[0].`.
 */
export function checkParameters(body: Readonly<Record<string, unknown>>, rules: Rules, path = ""): Readonly<Record<string, unknown>> {
  const parameters = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  for (const name of Object.keys(body)) {
    if (!Object.hasOwn(rules, name)) {
      throw AzureError.invalidRequest("unknown_parameter", `Unknown parameter: '${path}${name}'.`, path + name);
    }
  }
  checkRules(parameters, rules, path);
  checkCombinations(parameters, path);
  return parameters;
}
