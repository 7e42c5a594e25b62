/** The size of an edit that leaves it to the service. */

import type { Rule } from "./catalogue.js";
import { nearestFreeSize } from "./free-size.js";

/** A width and a height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Reads `WxH`. */
export function readSize(text: string): Size {
  const [width = 0, height = 0] = text.split("x").map(Number);
  return { width, height };
}

function shape({ width, height }: Size): number {
  return Math.log(width / height);
}

/** The size that is given, if the rule allows it, or else the allowed one whose shape comes nearest. */
export function nearestSize(rule: Rule | undefined, size: Size): Size {
  if (rule?.kind === "free-size") return nearestFreeSize(size);
  if (rule?.kind !== "choice") return size;
  const allowed = rule.values.filter((value) => value !== "auto").map(readSize);
  const distance = (other: Size) => Math.abs(shape(other) - shape(size));
  return allowed.reduce((best, other) => (distance(other) < distance(best) ? other : best));
}
