/** Restyles a whole picture: its shapes stay, its colours become those that a prompt calls for. */

import { sharp } from "./sharp.js";
import type { Canvas } from "./canvas.js";
import { BLACK, mix, WHITE, type Colour } from "./colour.js";
import { choosePalette } from "./palette.js";
import { Random } from "./random.js";

/** The luma of a colour: https://www.itu.int/rec/R-REC-BT.601 */
function luma([red, green, blue]: Colour): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** A colour made as bright as wanted, by adding black or white. */
function withLuma(colour: Colour, wanted: number): Colour {
  const actual = luma(colour);
  return wanted <= actual ? mix(colour, BLACK, 1 - wanted / Math.max(actual, 1)) : mix(colour, WHITE, (wanted - actual) / Math.max(255 - actual, 1));
}

/** The colours that take the place of each brightness, from dark to light. */
function tones(prompt: string, seed: string): Colour[] {
  const random = new Random(JSON.stringify([prompt, seed]));
  const { near, sky, accent, light } = choosePalette(prompt, random);
  // The order is left to chance, so that several pictures for one prompt differ.
  const middle = random.chance(0.5) ? ([sky[0], accent] as const) : ([accent, sky[1]] as const);
  const stops = [near, middle[0], middle[1], light] as const;
  const span = stops.length - 1;
  return Array.from({ length: 256 }, (_, brightness) => {
    const place = (brightness / 255) * span;
    const index = Math.min(Math.floor(place), span - 1);
    const tone = mix(stops[index] ?? BLACK, stops[index + 1] ?? WHITE, place - index);
    return withLuma(tone, brightness);
  });
}

/** Restyles a picture; `strength` of 1 leaves nothing of its own colours. */
export function restyle(
  canvas: Canvas,
  { prompt, seed, strength }: { readonly prompt: string; readonly seed: string; readonly strength: number },
): Canvas {
  const { channels } = canvas;
  const palette = tones(prompt, seed);
  const data = Buffer.from(canvas.data);
  for (let at = 0; at < data.length; at += channels) {
    const colour: Colour = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
    const tone = palette[Math.round(luma(colour))] ?? BLACK;
    for (let channel = 0; channel < 3; channel++) {
      const own = colour[channel] ?? 0;
      data[at + channel] = Math.round(own + ((tone[channel] ?? 0) - own) * strength);
    }
  }
  return { ...canvas, data };
}

/** Cuts a disc out of a picture with an alpha channel, and leaves the rest of it transparent. */
export async function cutDisc(canvas: Canvas): Promise<Canvas> {
  const { data, width, height, channels } = canvas;
  const disc = `<svg width="${width}" height="${height}"><circle cx="${width / 2}" cy="${height / 2}" r="${Math.min(width, height) * 0.46}"/></svg>`;
  const cut = await sharp(data, { raw: { width, height, channels } })
    .composite([{ input: Buffer.from(disc), blend: "dest-in" }])
    .raw()
    .toBuffer();
  return { ...canvas, data: cut };
}
