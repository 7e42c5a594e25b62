/** Paints a new picture from a prompt. */

import { paint, paintNoise, roughen } from "../pictures/canvas.js";
import type { ArtworkRequest } from "../service/image-request.js";
import { once, type Artwork } from "./paint.js";

/** What a new picture is painted from. */
export interface GenerationSource {
  readonly request: ArtworkRequest;
  readonly noise: boolean;
  readonly seed: string;
}

/** Returns what paints the picture of each index. */
export function prepareGeneration({ request, noise, seed }: GenerationSource): (index: number) => Artwork {
  const { prompt, width, height, background } = request;
  return (index) => {
    const subject = { prompt, seed: `${seed}/${index}`, width, height, transparent: background === "transparent" };
    const canvas = once(async () => (noise ? paintNoise(subject) : paint(subject)));
    // Noise is large, and made at once.
    return { name: noise ? undefined : JSON.stringify(subject), canvas, preview: async (preview) => roughen(await canvas(), preview) };
  };
}
