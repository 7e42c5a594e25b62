/** Checks the parameters of a MAI request. */

import type { JsonObject } from "../scenario/alterations.js";
import type { Size } from "../service/auto-size.js";
import type { Rules } from "../service/catalogue.js";
import type { MaiModel } from "../service/mai-models.js";
import { invalidParameters, missingParameter, unsupportedParameter } from "./errors.js";
import { snappedSize } from "./size.js";

/** The checked parameters. */
export interface MaiParameters {
  /** The requested size, as the model makes it. */
  readonly size: Size | undefined;
  readonly autoAspectRatio: boolean;
  readonly transparent: boolean;
}

/** Accepted on every route, and without effect. */
const IGNORED = ["n", "size"];

/** The types of the parameters that a form has as text. */
export const formTypes: Rules = {
  width: { kind: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  height: { kind: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  auto_aspect_ratio: { kind: "boolean" },
  web_grounding: { kind: "boolean" },
};

const BACKGROUNDS = ["transparent", "opaque"];

function checkPrompt(prompt: unknown): void {
  if (prompt === undefined) throw missingParameter("prompt");
  if (typeof prompt !== "string" || prompt === "") throw unsupportedParameter("'prompt' must be a non-empty string.");
}

function readBoolean(given: JsonObject, name: string): boolean {
  const value = given[name] ?? false;
  if (typeof value !== "boolean") throw unsupportedParameter(`'${name}' must be a boolean.`);
  return value;
}

function readSize({ width, height }: JsonObject, maximumPixels: number): Size | undefined {
  if (width === undefined && height === undefined) return undefined;
  for (const [name, side] of Object.entries({ width, height })) {
    if (side === undefined) throw unsupportedParameter("'width' and 'height' must be given together.");
    if (!Number.isInteger(side)) throw unsupportedParameter(`'${name}' must be an integer.`);
  }
  return snappedSize({ width: width as number, height: height as number }, maximumPixels);
}

/** Checks the parameters of a body. `names` are those that the route accepts, besides the options of the model. */
export function checkMaiParameters(body: JsonObject, names: readonly string[], { options, maximumPixels }: MaiModel): MaiParameters {
  const given: JsonObject = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const accepted: readonly string[] = [...names, ...options, ...IGNORED];
  const unknown = Object.keys(given).filter((name) => !accepted.includes(name));
  if (unknown.length > 0) throw invalidParameters(unknown);
  checkPrompt(given["prompt"]);
  readBoolean(given, "web_grounding");
  const background = given["background"];
  if (background !== undefined && !BACKGROUNDS.includes(background as string)) {
    throw unsupportedParameter("'background' must be 'transparent' or 'opaque'.");
  }
  return {
    size: readSize(given, maximumPixels),
    autoAspectRatio: readBoolean(given, "auto_aspect_ratio"),
    transparent: background === "transparent",
  };
}
