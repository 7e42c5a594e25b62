/** Pictures as pixels, before they are written in a format. */

import { createCipheriv, createHash } from "node:crypto";
import { sharp } from "./sharp.js";
import { cropGrain, paintGrain } from "./grain.js";
import { paintScene, type Subject } from "./scene.js";

/** Pixels in rows from the top, each of 3 (RGB) or 4 (RGBA) bytes. */
export interface Canvas {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
}

const grain = paintGrain();

/** Paints the scene that a prompt calls for. */
export async function paint(subject: Subject): Promise<Canvas> {
  const { width, height, transparent } = subject;
  const svg = Buffer.from(paintScene(subject));
  const painted = sharp(svg, { limitInputPixels: false }).composite([{ ...cropGrain(grain, subject), tile: true, blend: "atop" }]);
  const { data, info } = await (transparent ? painted : painted.removeAlpha()).raw().toBuffer({ resolveWithObject: true });
  return { data, width, height, channels: info.channels as 3 | 4 };
}

/** Fills a canvas with noise that no format can compress. */
export function paintNoise({ prompt, seed, width, height, transparent }: Subject): Canvas {
  const channels = transparent ? 4 : 3;
  const key = createHash("sha256")
    .update(JSON.stringify([prompt, seed]))
    .digest()
    .subarray(0, 16);
  // The key stream of a cipher is the fastest noise at hand that can be repeated.
  const data = createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(width * height * channels));
  return { data, width, height, channels };
}

/** The same picture with or without an alpha channel; what is transparent is not made white. */
export async function withChannels(canvas: Canvas, channels: Canvas["channels"]): Promise<Canvas> {
  if (canvas.channels === channels) return canvas;
  const { data, width, height } = canvas;
  const image = sharp(data, { raw: { width, height, channels: canvas.channels } });
  return { ...canvas, data: await (channels === 4 ? image.ensureAlpha() : image.removeAlpha()).raw().toBuffer(), channels };
}

/** How many pixels of the picture become one in the previews, from the first preview to the last. */
const COARSENESS = [32, 12, 5] as const;

/** Paints the preview of this index: the same picture, rougher. */
export async function roughen(canvas: Canvas, index: number): Promise<Canvas> {
  const { data, width, height, channels } = canvas;
  const coarseness = COARSENESS[index] ?? 2;
  const small = await sharp(data, { raw: { width, height, channels } })
    .resize(Math.ceil(width / coarseness), Math.ceil(height / coarseness), { fit: "fill" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const rough = await sharp(small.data, { raw: { width: small.info.width, height: small.info.height, channels } })
    .resize(width, height, { fit: "fill", kernel: "cubic" })
    .raw()
    .toBuffer();
  return { ...canvas, data: rough };
}
