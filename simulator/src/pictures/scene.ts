/** Paints the scene that a prompt calls for, as SVG. */

import { digits, HEIGHT, type Field } from "./brush.js";
import { css } from "./colour.js";
import { chooseComposition } from "./compositions.js";
import { choosePalette } from "./palette.js";
import { Random } from "./random.js";

/** What to paint. The same values give the same pixels. */
export interface Subject {
  readonly prompt: string;
  readonly seed: string;
  readonly width: number;
  readonly height: number;
  readonly transparent: boolean;
}

/** Paints a scene. On a transparent background it fills a disc with a rim, and the rest stays empty. */
export function paintScene({ prompt, seed, width, height, transparent }: Subject): string {
  const random = new Random(JSON.stringify([prompt, seed]));
  const field: Field = { width: Math.round((HEIGHT * width) / height), random };
  const palette = choosePalette(prompt, random);
  const scene = chooseComposition(prompt, field)(field, palette, prompt);
  const radius = Math.min(field.width, HEIGHT) * 0.46;
  const disc = `cx="${field.width / 2}" cy="${HEIGHT / 2}" r="${digits(radius)}"`;
  const badge = `<defs><clipPath id="disc"><circle ${disc}/></clipPath></defs><g clip-path="url(#disc)">${scene}</g><circle ${disc} fill="none" stroke="${css(palette.light)}" stroke-width="14"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${field.width} ${HEIGHT}" preserveAspectRatio="none">${transparent ? badge : scene}</svg>`;
}
