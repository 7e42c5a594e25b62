/** Checks the parameters of a FLUX request. Unknown ones are ignored, as Azure does. */

import type { JsonObject } from "../scenario/alterations.js";
import type { FluxModel, Range } from "../service/flux-models.js";
import { invalidValue } from "./errors.js";

/** The checked parameters, apart from the size and the input images. */
export interface FluxParameters {
  readonly outputFormat: "png" | "jpeg";
  readonly seed: number | undefined;
}

/** The only number that may have a fraction. */
const FRACTIONAL = "guidance";

function checkNumber(name: string, value: unknown, { minimum, maximum }: Range): void {
  const valid = name === FRACTIONAL ? typeof value === "number" : Number.isInteger(value);
  if (!valid) throw invalidValue(`${name} must be ${name === FRACTIONAL ? "a number" : "an integer"}`);
  if ((value as number) < minimum || (value as number) > maximum) throw invalidValue(`${name} must be between ${minimum} and ${maximum}`);
}

/** Checks the parameters of a body, or throws the refusal of one. */
export function checkFluxParameters(body: JsonObject, { numbers }: FluxModel): FluxParameters {
  const { prompt, output_format: outputFormat = "jpeg", seed } = body;
  if (typeof prompt !== "string" || prompt === "") throw invalidValue("prompt must be a non-empty string");
  for (const [name, range] of Object.entries(numbers)) {
    if (body[name] !== undefined) checkNumber(name, body[name], range);
  }
  if (outputFormat !== "png" && outputFormat !== "jpeg") throw invalidValue("output_format must be png or jpeg");
  return { outputFormat, seed: seed as number | undefined };
}
