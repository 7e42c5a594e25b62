/** The colours of a scene: a time and a season that the prompt names, tinted with the colours it names. */

import { BLACK, colour, mix, WHITE, type Colour } from "./colour.js";
import type { Random } from "./random.js";

/** The colours of a scene. */
export interface Palette {
  /** The sky from the zenith to the horizon. */
  readonly sky: readonly [Colour, Colour, Colour];
  /** The sun or the moon, and what it lights. */
  readonly light: Colour;
  /** The land in the haze of the distance. */
  readonly far: Colour;
  /** The land at one's feet. */
  readonly near: Colour;
  /** Flowers, windows, sails. */
  readonly accent: Colour;
  /** Whether the stars are out. */
  readonly night: boolean;
}

function palette(sky: [string, string, string], light: string, far: string, near: string, accent: string, night = false): Palette {
  return {
    sky: [colour(sky[0]), colour(sky[1]), colour(sky[2])],
    light: colour(light),
    far: colour(far),
    near: colour(near),
    accent: colour(accent),
    night,
  };
}

const named: readonly (readonly [RegExp, Palette])[] = [
  [
    /\b(night|midnight|stars?|starry|moon\w*|aurora|galaxy|space)\b/i,
    palette(["#070b24", "#1b2a5c", "#4b5f9e"], "#f4f1de", "#3d4f86", "#080c1c", "#ffd166", true),
  ],
  [/\b(dusk|twilight|evening|purple|lavender|neon)\b/i, palette(["#1f1147", "#6b3fa0", "#f29cb7"], "#ffd9b0", "#7d5ba6", "#190f33", "#ff8fab", true)],
  [/\b(sunset|golden|warm|fire|lava|volcan\w*)\b/i, palette(["#3a2a6b", "#e4576b", "#ffc46b"], "#fff1c1", "#b35a7a", "#2a1430", "#ffd166")],
  [/\b(dawn|sunrise|morning|pastel|mist\w*|fog\w*)\b/i, palette(["#7fa8d9", "#f3c6d3", "#ffe8c7"], "#fffaf0", "#a9aecb", "#3f4a63", "#f58a9b")],
  [/\b(winter|snow\w*|ice|icy|frozen|arctic|glacier)\b/i, palette(["#4f82b8", "#a9cfe8", "#eef6fb"], "#ffffff", "#b9d2e6", "#365273", "#d1495b")],
  [/\b(autumn|fall|october|harvest|pumpkin)\b/i, palette(["#5b7fa3", "#e8c39e", "#fbe6c2"], "#fff3d6", "#c98d5e", "#5a2a1c", "#e07a2f")],
  [/\b(desert|dunes?|sand\w*|canyon|mars|camel)\b/i, palette(["#3f7cac", "#f2c48d", "#ffe3b0"], "#fff6df", "#dd9b66", "#7c3a21", "#e4572e")],
  [
    /\b(tropical|beach|island|caribbean|palm|summer|umbrella)\b/i,
    palette(["#0a6fb5", "#4cc3e0", "#d3f3ee"], "#fffbe0", "#5fb5b0", "#0c4a52", "#ff6f59"),
  ],
];

const unnamed: readonly [Palette, ...Palette[]] = [
  palette(["#2c6fb3", "#7fb8e0", "#e6f2ee"], "#fffbe6", "#8fb3c4", "#1e4433", "#f4a259"),
  palette(["#24496e", "#f08a5d", "#ffd9a0"], "#fff4d2", "#a8667a", "#22223b", "#f9c74f"),
  palette(["#274c77", "#8fb8c9", "#f6ead7"], "#fff8e7", "#86a3b3", "#1c3a4a", "#ee6c4d"),
  palette(["#432371", "#c06c9b", "#faae7b"], "#fff0d9", "#8a5a92", "#20123a", "#ffd166"),
  palette(["#0b5f6b", "#67b8a6", "#f1eec9"], "#fffce8", "#6fa596", "#12372f", "#f28482"),
];

const tints: readonly (readonly [RegExp, Colour])[] = [
  [/\b(red|crimson|scarlet|ruby)\b/i, colour("#d62839")],
  [/\b(orange|amber)\b/i, colour("#f3722c")],
  [/\b(yellow|gold)\b/i, colour("#f9c74f")],
  [/\b(green|emerald|jade)\b/i, colour("#2a9d5c")],
  [/\b(teal|turquoise|cyan)\b/i, colour("#14a3a8")],
  [/\b(blue|azure|sapphire|indigo)\b/i, colour("#2667d9")],
  [/\b(purple|violet|lilac)\b/i, colour("#8338ec")],
  [/\b(pink|rose|magenta)\b/i, colour("#f15bb5")],
  [/\b(white|silver|pale)\b/i, colour("#f1f3f5")],
  [/\b(black|dark|grey|gray)\b/i, colour("#23262b")],
];

/** A palette in the shades of one colour. */
function shadesOf(tint: Colour, { light, accent }: Palette): Palette {
  return {
    sky: [mix(tint, BLACK, 0.4), mix(tint, WHITE, 0.3), mix(tint, WHITE, 0.82)],
    light: mix(light, WHITE, 0.3),
    far: mix(tint, WHITE, 0.35),
    near: mix(tint, BLACK, 0.68),
    accent,
    night: false,
  };
}

function tinted({ sky, light, far, near, night }: Palette, tint: Colour): Palette {
  return {
    sky: [mix(sky[0], tint, 0.35), mix(sky[1], tint, 0.35), mix(sky[2], tint, 0.2)],
    light: mix(light, tint, 0.1),
    far: mix(far, tint, 0.4),
    near: mix(near, tint, 0.22),
    accent: tint,
    night,
  };
}

/** Chooses the colours for a prompt. */
export function choosePalette(prompt: string, random: Random): Palette {
  const chance = random.pick(unnamed);
  const base = named.find(([words]) => words.test(prompt))?.[1];
  const tint = tints.find(([words]) => words.test(prompt))?.[1];
  if (tint === undefined) return base ?? chance;
  return base === undefined ? shadesOf(tint, chance) : tinted(base, tint);
}
