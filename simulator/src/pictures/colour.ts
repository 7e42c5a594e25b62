/** Colours in sRGB. */

/** Red, green and blue, from 0 to 255. */
export type Colour = readonly [number, number, number];

/** Reads `#rrggbb`. */
export function colour(hex: string): Colour {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** A colour between two others: `share` of 0 is the first, 1 the second. */
export function mix(first: Colour, second: Colour, share: number): Colour {
  const channel = (index: 0 | 1 | 2) => first[index] + (second[index] - first[index]) * share;
  return [channel(0), channel(1), channel(2)];
}

/** Writes a colour for SVG. */
export function css([red, green, blue]: Colour): string {
  return `rgb(${Math.round(red)},${Math.round(green)},${Math.round(blue)})`;
}

/** White. */
export const WHITE = colour("#ffffff");

/** Black. */
export const BLACK = colour("#000000");
