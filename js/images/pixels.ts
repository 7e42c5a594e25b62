import { contextOf, draw, surface, toBlob, type Drawable, type Size } from "./canvas.js";

/**
 * The largest image that is decoded. Safari's canvases end at 16,384 pixels per edge, and 100 megapixels take 400 MB of memory. Models
 * accept far less.
 */
const MAX_EDGE = 16_384;
const MAX_PIXELS = 100_000_000;
/** Number of pixels of which the transparency is read at a time. */
const BAND_PIXELS = 2 ** 20;

/** True if a browser should not decode an image of this size. */
export function isTooLarge({ width, height }: Size): boolean {
  return width > MAX_EDGE || height > MAX_EDGE || width * height > MAX_PIXELS;
}

/** True if images can be decoded and encoded. */
export function hasCanvas(): boolean {
  return typeof createImageBitmap === "function" && (typeof OffscreenCanvas !== "undefined" || typeof document !== "undefined");
}

/** A decoded image. */
export interface Decoded extends Size {
  source: Drawable;
  close(): void;
}

/** Decodes an image that the browser can display. `type`: its media type, which an SVG needs. */
export async function decode(blob: Blob, type = blob.type): Promise<Decoded> {
  const typed = blob.slice(0, blob.size, type);
  try {
    const bitmap = await createImageBitmap(typed);
    return { source: bitmap, width: bitmap.width, height: bitmap.height, close: () => bitmap.close() };
  } catch (cause) {
    // Chromium decodes SVG and truncated files only in an element.
    if (typeof document === "undefined") throw cause;
    const image = await decodeInElement(typed);
    if (type === "image/svg+xml" || isTooLarge(image) || coverageOf(image) !== "transparent") return image;
    // It is cut off before its first pixel.
    image.close();
    throw cause;
  }
}

async function decodeInElement(blob: Blob): Promise<Decoded> {
  const element = new Image();
  const url = URL.createObjectURL(blob);
  const close = () => URL.revokeObjectURL(url);
  try {
    element.src = url;
    await element.decode();
    const { naturalWidth: width, naturalHeight: height } = element;
    if (width === 0 || height === 0) throw new Error("The image has no size.");
    return { source: element, width, height, close };
  } catch (cause) {
    close();
    throw cause;
  }
}

/**
 * Extreme transparency of an image: no pixel is transparent, or every pixel is. Reads it in bands, to save memory. If the format has no
 * alpha (`mayHaveAlpha`), every pixel is transparent where nothing could be decoded.
 */
export function coverageOf({ source, width, height }: Decoded, mayHaveAlpha = true): "opaque" | "transparent" | undefined {
  const rows = Math.min(height, Math.ceil(BAND_PIXELS / width));
  const context = contextOf(surface({ width, height: rows }), { willReadFrequently: true });
  let [isOpaque, isTransparent] = [true, true];
  for (let top = 0; top < height && (isOpaque || isTransparent); top += rows) {
    context.clearRect(0, 0, width, rows);
    context.drawImage(source, 0, -top, width, height);
    const { data } = context.getImageData(0, 0, width, Math.min(rows, height - top));
    for (let index = 3; index < data.length && (isOpaque || isTransparent); index += 4) {
      isOpaque &&= data[index] === 255;
      isTransparent &&= data[index] === 0;
    }
    if (!mayHaveAlpha && !isTransparent) return "opaque";
  }
  if (isOpaque) return "opaque";
  return isTransparent ? "transparent" : undefined;
}

/** Encodes an image as JPEG if it is opaque, else as PNG. `prefersPng`: as PNG, unless that has more than `maxBytes`. */
export async function encode(image: Decoded, isOpaque: boolean, prefersPng: boolean, maxBytes: number): Promise<Blob> {
  const canvas = draw(image.source, image);
  if (!isOpaque || prefersPng) {
    const png = await toBlob(canvas, "image/png");
    if (!isOpaque || png.size < maxBytes) return png;
  }
  return toBlob(canvas, "image/jpeg");
}
