/** A fine grain over painted scenes: it breaks up the bands of gradients and gives files the size of real pictures. */

import { Random } from "./random.js";

const SIZE = 256;
const GREATEST_OPACITY = 16;

/** A tile of grain, as raw pixels for sharp. */
export function paintGrain(): { readonly input: Buffer; readonly raw: { width: number; height: number; channels: 4 } } {
  const random = new Random("grain");
  const input = Buffer.alloc(SIZE * SIZE * 4);
  for (let pixel = 0; pixel < input.length; pixel += 4) {
    input.fill(random.chance(0.5) ? 255 : 0, pixel, pixel + 3);
    input[pixel + 3] = random.next() * GREATEST_OPACITY;
  }
  return { input, raw: { width: SIZE, height: SIZE, channels: 4 } };
}
