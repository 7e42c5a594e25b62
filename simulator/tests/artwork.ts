/** Pictures to edit, masks, and what came of them pixel by pixel. */

import sharp, { type Sharp } from "sharp";

/** A rectangle of pixels. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A colourful picture in which no two neighbours are alike, so that a shift by one pixel is seen. */
export function photograph(width: number, height: number, channels: 3 | 4 = 3): Sharp {
  const data = Buffer.alloc(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels;
      data[at] = (x * 7 + y) % 256;
      data[at + 1] = (y * 5 + (x >> 3)) % 256;
      data[at + 2] = (x * y) % 256;
      if (channels === 4) data[at + 3] = x < width / 2 ? 255 : 128;
    }
  }
  return sharp(data, { raw: { width, height, channels } });
}

/** A mask that is open in a rectangle, with this alpha there. */
export function mask(width: number, height: number, hole: Rectangle, alpha = 0): Sharp {
  const data = Buffer.alloc(width * height * 4, 255);
  for (let y = hole.top; y < hole.top + hole.height; y++) {
    for (let x = hole.left; x < hole.left + hole.width; x++) data[(y * width + x) * 4 + 3] = alpha;
  }
  return sharp(data, { raw: { width, height, channels: 4 } });
}

/** A file as a page would send it. */
export function file(bytes: Uint8Array, name: string, type = `image/${name.split(".").at(-1)}`): File {
  return new File([new Uint8Array(bytes)], name, { type });
}

/** Counts the pixels that are the same in two pictures, inside and outside of a rectangle. */
export async function compare(
  first: Uint8Array,
  second: Uint8Array,
  { left, top, width, height }: Rectangle,
): Promise<{ inside: number; outside: number; insideAlike: number; outsideAlike: number }> {
  const [one, other] = await Promise.all([first, second].map((bytes) => sharp(bytes).raw().toBuffer({ resolveWithObject: true })));
  if (one === undefined || other === undefined || one.info.size !== other.info.size) throw new Error("The pictures differ in shape.");
  const { channels } = one.info;
  const pixels = { inside: 0, outside: 0, insideAlike: 0, outsideAlike: 0 };
  const [{ data: ones }, { data: others }] = [one, other];
  let at = 0;
  for (let y = 0; y < one.info.height; y++) {
    for (let x = 0; x < one.info.width; x++, at += channels) {
      let channel = 0;
      while (channel < channels && ones[at + channel] === others[at + channel]) channel++;
      const alike = channel === channels ? 1 : 0;
      if (x >= left && x < left + width && y >= top && y < top + height) {
        pixels.inside++;
        pixels.insideAlike += alike;
      } else {
        pixels.outside++;
        pixels.outsideAlike += alike;
      }
    }
  }
  return pixels;
}
