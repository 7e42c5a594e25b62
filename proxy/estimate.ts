// Estimates what a request costs. It follows src/models/cost.rs, and takes the upper end of each range, so that a budget holds.

import { type ModelPrices, pricesOf } from "./models.js";
import type { ImageParameters } from "./parameters.js";

/** Pixels that FLUX models charge as a megapixel. */
const MEGAPIXEL = 1 << 20;

/** The parameters that determine the price of a request. */
export type Priced = Pick<ImageParameters, "n" | "size" | "quality" | "partialImages" | "inputs">;

/**
 * Estimates the output of a request, in millionths of a US dollar. Returns `undefined` if no price is known. As the client's estimate, it
 * excludes the prompt and, except for FLUX models, the input images.
 */
export function estimate(model: string | undefined, asked: Priced): number | undefined {
  const prices = pricesOf(model);
  if (!prices) return undefined;
  const image = priceByPixels(prices, asked) ?? priceByTable(prices, asked);
  const partialImageTokens = asked.partialImages * (prices.partialImageTokens ?? 0);
  const partialImages = partialImageTokens === 0 ? 0 : priceOf(partialImageTokens, prices.outputRate);
  return image === undefined || partialImages === undefined ? undefined : (image + partialImages) * Math.max(asked.n, 1);
}

const priceOf = (tokens: number, rate: number | undefined): number | undefined =>
  rate === undefined ? undefined : Math.round((tokens * rate) / 1_000_000);

/** Returns the price of an image that depends only on the number of pixels, or is constant. */
function priceByPixels(prices: ModelPrices, { size, inputs }: Priced): number | undefined {
  const { imagePrice, pixelsPerToken, megapixelPrices, maxPixels = Number.POSITIVE_INFINITY } = prices;
  if (imagePrice !== undefined) return imagePrice;
  if (pixelsPerToken === undefined && megapixelPrices === undefined) return undefined;
  // FLUX keeps the size of the first input image, which is unknown here.
  const pixels = Math.min(size === undefined && inputs > 0 ? maxPixels : pixelsOf(size ?? "auto", prices), maxPixels);
  if (pixelsPerToken !== undefined) return priceOf(Math.ceil(pixels / pixelsPerToken), prices.outputRate);
  const { firstOutput = 0, output = 0, input = 0 } = megapixelPrices ?? {};
  return firstOutput + output * (Math.max(Math.ceil(pixels / MEGAPIXEL), 1) - 1) + input * inputs;
}

function pixelsOf(size: string, { defaultSize = "", multiple = 1 }: ModelPrices): number {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(size) ?? /^(\d+)x(\d+)$/.exec(defaultSize) ?? [];
  const edge = (text: string | undefined) => Math.max(Math.floor(Number(text) / multiple), 1) * multiple;
  return edge(width) * edge(height);
}

/** Returns the highest price over all qualities and sizes that the service may choose. */
function priceByTable(prices: ModelPrices, asked: Priced): number | undefined {
  const chosen = (value: string | undefined) => (value === "auto" ? undefined : value);
  const quality = chosen(asked.quality ?? prices.defaultQuality);
  const size = chosen(asked.size ?? prices.defaultSize);
  const cells = (quality ? [quality] : prices.qualities).flatMap((quality) => {
    const sizes = Object.keys(own(prices.prices ?? prices.tokens, quality) ?? {});
    return (size ? [size] : sizes.length > 0 ? sizes : [""]).map((size) => cell(prices, quality, size));
  });
  return cells.some((price) => price === undefined) || cells.length === 0 ? undefined : Math.max(...(cells as number[]));
}

function cell({ tokens, prices, outputRate }: ModelPrices, quality: string, size: string): number | undefined {
  const listed = own(own(prices, quality), size);
  const ofImage = own(own(tokens, quality), size);
  const byTokens = ofImage === undefined ? undefined : priceOf(ofImage, outputRate);
  // Listed prices have one to three digits, so a small difference is rounding.
  const isClearlyAbove = listed !== undefined && byTokens !== undefined && listed - byTokens > Math.floor(byTokens / 20);
  return isClearlyAbove ? listed : (byTokens ?? listed);
}

/** Reads a property by a name of the page. */
const own = <Value>(table: Record<string, Value> | undefined, name: string): Value | undefined =>
  table && Object.hasOwn(table, name) ? table[name] : undefined;
