/** Turns the files that an edit starts from into pixels. */

import type { Sharp } from "sharp";
import { sharp } from "./sharp.js";
import type { Canvas } from "./canvas.js";

/** A file, and the size in which its picture is wanted. A picture of another shape loses its margins. */
export interface Fit {
  readonly bytes: Uint8Array;
  /** The displayed size of the image in the file. */
  readonly from: { readonly width: number; readonly height: number };
  readonly to: { readonly width: number; readonly height: number };
}

/**
 * Returns true if the Exif orientation of a file counts. Browsers ignore that of a WebP. Azure's documentation does not say what the service
 * does; the client sends rotated pixels if there is a mask, so that both readings agree.
 */
export function hasOrientation(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(8, 12)).toString("latin1") !== "WEBP";
}

function open({ bytes, from, to }: Fit): Sharp {
  // Colours stay as the file has them: a profile would change numbers that an edit must leave alone.
  const image = sharp(bytes, { autoOrient: hasOrientation(bytes), ignoreIcc: true, failOn: "error" });
  const fits = from.width === to.width && from.height === to.height;
  return fits ? image : image.resize(to.width, to.height, { fit: "cover" });
}

/** Reads the pixels of a picture. What is transparent becomes white if `transparent` is not wanted. */
export async function readCanvas(fit: Fit, { transparent }: { readonly transparent: boolean }): Promise<Canvas> {
  const image = open(fit).toColourspace("srgb");
  const { data } = await (transparent ? image.ensureAlpha() : image.flatten({ background: "#ffffff" }))
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return { data, ...fit.to, channels: transparent ? 4 : 3 };
}

/** Reads how far a mask is open at each pixel: 0 where it is opaque, 255 where it is transparent. */
export async function readOpenness(fit: Fit): Promise<Buffer> {
  return open(fit).extractChannel("alpha").negate().raw({ depth: "uchar" }).toBuffer();
}

/** Reads a picture as a square tile with a white frame. */
export async function readTile(bytes: Uint8Array, side: number): Promise<Buffer> {
  const frame = Math.max(1, Math.round(side * 0.04));
  const inside = Math.max(1, side - 2 * frame);
  return sharp(bytes, { autoOrient: hasOrientation(bytes), failOn: "error" })
    .resize(inside, inside, { fit: "cover" })
    .flatten({ background: "#ffffff" })
    .extend({ top: frame, bottom: frame, left: frame, right: frame, background: "#ffffff" })
    .toColourspace("srgb")
    .png({ compressionLevel: 0 })
    .toBuffer();
}
