/** The sizes of FLUX images. */

import type { Size } from "../service/auto-size.js";
import type { FluxModel, SideRules } from "../service/flux-models.js";
import type { JsonObject } from "../scenario/alterations.js";
import { invalidValue } from "./errors.js";

const DEFAULT_SIDE = 1024;
const ONE_MEGAPIXEL = 1024 * 1024;
const STEP = 16;
/** Both the widest and, turned, the tallest shape. */
const GREATEST_RATIO = 7 / 3;

const snap = (side: number, multiple: number): number => Math.floor(side / multiple) * multiple;

function snappedSize({ width, height }: Size, { minimum, maximum, multiple, maximumPixels }: SideRules): Size {
  for (const [name, side] of Object.entries({ width, height })) {
    if (!Number.isInteger(side)) throw invalidValue(`${name} must be an integer`);
    if (side < minimum || side > maximum) throw invalidValue(`${name} must be between ${minimum} and ${maximum}`);
  }
  if (width * height > maximumPixels) throw invalidValue(`width and height must not exceed ${maximumPixels} pixels in total`);
  return { width: snap(width, multiple), height: snap(height, multiple) };
}

/** Returns the size of the first input, brought within the limits of the model. */
function inputSize({ width, height }: Size, { minimum, maximum, multiple, maximumPixels }: SideRules): Size {
  const grow = Math.max(1, minimum / Math.min(width, height));
  const scale = Math.min(grow, Math.sqrt(maximumPixels / (width * height)));
  const side = (length: number) => Math.min(maximum, Math.max(minimum, snap(length * scale, multiple)));
  return { width: side(width), height: side(height) };
}

/** Returns the size of a shape at about one megapixel. */
function sizeOfShape({ width, height }: Size): Size {
  const side = (ratio: number) => snap(Math.sqrt(ONE_MEGAPIXEL * ratio) + 1e-6, STEP);
  return { width: side(width / height), height: side(height / width) };
}

function readAspectRatio(text: unknown): Size {
  const [, width, height] = /^(\d+):(\d+)$/.exec(String(text)) ?? [];
  const ratio = Number(width) / Number(height);
  if (!(ratio >= 1 / GREATEST_RATIO && ratio <= GREATEST_RATIO)) throw invalidValue("aspect ratio is out of range");
  return { width: Number(width), height: Number(height) };
}

/** Returns a shape near that of the first input, within the limits of `aspect_ratio`. */
function inputShape({ width, height }: Size): Size {
  return { width: Math.min(width, height * GREATEST_RATIO), height: Math.min(height, width * GREATEST_RATIO) };
}

/** Returns the size of the image, or throws the refusal of the requested one. */
export function fluxSize(body: JsonObject, { size: rules }: FluxModel, firstInput: Size | undefined): Size {
  if (rules.kind === "aspect ratio") {
    const ratio = body["aspect_ratio"];
    if (ratio !== undefined) return sizeOfShape(readAspectRatio(ratio));
    return sizeOfShape(firstInput === undefined ? { width: 1, height: 1 } : inputShape(firstInput));
  }
  const { width, height } = body as Partial<Size>;
  if (width === undefined && height === undefined && firstInput !== undefined) return inputSize(firstInput, rules);
  return snappedSize({ width: width ?? DEFAULT_SIDE, height: height ?? DEFAULT_SIDE }, rules);
}
