/** Paints a new picture from a prompt. */

import { paint, paintNoise, roughen } from "../pictures/canvas.js";
import type { ImageRequest } from "../service/image-request.js";
import type { Artwork } from "./paint.js";

/** What a new picture is painted from. */
export interface GenerationSource {
  readonly request: ImageRequest;
  readonly noise: boolean;
  readonly seed: string;
}

/** Returns what paints the picture of each index. */
export function prepareGeneration({ request, noise, seed }: GenerationSource): (index: number) => Promise<Artwork> {
  const { prompt, width, height, background } = request;
  return async (index) => {
    const subject = { prompt, seed: `${seed}/${index}`, width, height, transparent: background === "transparent" };
    const canvas = noise ? paintNoise(subject) : await paint(subject);
    return { canvas, preview: (preview) => roughen(canvas, preview) };
  };
}
