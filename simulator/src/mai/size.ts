/** The sizes of MAI images. */

import { Random } from "../pictures/random.js";
import type { Size } from "../service/auto-size.js";
import { unsupportedParameter, unsupportedValue } from "./errors.js";

/** The size of an image if the request gives none. */
export const DEFAULT_SIZE: Size = { width: 1024, height: 1024 };

const STEP = 16;
const MINIMUM_SIDE = 768;
const ONE_MEGAPIXEL = 1024 * 1024;
/** The longest side of an edit, whose other side is the shortest possible. */
const LONGEST_EDITED_SIDE = 1376;

/** The shapes that `auto_aspect_ratio` chooses from. */
const shapes: readonly [Size, ...Size[]] = [
  { width: 1360, height: 768 },
  { width: 768, height: 1360 },
  { width: 1248, height: 832 },
  { width: 832, height: 1248 },
  { width: 1168, height: 880 },
  { width: 880, height: 1168 },
];

const snap = (side: number): number => Math.floor(side / STEP) * STEP;

/** Returns the size that the model makes for a requested one: it rounds both sides down. Throws the refusal of a size beyond the limits. */
export function snappedSize({ width, height }: Size, maximumPixels: number): Size {
  for (const [name, side] of Object.entries({ width, height })) {
    if (side < MINIMUM_SIDE) throw unsupportedParameter(`'${name}' must be at least ${MINIMUM_SIDE} pixels.`);
  }
  const pixels = width * height;
  if (pixels > maximumPixels) {
    throw unsupportedValue(`Invalid dimensions ${width}x${height}: total pixel count (${pixels}) exceeds the maximum of ${maximumPixels}`);
  }
  return { width: snap(width), height: snap(height) };
}

/** Returns the size of an edit: the shape of the first input at about one megapixel. */
export function editedSize({ width, height }: Size): Size {
  const scale = Math.max(Math.sqrt(ONE_MEGAPIXEL / (width * height)), MINIMUM_SIDE / Math.min(width, height));
  // The sum keeps a side that is exactly a multiple from falling below it.
  const side = (length: number) => Math.min(LONGEST_EDITED_SIDE, snap(length * scale + 1e-6));
  return { width: side(width), height: side(height) };
}

/** Returns the shape that the model chooses for a prompt. */
export function automaticSize(prompt: string): Size {
  return new Random(`${prompt}/shape`).pick(shapes);
}
