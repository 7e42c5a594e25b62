/** The kinds of scene, and the words that call for each. */

import { digits, glowGradient, HEIGHT, skyline, land, verticalGradient, type Field } from "./brush.js";
import { BLACK, css, mix, WHITE } from "./colour.js";
import type { Palette } from "./palette.js";
import { paintSky, placeLight } from "./sky.js";
import { paintCity, paintDunes, paintForest, paintMeadow, paintRanges } from "./terrain.js";
import { paintWater } from "./water.js";

/** Paints a whole scene on a field. */
export type Composition = (field: Field, palette: Palette, prompt: string) => string;

const SNOW = /\b(snow\w*|winter|ice|icy|glacier|alps?|alpine|himalaya\w*)\b/i;

const mountains: Composition = (field, palette, prompt) => {
  const light = placeLight(field, 560);
  const top = field.random.between(300, 400);
  return (
    paintSky(field, palette, 820, light) + paintRanges(field, palette, { top, floor: HEIGHT, count: 5, roughness: 0.53, snow: SNOW.test(prompt) })
  );
};

const lake: Composition = (field, palette, prompt) => {
  const level = field.random.between(560, 660);
  const light = placeLight(field, level * 0.8);
  const ranges = paintRanges(field, palette, { top: level * 0.5, floor: level, count: 3, roughness: 0.52, snow: SNOW.test(prompt) });
  return paintSky(field, palette, level, light) + ranges + paintWater(field, palette, level, light, ranges);
};

const sea: Composition = (field, palette) => {
  const level = field.random.between(480, 580);
  const light = placeLight(field, level);
  const island = paintRanges(field, palette, { top: level - 70, floor: level, count: 1, roughness: 0.45, snow: false });
  return paintSky(field, palette, level, light) + island + paintWater(field, palette, level, light, island);
};

const forest: Composition = (field, palette) => {
  const light = placeLight(field, 520);
  const ranges = paintRanges(field, palette, { top: 360, floor: 720, count: 2, roughness: 0.48, snow: false });
  return paintSky(field, palette, 720, light) + ranges + paintForest(field, palette, 560);
};

const city: Composition = (field, palette) => {
  const level = field.random.between(760, 840);
  const light = placeLight(field, 520);
  const town = paintCity(field, palette, 260, level);
  return paintSky(field, palette, level, light) + town + paintWater(field, palette, level, light, town);
};

const meadow: Composition = (field, palette) => {
  const light = placeLight(field, 480);
  const hills = paintRanges(field, palette, { top: 440, floor: 720, count: 3, roughness: 0.4, snow: false });
  return paintSky(field, palette, 720, light) + hills + paintMeadow(field, palette, 660);
};

const desert: Composition = (field, palette) => {
  const light = placeLight(field, 480);
  return paintSky(field, palette, 700, light) + paintDunes(field, palette, 560);
};

