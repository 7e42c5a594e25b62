/** Lays further pictures over one, so that each can be seen. */

import { sharp } from "./sharp.js";
import type { Canvas } from "./canvas.js";
import { readTile } from "./input.js";

/** The longest side of a tile, as a share of the picture's shorter side. */
const GREATEST_SHARE = 0.26;
const GAP_SHARE = 0.02;

/**
 * Adds a row of framed tiles, one for each file, at the lower edge or in the middle.
 *
 * `unreadable` makes the error for a file by its place.
 */
export async function addTiles(
  canvas: Canvas,
  files: readonly Uint8Array[],
  { place, unreadable }: { readonly place: "lower edge" | "middle"; readonly unreadable: (index: number) => Error },
): Promise<Canvas> {
  if (files.length === 0) return canvas;
  const { data, width, height, channels } = canvas;
  const gap = Math.max(1, Math.round(Math.min(width, height) * GAP_SHARE));
  const room = Math.floor((width - gap) / files.length) - gap;
  const side = Math.max(3, Math.min(room, Math.round(Math.min(width, height) * GREATEST_SHARE)));
  const left = Math.max(0, Math.round((width - files.length * (side + gap) + gap) / 2));
  const top = place === "middle" ? Math.round((height - side) / 2) : height - side - gap;
  const overlays = [];
  for (const [index, file] of files.entries()) {
    const input = await readTile(file, side).catch(() => Promise.reject(unreadable(index)));
    overlays.push({ input, left: left + index * (side + gap), top });
  }
  const laid = sharp(data, { raw: { width, height, channels } }).composite(overlays);
  return { ...canvas, data: await (channels === 4 ? laid : laid.removeAlpha()).raw().toBuffer() };
}
