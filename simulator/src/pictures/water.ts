/** Water that mirrors what lies above it. */

import { digits, HEIGHT, verticalGradient, type Field } from "./brush.js";
import { BLACK, css, mix } from "./colour.js";
import type { Palette } from "./palette.js";
import type { Light } from "./sky.js";

function streaks({ width, random }: Field, level: number, colour: string, count: number, place: (depth: number) => number): string {
  return Array.from({ length: count }, () => {
    const depth = random.next() ** 1.5;
    const length = (16 + 110 * depth) * random.between(0.4, 1.2);
    const x = place(depth);
    return `<ellipse cx="${digits(x)}" cy="${digits(level + 4 + (HEIGHT - level) * depth)}" rx="${digits(Math.min(length, width / 3))}" ry="${digits(0.7 + 2.6 * depth)}" fill="${colour}" fill-opacity="${random.between(0.12, 0.5).toFixed(2)}"/>`;
  }).join("");
}

function sail({ width, random }: Field, palette: Palette, level: number): string {
  const x = width * random.between(0.25, 0.75);
  const y = level + (HEIGHT - level) * random.between(0.08, 0.3);
  const size = 34 + (y - level) * 0.3;
  const hull = `M${digits(x - size * 0.6)} ${digits(y)}h${digits(size * 1.2)}l${digits(-size * 0.22)} ${digits(size * 0.2)}h${digits(-size * 0.76)}z`;
  const canvas = (reach: number) =>
    `M${digits(x)} ${digits(y - size * 0.08)}V${digits(y - size * 1.5)}L${digits(x + size * reach)} ${digits(y - size * 0.08)}Z`;
  return `<path d="${hull}" fill="${css(mix(palette.near, BLACK, 0.3))}"/><path d="${canvas(0.55)}" fill="${css(palette.light)}"/><path d="${canvas(-0.42)}" fill="${css(palette.accent)}"/>`;
}

/** Paints water below a level: the mirror of `scenery`, ripples and the path of light under the sun. */
export function paintWater(field: Field, palette: Palette, level: number, light: Light, scenery: string): string {
  const { width, random } = field;
  const [zenith, middle, horizon] = palette.sky;
  const glitter = (depth: number) => light.x + random.between(-1, 1) * (light.radius * 0.5 + 90 * depth);
  // The mirror is shorter than what it mirrors, so that it fits however high the mountains are.
  const mirror = `<g transform="translate(0 ${digits(level * 1.7)}) scale(1 -0.7)" fill-opacity="0.42">${scenery}</g>`;
  return [
    `<defs>${verticalGradient("water", [
      [mix(horizon, middle, 0.3), 1],
      [mix(middle, zenith, 0.6), 1],
      [mix(zenith, BLACK, 0.35), 1],
    ])}`,
    `<clipPath id="shore"><rect y="${level}" width="${width}" height="${HEIGHT - level}"/></clipPath></defs>`,
    `<rect y="${level}" width="${width}" height="${HEIGHT - level}" fill="url(#water)"/>`,
    `<g clip-path="url(#shore)">${mirror}`,
    streaks(field, level, css(mix(zenith, BLACK, 0.3)), 130, () => width * random.next()),
    streaks(field, level, css(horizon), 110, () => width * random.next()),
    streaks(field, level, css(palette.light), 120, glitter),
    `</g>`,
    random.chance(0.6) ? sail(field, palette, level) : "",
  ].join("");
}
