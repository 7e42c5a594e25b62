/** Makes the pictures that a request asks for. */

import type { Canvas } from "../pictures/canvas.js";
import { paintedBefore } from "../pictures/painted.js";
import { encode, type Encoding, type Picture } from "../pictures/picture.js";
import type { ArtworkRequest } from "../service/image-request.js";

/** A picture as pixels, with the previews that lead to it, painted when they are asked for. */
export interface Artwork {
  /** Names everything that it depends on, where that is little. */
  readonly name: string | undefined;
  canvas(): Promise<Canvas>;
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
  request: ArtworkRequest,
  artwork: Artwork,
  { previews: count, compact, signal }: { readonly previews: number; readonly compact: boolean; readonly signal: AbortSignal },
): Promise<Rendering> {
  const encoding: Encoding = { format: request.outputFormat, compression: request.outputCompression, compact };
  const file = (kind: Picture["kind"], place: number, paint: () => Promise<Canvas>): Promise<Picture> => {
    signal.throwIfAborted();
    const make = async () => encode(await paint(), kind, encoding);
    return artwork.name === undefined ? make() : paintedBefore(JSON.stringify([artwork.name, kind, place, encoding]), make);
  };
  const previews: Picture[] = [];
  for (let place = 0; place < count; place++) {
    previews.push(await file("partial", place, () => artwork.preview(place)));
  }
  return { previews, final: await file("final", 0, () => artwork.canvas()) };
}

/** Does the work when it is asked for, and once. */
export function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => (result ??= work());
}
