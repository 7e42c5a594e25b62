/** The JSON of a FLUX response, with its cost. */

import type { ImageContent } from "../images/documents.js";
import type { JsonObject } from "../scenario/alterations.js";
import type { Size } from "../service/auto-size.js";
import { filteredPicture, safePicture } from "../service/content-filter.js";
import type { FluxModel, FluxPrice } from "../service/flux-models.js";

const megapixels = ({ width, height }: Size): number => (width * height) / (1024 * 1024);

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** The cost of an image in US cents. */
function cost(price: FluxPrice, output: Size, inputs: readonly Size[]): number {
  if (price.kind === "image") return price.cents;
  const input = inputs.reduce((sum, size) => sum + Math.ceil(megapixels(size)), 0);
  return price.firstOutput + price.output * (Math.ceil(megapixels(output)) - 1) + price.input * input;
}

function image(content: ImageContent): JsonObject {
  return content === "withheld"
    ? { finish_reason: "content_filter", content_filter_results: filteredPicture }
    : { ...content, content_filter_results: safePicture };
}

/** Makes the document of a response. */
export function fluxDocument({ price }: FluxModel, output: Size, inputs: readonly Size[], images: readonly ImageContent[]): JsonObject {
  return {
    data: images.map(image),
    request_meta: {
      cost: cost(price, output, inputs),
      input_mp: rounded(inputs.reduce((sum, size) => sum + megapixels(size), 0)),
      output_mp: rounded(megapixels(output)),
    },
  };
}
