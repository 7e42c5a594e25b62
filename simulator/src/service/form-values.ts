/** Reads the text fields of a form as the values that JSON would hold. */

import { AzureError } from "./azure-error.js";
import type { Rule, Rules } from "./catalogue.js";

function readBoolean(text: string, strict: boolean): unknown {
  // In use, Azure takes `True` for true, and treats `true` as if the field were not there.
  if (strict) return text === "True" ? true : ["true", "False", "false"].includes(text) ? false : text;
  const lower = text.toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : text;
}

function readValue(text: string, rule: Rule | undefined, strictBooleans: boolean): unknown {
  switch (rule?.kind) {
    case "integer":
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case "boolean":
      return readBoolean(text, strictBooleans);
    default:
      return text;
  }
}

/** Throws the refusal of a field that is there several times. */
export function checkDuplicates(fields: readonly string[]): void {
  const seen = new Set<string>();
  const twice = fields.find((field) => !field.endsWith("[]") && (seen.has(field) || !seen.add(field)));
  if (twice === undefined) return;
  throw AzureError.invalidRequest(
    "duplicate_parameter",
    `Duplicate parameter: '${twice}'. You provided multiple values for this parameter, whereas only one is allowed. If you are trying to provide a list of values, use the array syntax instead e.g. '${twice}[]=<value>'.`,
    twice,
  );
}

/** Reads texts as what the rules expect. A text that stands for no such value stays, for its rule to refuse. */
export function readFormValues(
  fields: Readonly<Record<string, unknown>>,
  rules: Rules,
  { strictBooleans }: { readonly strictBooleans: boolean },
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === "string" ? readValue(value, rules[name], strictBooleans) : value]),
  );
}
