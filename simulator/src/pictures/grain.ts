/** A fine grain over painted scenes: it breaks up the bands of gradients and gives files the size of real pictures. */

import { Random } from "./random.js";

const SIZE = 256;
const GREATEST_OPACITY = 16;

/** A tile of grain, as raw pixels for sharp. */
export interface Grain {
  readonly input: Buffer;
  readonly raw: { readonly width: number; readonly height: number; readonly channels: 4 };
}

/** Makes a tile of grain. */
export function paintGrain(): Grain {
  const random = new Random("grain");
  const input = Buffer.alloc(SIZE * SIZE * 4);
  for (let pixel = 0; pixel < input.length; pixel += 4) {
    input.fill(random.chance(0.5) ? 255 : 0, pixel, pixel + 3);
    input[pixel + 3] = random.next() * GREATEST_OPACITY;
  }
  return { input, raw: { width: SIZE, height: SIZE, channels: 4 } };
}

/** The part of a tile that is no larger than a picture: sharp lays nothing over a smaller one. */
export function cropGrain({ input }: Grain, picture: { readonly width: number; readonly height: number }): Grain {
  const width = Math.min(SIZE, picture.width);
  const height = Math.min(SIZE, picture.height);
  const rows = Array.from({ length: height }, (_, y) => input.subarray(y * SIZE * 4, (y * SIZE + width) * 4));
  return { input: Buffer.concat(rows), raw: { width, height, channels: 4 } };
}
