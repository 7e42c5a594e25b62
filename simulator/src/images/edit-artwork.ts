/** Paints an edit: a scene where the mask is open, or without a mask the whole picture in other colours. */

import { blend } from "../pictures/blend.js";
import { paint, paintNoise, roughen, withChannels, type Canvas } from "../pictures/canvas.js";
import { addTiles } from "../pictures/collage.js";
import { readCanvas, readOpenness, type Fit } from "../pictures/input.js";
import { openRegion, withPatch } from "../pictures/region.js";
import { cutDisc, restyle } from "../pictures/restyle.js";
import type { ArtworkRequest } from "../service/image-request.js";
import { invalidMask, unreadableImage, type InputImage, type Inputs } from "../service/input-images.js";
import { once, type Artwork } from "./paint.js";

/** How much of the first picture's colours a restyling replaces. */
const STRENGTH = { low: 0.85, high: 0.5 } as const;

/** What an edit is painted from. */
export interface EditSource {
  readonly request: ArtworkRequest;
  readonly inputs: Inputs;
  readonly fidelity: "high" | "low";
  readonly noise: boolean;
  readonly seed: string;
}

/** The pictures that came with the request, as pixels of the size that was asked for. */
interface Ground {
  readonly original: Canvas;
  /** How far the mask is open at each pixel; absent without a mask. */
  readonly openness: Buffer | undefined;
  /** Whether a background has to go that the first picture has. */
  readonly cutOut: boolean;
}

async function readGround({ request, inputs }: EditSource): Promise<Ground> {
  const { first, mask } = inputs;
  const fit = (image: InputImage): Fit => ({ bytes: image.bytes, from: image, to: request });
  const orThrow = (error: Error) => () => Promise.reject(error);
  const transparent = request.background === "transparent";
  return {
    original: await readCanvas(fit(first), { transparent }).catch(orThrow(unreadableImage(1))),
    openness: mask && (await readOpenness(fit(mask)).catch(orThrow(invalidMask("mask image cannot be read")))),
    cutOut: transparent && !first.transparent,
  };
}

/** What takes the place of the original, where the mask lets it. */
async function change(source: EditSource, { original, openness, cutOut }: Ground, index: number): Promise<Canvas> {
  const { request, inputs, fidelity, noise } = source;
  const { prompt } = request;
  const { channels } = original;
  // The same prompt on another picture, such as the last result, makes something new.
  const seed = `${source.seed}/${inputs.first.sha256}/${index}`;
  const tiles = inputs.others.map(({ bytes }) => bytes);
  const unreadable = (place: number) => unreadableImage(place + 2);
  const region = openness && openRegion(openness, original);
  if (noise) return paintNoise({ prompt, seed, width: original.width, height: original.height, transparent: channels === 4 });
  if (region !== undefined) {
    const { width, height } = region;
    const scene = await withChannels(await paint({ prompt, seed, width, height, transparent: cutOut }), channels);
    // Masks tend to be round: their corners would hide what lies at an edge.
    return withPatch(original, await addTiles(scene, tiles, { place: "middle", unreadable }), region);
  }
  const restyled = restyle(original, { prompt, seed, strength: STRENGTH[fidelity] });
  return addTiles(cutOut ? await cutDisc(restyled) : restyled, tiles, { place: "lower edge", unreadable });
}

/** Reads the pictures, and returns what paints the edit of each index. */
export async function prepareEdit(source: EditSource): Promise<(index: number) => Artwork> {
  const ground = await readGround(source);
  const { original, openness } = ground;
  const finish = (canvas: Canvas) => (openness === undefined ? canvas : blend(original, canvas, openness));
  return (index) => {
    const changed = once(() => change(source, ground, index));
    return {
      name: undefined,
      canvas: async () => finish(await changed()),
      preview: async (preview) => finish(await roughen(await changed(), preview)),
    };
  };
}
