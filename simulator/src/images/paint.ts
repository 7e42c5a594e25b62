/** Makes the pictures that a request asks for. */

import type { Canvas } from "../pictures/canvas.js";
import { encode, type Encoding, type Picture } from "../pictures/picture.js";
import type { ImageRequest } from "../service/image-request.js";

/** A picture as pixels, with the previews that lead to it. */
export interface Artwork {
  readonly canvas: Canvas;
  /** Makes the preview of this index. */
  preview(index: number): Promise<Canvas>;
}

/** A picture with its previews, in the order in which they are sent. */
export interface Rendering {
  readonly previews: readonly Picture[];
  readonly final: Picture;
}

/** Encodes one picture with its previews. */
export async function render(
  request: ImageRequest,
  artwork: Artwork,
  { compact, signal }: { readonly compact: boolean; readonly signal: AbortSignal },
): Promise<Rendering> {
  const encoding: Encoding = { format: request.outputFormat, compression: request.outputCompression, compact };
  const previews: Picture[] = [];
  for (let preview = 0; preview < (request.stream ? request.partialImages : 0); preview++) {
    signal.throwIfAborted();
    previews.push(await encode(await artwork.preview(preview), "partial", encoding));
  }
  signal.throwIfAborted();
  return { previews, final: await encode(artwork.canvas, "final", encoding) };
}
