/** The strokes that scenes are painted with: each returns SVG. */

import { css, type Colour } from "./colour.js";
import type { Random } from "./random.js";

/** The field that is painted: as wide as the picture's shape demands, and always 1000 high. */
export interface Field {
  readonly width: number;
  readonly random: Random;
}

/** The height of every field. */
export const HEIGHT = 1000;

/** A coordinate, with no more digits than can be seen. */
export function digits(value: number): string {
  return value.toFixed(1);
}

/** A gradient from top to bottom; the stops are colours with their opacity, spread evenly. */
export function verticalGradient(id: string, stops: readonly (readonly [Colour, number])[]): string {
  const parts = stops.map(
    ([colour, opacity], index) => `<stop offset="${index / (stops.length - 1)}" stop-color="${css(colour)}" stop-opacity="${opacity}"/>`,
  );
  return `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1">${parts.join("")}</linearGradient>`;
}

/** A gradient from a colour in the middle to nothing at the edge. */
export function glowGradient(id: string, colour: Colour, opacity: number): string {
  const stop = (offset: number, share: number) => `<stop offset="${offset}" stop-color="${css(colour)}" stop-opacity="${opacity * share}"/>`;
  return `<radialGradient id="${id}">${stop(0, 1)}${stop(0.35, 0.45)}${stop(0.7, 0.12)}${stop(1, 0)}</radialGradient>`;
}

/** The heights of a skyline of land, from left to right: `roughness` of 0.4 makes hills, of 0.6 peaks. */
export function skyline({ random }: Field, top: number, bottom: number, roughness: number): number[] {
  let heights = [random.next(), random.next(), random.next()];
  let reach = 0.6;
  while (heights.length < 250) {
    heights = heights.flatMap((height, index) => {
      const next = heights[index + 1];
      return next === undefined ? [height] : [height, (height + next) / 2 + random.between(-reach, reach)];
    });
    reach *= roughness;
  }
  const lowest = Math.min(...heights);
  const highest = Math.max(...heights);
  return heights.map((height) => bottom + ((height - lowest) / (highest - lowest)) * (top - bottom));
}

/** The area between a skyline and a level below it. */
export function land({ width }: Field, heights: readonly number[], level: number, fill: string): string {
  const step = width / (heights.length - 1);
  const points = heights.map((height, index) => `L${digits(index * step)} ${digits(height)}`);
  return `<path d="M0 ${level}${points.join("")}L${digits(width)} ${level}Z" fill="${fill}"/>`;
}

/** The height of a skyline at a place. */
export function heightAt({ width }: Field, heights: readonly number[], x: number): number {
  const index = Math.round((x / width) * (heights.length - 1));
  return heights[Math.min(Math.max(index, 0), heights.length - 1)] ?? HEIGHT;
}
