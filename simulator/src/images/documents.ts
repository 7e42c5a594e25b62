/** The JSON of the image routes: the answer, and the events of a stream. The order of the keys is Azure's. */

import { filteredPicture, safePicture, safePrompt } from "../service/content-filter.js";
import { usageOf, type Usage } from "../service/usage.js";
import type { ImageRequest } from "../service/image-request.js";
import type { Model } from "../service/catalogue.js";
import type { JsonObject } from "../scenario/alterations.js";

/** A picture in an answer: its base64, its URL, or neither if it was withheld. */
export type ImageContent = { readonly b64_json: unknown } | { readonly url: string } | "withheld";

function image(content: ImageContent, revisedPrompt: string | undefined): JsonObject {
  const withheld = content === "withheld";
  return {
    ...(withheld ? {} : content),
    ...(revisedPrompt === undefined || withheld ? {} : { revised_prompt: revisedPrompt }),
    content_filter_results: withheld ? filteredPicture : safePicture,
    prompt_filter_results: safePrompt,
  };
}

function usage(request: ImageRequest, model: Model, pictures: number, previews: number): Usage {
  return usageOf({ ...request, model: model.name, pictures, previews });
}

/** The answer of the image routes. */
export function imagesDocument(request: ImageRequest, model: Model, images: readonly ImageContent[], created: number): JsonObject {
  if (model.family === "dall-e") {
    const revised = model.name === "dall-e-3" ? `${request.prompt}, seen in soft light and rich detail.` : undefined;
    return { created, data: images.map((content) => image(content, revised)) };
  }
  return {
    created,
    background: request.background,
    output_format: request.outputFormat,
    quality: request.quality,
    size: `${request.width}x${request.height}`,
    data: images.map((content) => image(content, undefined)),
    usage: usage(request, model, images.length, 0),
  };
}

function look(request: ImageRequest, createdAt: number): JsonObject {
  return {
    created_at: createdAt,
    size: `${request.width}x${request.height}`,
    quality: request.quality,
    background: request.background,
    output_format: request.outputFormat,
  };
}

/** The name of an event. */
export function eventType({ operation }: ImageRequest, event: "partial_image" | "completed"): string {
  return `image_${operation}.${event}`;
}

/** An event with a preview. */
export function partialImageEvent(request: ImageRequest, index: number, b64Json: unknown, createdAt: number): JsonObject {
  return {
    type: eventType(request, "partial_image"),
    partial_image_index: index,
    b64_json: b64Json,
    ...look(request, createdAt),
  };
}

/** The event with the picture; `b64Json` is `undefined` for none. */
export function completedEvent(request: ImageRequest, model: Model, b64Json: unknown, createdAt: number): JsonObject {
  return {
    type: eventType(request, "completed"),
    b64_json: b64Json,
    ...look(request, createdAt),
    usage: usage(request, model, 1, request.partialImages),
  };
}
