/** Pictures as files: bytes in the format that was asked for. */

import { createHash } from "node:crypto";
import { sharp } from "./sharp.js";
import type { Canvas } from "./canvas.js";

/** A finished file. */
export interface Picture {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly width: number;
  readonly height: number;
  readonly kind: "partial" | "final";
}

/** How a picture is written. */
export interface Encoding {
  readonly format: "png" | "jpeg" | "webp";
  /** The `output_compression`, which the formats with loss take as their quality. */
  readonly compression: number;
  /** Whether to spend time on making the file small. */
  readonly compact: boolean;
}

/** Encodes a canvas. */
export async function encode(canvas: Canvas, kind: Picture["kind"], encoding: Encoding): Promise<Picture> {
  const { data, width, height, channels } = canvas;
  const image = sharp(data, { raw: { width, height, channels } });
  const quality = Math.max(1, encoding.compression);
  const encoded = {
    png: () => image.png({ compressionLevel: encoding.compact ? 6 : 0 }),
    jpeg: () => image.jpeg({ quality }),
    webp: () => image.webp({ quality, effort: 2 }),
  }[encoding.format]();
  return { bytes: await encoded.toBuffer(), mediaType: `image/${encoding.format}`, width, height, kind };
}

/** The hash that names a picture in the log. */
export function hashOf({ bytes }: Picture): string {
  return createHash("sha256").update(bytes).digest("hex");
}
