// Draws with a canvas.

import { contextOf } from "../edit/mask.js";

type Context = OffscreenCanvasRenderingContext2D;

/** The subject of an image. */
export interface Subject {
  readonly prompt: string;
  readonly width: number;
  readonly height: number;
  /** The input image of an edit. */
  readonly image?: Blob | undefined;
  readonly mask?: Blob | undefined;
}

/** Draws a sky, a sun and a few ridges in the colors of the prompt. An edit changes the masked area or, without a mask, all of it faintly. */
export async function draw({ prompt, width, height, image, mask }: Subject): Promise<Context> {
  const context = contextOf(width, height);
  const hue = hueOf(prompt);
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `hsl(${hue} 60% 45%)`);
  sky.addColorStop(1, `hsl(${hue + 50} 75% 82%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  context.fillStyle = `hsl(${hue + 60} 90% 94%)`;
  context.beginPath();
  context.arc(width * (0.2 + 0.6 * Math.random()), height * (0.2 + 0.2 * Math.random()), Math.min(width, height) / 10, 0, 2 * Math.PI);
  context.fill();
  for (let ridge = 1; ridge <= 4; ridge += 1) {
    const [phase, steepness] = [Math.random() * 10, 2 + 3 * Math.random()];
    context.fillStyle = `hsl(${hue + 10 * ridge} 45% ${60 - 12 * ridge}%)`;
    context.beginPath();
    context.moveTo(0, height);
    for (let x = 0; x <= width; x += 4) {
      const wave = Math.sin(phase + (steepness * x) / width) + 0.4 * Math.sin(phase * ridge + (7 * steepness * x) / width);
      context.lineTo(x, height * (0.42 + 0.12 * ridge - 0.06 * wave));
    }
    context.lineTo(width, height);
    context.fill();
  }
  if (image) await putBack(context, image, mask);
  return context;
}

/** The hue of the accent color that the prompt names, in degrees; otherwise one that depends on the words. */
function hueOf(prompt: string): number {
  const [, accent] = /accent\W+#([0-9a-f]{6})\b/i.exec(prompt) ?? [];
  if (accent === undefined) return [...prompt].reduce((hue, character) => (hue * 31 + (character.codePointAt(0) ?? 0)) % 360, 0);
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((start) => Number.parseInt(accent.slice(start, start + 2), 16));
  return (Math.atan2(Math.sqrt(3) * (green - blue), 2 * red - green - blue) * 180) / Math.PI;
}

/** Lays the input image over the drawing, except for the masked area. */
async function putBack(context: Context, image: Blob, mask: Blob | undefined): Promise<void> {
  const { width, height } = context.canvas;
  const kept = contextOf(width, height);
  kept.drawImage(await createImageBitmap(image), 0, 0, width, height);
  kept.globalCompositeOperation = "destination-in";
  if (mask) kept.drawImage(await createImageBitmap(mask), 0, 0, width, height);
  context.globalAlpha = mask ? 1 : 0.6;
  context.drawImage(kept.canvas, 0, 0);
}

/** Returns a preview: the image in the given number of columns. */
export function rough(picture: Context, columns: number): Context {
  const { width, height } = picture.canvas;
  const small = contextOf(columns, Math.max(1, Math.round((columns * height) / width)));
  small.drawImage(picture.canvas, 0, 0, small.canvas.width, small.canvas.height);
  const context = contextOf(width, height);
  context.drawImage(small.canvas, 0, 0, width, height);
  return context;
}

export async function render({ canvas }: Context, mediaType = "image/png"): Promise<string> {
  const blob = await canvas.convertToBlob({ type: mediaType, quality: 0.9 });
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
  return url.slice(url.indexOf(",") + 1);
}
