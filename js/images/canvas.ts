import { own } from "../core/own.js";

/** Anything with pixels that a canvas can draw. */
export type Drawable = ImageBitmap | HTMLImageElement | HTMLVideoElement | VideoFrame;
type Surface = HTMLCanvasElement | OffscreenCanvas;
export type Size = { width: number; height: number };

/** The quality of converted images. */
const JPEG_QUALITY = 0.95;

/** Encodes pixels as PNG. Captures them at once. */
export function pngOf(source: Drawable, size: Size): Promise<Blob> {
  return toBlob(draw(source, size), "image/png");
}

/** Encodes pixels as PNG. Captures them at once. */
export function pngOfData(pixels: ImageData): Promise<Blob> {
  const canvas = surface(pixels);
  contextOf(canvas).putImageData(pixels, 0, 0);
  return toBlob(canvas, "image/png");
}

/** Encodes a canvas. */
export async function toBlob(canvas: Surface, type: string): Promise<Blob> {
  if ("convertToBlob" in canvas) return canvas.convertToBlob(own({ type, quality: JPEG_QUALITY }));
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The canvas is empty."))), type, JPEG_QUALITY);
  });
}

export function draw(source: Drawable, { width, height }: Size): Surface {
  const canvas = surface({ width, height });
  contextOf(canvas).drawImage(source, 0, 0, width, height);
  return canvas;
}

export function surface({ width, height }: Size): Surface {
  if (typeof OffscreenCanvas !== "undefined") return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement("canvas"), { width, height });
}

export function contextOf(
  canvas: Surface,
  settings?: CanvasRenderingContext2DSettings,
): CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext("2d", settings && own(settings)) as CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
  if (!context) throw new Error("The browser has no memory for a canvas.");
  return context;
}
