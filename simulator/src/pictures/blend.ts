/** Puts a changed picture where a mask is open. */

import type { Canvas } from "./canvas.js";

/**
 * The original where `openness` is 0, bit for bit; the changed picture where it is 255; a mixture in between.
 *
 * All three have the same size, and the pictures the same channels.
 */
export function blend(original: Canvas, changed: Canvas, openness: Uint8Array): Canvas {
  const { channels } = original;
  const data = Buffer.from(original.data);
  for (let pixel = 0; pixel < openness.length; pixel++) {
    const open = openness[pixel] ?? 0;
    if (open === 0) continue;
    const at = pixel * channels;
    // Colours count as much as they are opaque; without an alpha channel everything is.
    const before = (channels === 4 ? (original.data[at + 3] ?? 0) : 255) * (255 - open);
    const after = (channels === 4 ? (changed.data[at + 3] ?? 0) : 255) * open;
    const sum = Math.max(before + after, 1);
    for (let channel = 0; channel < 3; channel++) {
      const mixture = (original.data[at + channel] ?? 0) * before + (changed.data[at + channel] ?? 0) * after;
      data[at + channel] = Math.round(mixture / sum);
    }
    if (channels === 4) data[at + 3] = Math.round((before + after) / 255);
  }
  return { ...original, data };
}
