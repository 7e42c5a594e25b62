/** The JSON of a MAI response. */

import type { ImageContent } from "../images/documents.js";
import type { JsonObject } from "../scenario/alterations.js";
import type { ArtworkRequest } from "../service/image-request.js";
import type { MaiModel, MaiUsage } from "../service/mai-models.js";
import type { Size } from "../service/auto-size.js";
import { secondsNow } from "../service/ids.js";
import { tokensOfPrompt } from "../service/usage.js";

/** The parts of a response. */
export interface MaiDocumentSource {
  readonly model: MaiModel;
  readonly request: ArtworkRequest;
  readonly inputs: readonly Size[];
  readonly images: readonly ImageContent[];
  /** The duration of the call until now, in milliseconds. */
  readonly durationInMs: number;
}

/** Each square of 32x32 pixels is a token. */
const tokensOfImage = ({ width, height }: Size): number => Math.round((width / 32) * (height / 32));

function usage(place: MaiUsage, { request, inputs }: MaiDocumentSource): JsonObject {
  const output = { num_output_tokens: tokensOfImage(request) };
  switch (place) {
    case "absent":
      return {};
    case "top level":
      return output;
    case "object":
      return {
        usage: {
          num_input_text_tokens: tokensOfPrompt(request.prompt),
          num_input_image_tokens: inputs.reduce((sum, input) => sum + tokensOfImage(input), 0),
          ...output,
        },
      };
  }
}

/** Makes the document of a response. */
export function maiDocument(source: MaiDocumentSource): JsonObject {
  const { model, request, images, durationInMs } = source;
  return {
    created: secondsNow(),
    model: model.name,
    size: `${request.width}x${request.height}`,
    data: images.filter((content) => content !== "withheld"),
    ...usage(model.usage, source),
    inference_time_sec: Math.round(durationInMs / 100) / 10,
  };
}
