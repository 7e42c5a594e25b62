/** A request for pictures, checked and with everything filled in that it leaves to the service. */

import { readSize, type Size } from "./auto-size.js";
import type { Model } from "./catalogue.js";

/** What the image routes do. */
export type OperationName = "generation" | "edit";

/** The properties of a request that decide the pixels and the encoding of its images. */
export interface ArtworkRequest extends Size {
  /** The prompt without scenario words. */
  readonly prompt: string;
  readonly background: "transparent" | "opaque";
  readonly outputFormat: "png" | "jpeg" | "webp";
  readonly outputCompression: number;
}

/** A request of the OpenAI image routes. */
export interface ImageRequest extends ArtworkRequest {
  readonly operation: OperationName;
  readonly n: number;
  readonly quality: string;
  readonly stream: boolean;
  readonly partialImages: number;
  readonly responseFormat: "url" | "b64_json";
  /** What the pictures that came with the request are charged. */
  readonly inputImageTokens: number;
}

/** What the service decides for a request that does not. */
export interface Defaults {
  readonly operation: OperationName;
  /** The prompt without scenario words. */
  readonly prompt: string;
  /** The size for `auto` or none. */
  readonly size: Size;
  /** Whether `auto` or no background leaves the picture transparent, if the format can. */
  readonly transparent: boolean;
  readonly inputImageTokens: number;
}

/** Completes parameters that have been checked. */
export function completeRequest(
  parameters: Readonly<Record<string, unknown>>,
  model: Model,
  { operation, prompt, size, transparent, inputImageTokens }: Defaults,
): ImageRequest {
  const given = parameters as {
    n?: number;
    size?: string;
    quality?: string;
    background?: "transparent" | "opaque" | "auto";
    output_format?: ImageRequest["outputFormat"];
    output_compression?: number;
    stream?: boolean;
    partial_images?: number;
    response_format?: ImageRequest["responseFormat"];
  };
  const outputFormat = given.output_format ?? "png";
  const automatic = transparent && outputFormat !== "jpeg" ? "transparent" : "opaque";
  return {
    operation,
    prompt,
    n: given.n ?? 1,
    ...(given.size === undefined || given.size === "auto" ? size : readSize(given.size)),
    quality: given.quality === undefined || given.quality === "auto" ? model.defaultQuality : given.quality,
    background: given.background === undefined || given.background === "auto" ? automatic : given.background,
    outputFormat,
    outputCompression: given.output_compression ?? 100,
    stream: given.stream ?? false,
    partialImages: given.partial_images ?? 0,
    responseFormat: given.response_format ?? (model.family === "dall-e" ? "url" : "b64_json"),
    inputImageTokens,
  };
}

/** The number of previews that a request asks for. */
export function previewsOf({ stream, partialImages }: ImageRequest): number {
  return stream ? partialImages : 0;
}
