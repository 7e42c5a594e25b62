/** Makes the pictures that a request asks for. */

import { paint, paintNoise, roughen } from "../pictures/canvas.js";
import { encode, type Encoding, type Picture } from "../pictures/picture.js";
import type { ImageRequest } from "../service/validation.js";

/** A picture with its previews, in the order in which they are sent. */
export interface Rendering {
  readonly previews: readonly Picture[];
  readonly final: Picture;
}

/** Makes one picture with its previews; `index` tells apart the pictures of one request. */
export async function render(
  request: ImageRequest,
  index: number,
  { seed, noise, signal }: { readonly seed: string; readonly noise: boolean; readonly signal: AbortSignal },
): Promise<Rendering> {
  const { prompt, width, height } = request;
  const subject = { prompt, seed: `${seed}/${index}`, width, height, transparent: request.background === "transparent" };
  const encoding: Encoding = { format: request.outputFormat, compression: request.outputCompression, compact: !noise };
  const canvas = noise ? paintNoise(subject) : await paint(subject);
  const previews: Picture[] = [];
  for (let preview = 0; preview < (request.stream ? request.partialImages : 0); preview++) {
    signal.throwIfAborted();
    previews.push(await encode(await roughen(canvas, preview), "partial", encoding));
  }
  signal.throwIfAborted();
  return { previews, final: await encode(canvas, "final", encoding) };
}
