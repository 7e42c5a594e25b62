/** The sky: its gradient, the stars, the sun or the moon, clouds and birds. */

import { digits, glowGradient, HEIGHT, verticalGradient, type Field } from "./brush.js";
import { css, mix, WHITE } from "./colour.js";
import type { Palette } from "./palette.js";

/** Where the sun or the moon stands. */
export interface Light {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Chooses a place for the sun or the moon above the horizon. */
export function placeLight({ width, random }: Field, horizon: number): Light {
  return {
    x: width * random.pick([random.between(0.2, 0.4), random.between(0.6, 0.8)]),
    y: horizon * random.between(0.3, 0.75),
    radius: random.between(38, 70),
  };
}

function stars({ width, random }: Field, horizon: number): string {
  return Array.from({ length: Math.round(width / 4) }, () => {
    const radius = 0.5 + 1.7 * random.next() ** 4;
    return `<circle cx="${digits(width * random.next())}" cy="${digits(horizon * random.next())}" r="${radius.toFixed(2)}" fill="#fff" fill-opacity="${random.between(0.3, 1).toFixed(2)}"/>`;
  }).join("");
}

function cloud({ width, random }: Field, y: number): string {
  const x = width * random.between(-0.05, 1.05);
  const length = random.between(120, 320);
  return Array.from({ length: 9 }, () => {
    // Puffs are higher in the middle, so that the cloud has a flat base.
    const along = random.between(-1, 1);
    const radius = random.between(0.25, 0.55) * length * (1.1 - Math.abs(along));
    return `<ellipse cx="${digits(x + along * length)}" cy="${digits(y - radius * 0.12)}" rx="${digits(radius * 1.5)}" ry="${digits(radius * 0.32)}" fill="url(#cloud)"/>`;
  }).join("");
}

function bird({ width, random }: Field, horizon: number, fill: string): string {
  const span = random.between(7, 15);
  const x = width * random.between(0.15, 0.85);
  const y = horizon * random.between(0.25, 0.7);
  return `<path d="M${digits(x - span)} ${digits(y)}q${digits(span * 0.6)} ${digits(-span * 0.7)} ${digits(span)} 0q${digits(span * 0.4)} ${digits(-span * 0.7)} ${digits(span)} 0" fill="none" stroke="${fill}" stroke-width="2" stroke-linecap="round"/>`;
}

/** Paints the sky down to the horizon. */
export function paintSky(field: Field, palette: Palette, horizon: number, light: Light): string {
  const { width, random } = field;
  const { sky, night } = palette;
  const halo = light.radius * random.between(6, 9);
  const clouds = Array.from({ length: random.chance(0.75) ? 7 : 2 }, () => cloud(field, horizon * random.between(0.12, 0.85)));
  const birds = night ? [] : Array.from({ length: Math.round(random.between(0, 7)) }, () => bird(field, horizon, css(palette.near)));
  const crescent = night && random.chance(0.5);
  return [
    `<defs>`,
    verticalGradient("sky", [
      [sky[0], 1],
      [sky[1], 1],
      [sky[2], 1],
    ]),
    glowGradient("halo", palette.light, night ? 0.5 : 0.85),
    glowGradient("cloud", mix(sky[2], WHITE, 0.55), night ? 0.1 : 0.34),
    `<mask id="crescent"><rect width="${width}" height="${HEIGHT}" fill="#fff"/><circle cx="${digits(light.x + light.radius * 0.45)}" cy="${digits(light.y - light.radius * 0.2)}" r="${digits(light.radius * 0.9)}" fill="#000"/></mask>`,
    `</defs>`,
    `<rect width="${width}" height="${horizon}" fill="url(#sky)"/>`,
    night ? stars(field, horizon * 0.9) : "",
    `<circle cx="${digits(light.x)}" cy="${digits(light.y)}" r="${digits(halo)}" fill="url(#halo)"/>`,
    `<circle cx="${digits(light.x)}" cy="${digits(light.y)}" r="${digits(light.radius)}" fill="${css(palette.light)}"${crescent ? ' mask="url(#crescent)"' : ""}/>`,
    ...clouds,
    ...birds,
  ].join("");
}
