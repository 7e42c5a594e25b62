/** The size rules of gpt-image-2 and later, which take any size within limits instead of one from a list. */

import type { Size } from "./auto-size.js";
import { AzureError } from "./azure-error.js";

const STEP = 16;
const LONGEST_EDGE = 3840;
const GREATEST_RATIO = 3;
const FEWEST_PIXELS = 655_360;
const MOST_PIXELS = 8_294_400;

function fault(width: number, height: number): string | undefined {
  const pixels = width * height;
  if (width % STEP !== 0 || height % STEP !== 0) return `The width and height must be divisible by ${STEP}.`;
  if (Math.max(width, height) > LONGEST_EDGE) return `The longest edge must be less than or equal to ${LONGEST_EDGE}.`;
  if (Math.max(width, height) > GREATEST_RATIO * Math.min(width, height)) {
    return `The aspect ratio must be between 1:${GREATEST_RATIO} and ${GREATEST_RATIO}:1.`;
  }
  if (pixels < FEWEST_PIXELS) return "The requested resolution is below the current minimum pixel budget.";
  if (pixels > MOST_PIXELS) return "The requested resolution is above the current maximum pixel budget.";
  return undefined;
}

/** The given size if it is allowed, or else a similar size of about the same shape. */
export function nearestFreeSize({ width, height }: Size): Size {
  if (fault(width, height) === undefined) return { width, height };
  // Rounding moves the shape and the area a little: staying off the limits keeps the result legal.
  const ratio = Math.min(Math.max(width / height, 1.05 / GREATEST_RATIO), GREATEST_RATIO / 1.05);
  const most = Math.min(MOST_PIXELS, (LONGEST_EDGE * LONGEST_EDGE) / Math.max(ratio, 1 / ratio));
  const pixels = Math.min(Math.max(width * height, FEWEST_PIXELS * 1.05), most * 0.98);
  const step = (edge: number) => Math.round(edge / STEP) * STEP;
  return { width: step(Math.sqrt(pixels * ratio)), height: step(Math.sqrt(pixels / ratio)) };
}

/** Throws the refusal of a size outside the limits. */
export function checkFreeSize(size: string, param = "size"): void {
  if (size === "auto") return;
  const match = /^(\d+)x(\d+)$/.exec(size);
  const message = match === null ? "Expected a size such as '1024x1024', or 'auto'." : fault(Number(match[1]), Number(match[2]));
  if (message !== undefined) {
    throw AzureError.invalidRequest("invalid_value", `Invalid size '${size}'. ${message}`, param);
  }
}
