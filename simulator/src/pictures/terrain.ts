/** What stands on the ground: ridges in the haze, conifers, towers, flowers, dunes. */

import { digits, HEIGHT, heightAt, land, skyline, verticalGradient, type Field } from "./brush.js";
import { BLACK, colour, css, mix, WHITE } from "./colour.js";
import type { Palette } from "./palette.js";

const GREEN = colour("#6a9e48");

/** Paints ranges one before the other, each darker and sharper than the one behind it, down to `floor`. */
export function paintRanges(
  field: Field,
  palette: Palette,
  shape: { readonly top: number; readonly floor: number; readonly count: number; readonly roughness: number; readonly snow: boolean },
): string {
  const { top, floor, count, roughness, snow } = shape;
  const drop = (floor - top) / (count + 0.6);
  return Array.from({ length: count }, (_, index) => {
    const nearness = index / Math.max(1, count - 1);
    const body = mix(palette.far, palette.near, nearness ** 1.3);
    const haze = mix(body, palette.sky[2], 0.62 - 0.45 * nearness);
    const crest = snow && nearness < 0.7 ? mix(body, WHITE, 0.85) : mix(body, palette.light, 0.12);
    const id = `range${index}`;
    const height = top + index * drop;
    const heights = skyline(field, height, height + drop * (1.9 - nearness * 0.6), roughness);
    return `<defs>${verticalGradient(id, [
      [crest, 1],
      [body, 1],
      [haze, 1],
    ])}</defs>${land(field, heights, floor + 2, `url(#${id})`)}`;
  }).join("");
}

function conifer(x: number, ground: number, height: number, fill: string): string {
  const tiers = 6;
  const side = (direction: 1 | -1) =>
    Array.from({ length: tiers }, (_, index) => {
      const tier = direction === 1 ? index : tiers - 1 - index;
      const y = ground - height * (1 - (tier + 1) / tiers);
      const reach = height * 0.05 * (tier + 1);
      const outer = `${digits(x + direction * reach)} ${digits(y)}`;
      const inner = `${digits(x + direction * reach * 0.5)} ${digits(y - height * 0.015)}`;
      return direction === 1 ? `L${outer}L${inner}` : `L${inner}L${outer}`;
    }).join("");
  return `<path d="M${digits(x)} ${digits(ground - height * 1.1)}${side(1)}${side(-1)}Z" fill="${fill}"/>`;
}

/** Paints rows of conifers, the nearest at the bottom. */
export function paintForest(field: Field, palette: Palette, top: number): string {
  const { width, random } = field;
  const rows = 4;
  return Array.from({ length: rows }, (_, row) => {
    const nearness = row / (rows - 1);
    const fill = css(mix(mix(palette.far, palette.sky[2], 0.25), mix(palette.near, BLACK, 0.25), 0.25 + 0.75 * nearness));
    const level = top + ((HEIGHT - top) * (row + 0.6)) / rows;
    const ground = skyline(field, level - 30, level + 30, 0.42);
    const height = 70 + 170 * nearness;
    const trees = Array.from({ length: Math.round(width / (height * 0.22)) }, () => {
      const x = width * random.next();
      return conifer(x, heightAt(field, ground, x) + 14, height * random.between(0.55, 1.15), fill);
    });
    return trees.join("") + land(field, ground, HEIGHT, fill);
  }).join("");
}

function tower({ random }: Field, palette: Palette, x: number, breadth: number, top: number, floor: number, nearness: number): string {
  const fill = css(mix(mix(palette.far, palette.sky[2], 0.3), mix(palette.near, BLACK, 0.2), nearness));
  const spire = random.chance(0.2) ? `<rect x="${digits(x + breadth / 2 - 1.5)}" y="${digits(top - 60)}" width="3" height="60" fill="${fill}"/>` : "";
  const pitch = 15;
  const windows: string[] = [];
  for (let y = top + 12; y < floor - pitch; y += pitch * 1.25) {
    for (let column = x + 7; column < x + breadth - 9; column += pitch) {
      if (random.chance(0.42)) windows.push(`M${digits(column)} ${digits(y)}h6v9h-6z`);
    }
  }
  const lit = css(mix(palette.accent, palette.light, random.between(0.2, 0.8)));
  return `<rect x="${digits(x)}" y="${digits(top)}" width="${digits(breadth)}" height="${digits(floor - top)}" fill="${fill}"/>${spire}<path d="${windows.join("")}" fill="${lit}" fill-opacity="${(0.2 + 0.6 * nearness).toFixed(2)}"/>`;
}

/** Paints a town: rows of towers with lit windows, down to `floor`. */
export function paintCity(field: Field, palette: Palette, top: number, floor: number): string {
  const { width, random } = field;
  const rows = 3;
  return Array.from({ length: rows }, (_, row) => {
    const nearness = (row + 0.4) / rows;
    const towers: string[] = [];
    for (let x = -40 * random.next(); x < width; ) {
      const breadth = random.between(45, 100) * (0.7 + nearness * 0.5);
      const height = (floor - top) * random.between(0.35, 1) * (1 - 0.25 * row);
      towers.push(tower(field, palette, x, breadth, floor - height, floor, nearness));
      x += breadth + random.between(0, 14);
    }
    return towers.join("");
  }).join("");
}

/** Paints a meadow with flowers, smaller and denser towards the horizon. */
export function paintMeadow(field: Field, palette: Palette, top: number): string {
  const { width, random } = field;
  const ground = skyline(field, top - 25, top + 25, 0.38);
  const grass = mix(palette.near, GREEN, palette.night ? 0.15 : 0.5);
  const colours = [palette.accent, mix(palette.accent, WHITE, 0.6), palette.light].map(css);
  const count = Math.round(width * 0.9);
  const flowers = Array.from({ length: count }, (_, index) => {
    const depth = (index / count) ** 1.6;
    const x = width * random.next();
    const y = heightAt(field, ground, x) + 8 + (HEIGHT - top) * depth;
    const size = 1.2 + 8 * depth;
    const stem = `<path d="M${digits(x)} ${digits(y)}q${digits(size * random.between(-1, 1))} ${digits(size * 2)} 0 ${digits(size * 4)}" stroke="${css(mix(grass, BLACK, 0.3))}" stroke-width="${digits(size * 0.25)}" fill="none"/>`;
    return `${stem}<ellipse cx="${digits(x)}" cy="${digits(y)}" rx="${digits(size)}" ry="${digits(size * 0.75)}" fill="${random.pick([colours[0], ...colours.slice(1)])}"/>`;
  });
  return `<defs>${verticalGradient("meadow", [
    [mix(grass, palette.light, 0.35), 1],
    [grass, 1],
    [mix(grass, BLACK, 0.35), 1],
  ])}</defs>${land(field, ground, HEIGHT, "url(#meadow)")}${flowers.join("")}`;
}

/** Paints dunes: long crests with a lit and a shaded side. */
export function paintDunes(field: Field, palette: Palette, top: number): string {
  const { width, random } = field;
  const count = 5;
  return Array.from({ length: count }, (_, index) => {
    const nearness = index / (count - 1);
    const y = top + (HEIGHT - top) * 0.85 * nearness ** 1.2;
    const crest = width * random.between(0.2, 0.8);
    const rise = 60 + 110 * nearness;
    const lit = mix(mix(palette.far, palette.light, 0.3), palette.near, nearness * 0.55);
    const id = `dune${index}`;
    const left = y + rise * random.between(0.2, 0.8);
    const right = y + rise * random.between(0.2, 0.8);
    const outline = `M0 ${HEIGHT}L0 ${digits(left)}Q${digits(crest * 0.6)} ${digits(left)} ${digits(crest)} ${digits(y - rise * 0.3)}`;
    const shade = `M${digits(crest)} ${digits(y - rise * 0.3)}Q${digits(crest + (width - crest) * 0.35)} ${digits(right)} ${width} ${digits(right)}L${width} ${HEIGHT}L${digits(crest * 0.75)} ${HEIGHT}Q${digits(crest * 1.08)} ${digits(y + rise)} ${digits(crest)} ${digits(y - rise * 0.3)}Z`;
    return `<defs>${verticalGradient(id, [
      [lit, 1],
      [mix(lit, palette.near, 0.4), 1],
    ])}</defs><path d="${outline}Q${digits(crest + (width - crest) * 0.35)} ${digits(right)} ${width} ${digits(right)}L${width} ${HEIGHT}Z" fill="url(#${id})"/><path d="${shade}" fill="${css(palette.near)}" fill-opacity="0.28"/>`;
  }).join("");
}
