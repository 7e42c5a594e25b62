/** The part of a picture that an edit may change. */

import type { Canvas } from "./canvas.js";

/** A rectangle of pixels. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A scene needs some room to be one. */
const SHORTEST_SIDE = 64;
const GREATEST_RATIO = 3;

/** Makes a stretch longer on both sides, inside of a whole. */
function widen(start: number, length: number, wanted: number, whole: number): readonly [start: number, length: number] {
  const wider = Math.min(whole, Math.max(length, wanted));
  const moved = Math.round(start - (wider - length) / 2);
  return [Math.min(Math.max(moved, 0), whole - wider), wider];
}

/** The rectangle around everything that is open, with room for a scene; `undefined` if nothing is open. */
export function openRegion(openness: Uint8Array, { width, height }: { readonly width: number; readonly height: number }): Region | undefined {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (openness[y * width + x] === 0) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  if (right < 0) return undefined;
  const shortest = Math.max(SHORTEST_SIDE, Math.ceil(Math.max(right - left, bottom - top) / GREATEST_RATIO));
  const [x, regionWidth] = widen(left, right - left + 1, shortest, width);
  const [y, regionHeight] = widen(top, bottom - top + 1, shortest, height);
  return { left: x, top: y, width: regionWidth, height: regionHeight };
}

/** A copy of `base` with `patch` in the place of a region. */
export function withPatch(base: Canvas, patch: Canvas, { left, top, width, height }: Region): Canvas {
  const data = Buffer.from(base.data);
  const { channels } = base;
  for (let y = 0; y < height; y++) {
    patch.data.copy(data, ((top + y) * base.width + left) * channels, y * width * channels, (y + 1) * width * channels);
  }
  return { ...base, data };
}