const space: Composition = (field, palette) => {
  const { width, random } = field;
  const deep = mix(palette.sky[0], BLACK, 0.55);
  const nebulae = Array.from({ length: 7 }, (_, index) => {
    const id = `nebula${index}`;
    const hue = random.pick([palette.accent, palette.sky[1], palette.sky[2]]);
    return `<defs>${glowGradient(id, hue, 0.45)}</defs><ellipse cx="${digits(width * random.next())}" cy="${digits(HEIGHT * random.next())}" rx="${digits(random.between(200, 520))}" ry="${digits(random.between(120, 300))}" fill="url(#${id})"/>`;
  });
  const stars = Array.from({ length: Math.round(width * 0.7) }, () => {
    const radius = 0.4 + 2 * random.next() ** 6;
    return `<circle cx="${digits(width * random.next())}" cy="${digits(HEIGHT * random.next())}" r="${radius.toFixed(2)}" fill="#fff" fill-opacity="${random.between(0.3, 1).toFixed(2)}"/>`;
  });
  const x = width * random.between(0.35, 0.65);
  const y = random.between(430, 580);
  const radius = random.between(150, 240);
  const bands = Array.from({ length: 7 }, (_, index) => {
    const shade = mix(palette.accent, random.chance(0.5) ? palette.near : palette.light, random.between(0.1, 0.5));
    return `<rect x="${digits(x - radius)}" y="${digits(y - radius + (index * 2 * radius) / 7)}" width="${digits(radius * 2)}" height="${digits((2 * radius) / 7 + 1)}" fill="${css(shade)}"/>`;
  });
  const ring = (half: "M-1 0A1 1 0 0 0 1 0" | "M-1 0A1 1 0 0 1 1 0") =>
    `<g transform="translate(${digits(x)} ${digits(y)}) rotate(-18) scale(${digits(radius * 1.75)} ${digits(radius * 0.42)})"><path d="${half}" fill="none" stroke="${css(mix(palette.light, palette.accent, 0.3))}" stroke-width="0.16" opacity="0.7"/></g>`;
  return [
    `<defs><clipPath id="planet"><circle cx="${digits(x)}" cy="${digits(y)}" r="${digits(radius)}"/></clipPath>`,
    `<radialGradient id="shade" cx="0.32" cy="0.3" r="0.8"><stop offset="0" stop-color="#fff" stop-opacity="0.35"/><stop offset="0.45" stop-color="#000" stop-opacity="0.05"/><stop offset="1" stop-color="#000" stop-opacity="0.85"/></radialGradient></defs>`,
    `<rect width="${width}" height="${HEIGHT}" fill="${css(deep)}"/>`,
    ...nebulae,
    ...stars,
    ring("M-1 0A1 1 0 0 1 1 0"),
    `<g clip-path="url(#planet)"><g transform="rotate(-18 ${digits(x)} ${digits(y)})">${bands.join("")}</g></g>`,
    `<circle cx="${digits(x)}" cy="${digits(y)}" r="${digits(radius)}" fill="url(#shade)"/>`,
    ring("M-1 0A1 1 0 0 0 1 0"),
  ].join("");
};

const abstract: Composition = (field, palette) => {
  const { width, random } = field;
  const colours = [palette.sky[0], palette.accent, palette.sky[1], palette.far, palette.light, palette.near] as const;
  const count = 9;
  const waves = Array.from({ length: count }, (_, index) => {
    const base = random.pick(colours);
    const id = `wave${index}`;
    const y = 120 + (index * 820) / count;
    const heights = skyline(field, y - 110, y + 110, 0.3);
    const shadow = heights.map((height) => height - 12);
    return `<defs>${verticalGradient(id, [
      [mix(base, WHITE, 0.25), 1],
      [base, 1],
      [mix(base, palette.near, 0.5), 1],
    ])}</defs><g opacity="0.16">${land(field, shadow, HEIGHT, "#000")}</g>${land(field, heights, HEIGHT, `url(#${id})`)}`;
  });
  const disc = `<circle cx="${digits(width * random.between(0.25, 0.75))}" cy="${digits(random.between(180, 330))}" r="${digits(random.between(90, 150))}" fill="${css(palette.accent)}"/>`;
  return `<rect width="${width}" height="${HEIGHT}" fill="${css(mix(palette.sky[2], WHITE, 0.3))}"/>${disc}${waves.join("")}`;
};

const called: readonly (readonly [RegExp, Composition])[] = [
  [/\b(abstract|pattern|waves?|geometric|texture|wallpaper|logo|icon)\b/i, abstract],
  [/\b(space|planets?|galaxy|saturn|jupiter|nebula|cosmos|astronaut|rocket)\b/i, space],
  [/\b(city|town|street|skyline|buildings?|towers?|skyscrapers?|cyberpunk|neon|car|bicycle)\b/i, city],
  [/\b(desert|dunes?|sand|sahara|camel|mars|canyon)\b/i, desert],
  [/\b(forest|woods?|trees?|pines?|jungle|cabin|fox|deer|bear|owl)\b/i, forest],
  [/\b(lake|river|pond|fjord|otter|reflection)\b/i, lake],
  [/\b(sea|ocean|beach|boat|ship|sail\w*|island|harbou?r|coast|whale|umbrella)\b/i, sea],
  [/\b(flowers?|meadow|garden|field|tulips?|poppies|spring|picnic|cat|dog|horse)\b/i, meadow],
  [/\b(mountains?|alps?|peaks?|hills?|summit|valley)\b/i, mountains],
];

/** Chooses what to paint for a prompt. */
export function chooseComposition(prompt: string, { random }: Field): Composition {
  const chance = random.pick([mountains, lake, sea, forest, meadow, abstract]);
  return called.find(([words]) => words.test(prompt))?.[1] ?? chance;
}
