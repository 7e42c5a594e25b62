// The image models that the catalog knows, by the names of their deployments.

import catalog from "./prices.js";

/** Amounts by quality and size. */
type Table = Record<string, Record<string, number>>;

/** The part of a catalog entry that the estimate uses. Prices are in millionths of a US dollar. */
export interface ModelPrices {
  /** Last segment of the route of a FLUX model. */
  path?: string;
  /** Price per million output tokens. */
  outputRate?: number;
  /** Output tokens per image. */
  tokens?: Table;
  /** Price per image. */
  prices?: Table;
  /** Pixels per output token, without a table. */
  pixelsPerToken?: number;
  /** Price per image, whatever its size. */
  imagePrice?: number;
  /** Prices per started megapixel. */
  megapixelPrices?: { firstOutput?: number; output?: number; input?: number };
  /** Output tokens per partial image. */
  partialImageTokens?: number;
  /** Quality of a request without one. */
  defaultQuality?: string;
  /** Size of a request without one. */
  defaultSize?: string;
  /** Every quality except `auto`. */
  qualities: string[];
  /** The service rounds edges down to this multiple. */
  multiple?: number;
  /** The largest image. */
  maxPixels?: number;
}

const names = Object.keys(catalog);
const DATE = /-\d{4}-\d{2}-\d{2}$/;

/** Returns the prices of a model by its name in the catalog. */
export const pricesOf = (model: string | undefined): ModelPrices | undefined =>
  model !== undefined && Object.hasOwn(catalog, model) ? catalog[model] : undefined;

/**
 * Returns the name in the catalog of the model that a deployment is named after, as the client does: the same name, the name before a date,
 * or the longest beginning.
 */
export function modelOf(deployment: string): string | undefined {
  const name = deployment.toLowerCase();
  const exact = (wanted: string) => names.find((known) => known.toLowerCase() === wanted);
  const beginnings = names.filter((known) => known.endsWith("*") && name.startsWith(known.slice(0, -1).toLowerCase()));
  return exact(name) ?? exact(name.replace(DATE, "")) ?? beginnings.sort((one, other) => other.length - one.length)[0];
}

/** Returns the name in the catalog of the model that a FLUX route belongs to. */
export const fluxModelOf = (path: string | undefined): string | undefined =>
  path === undefined ? undefined : names.find((name) => catalog[name]?.path === path);
