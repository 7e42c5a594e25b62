import { text } from "../connection/profiles.js";
import type { Wish } from "../make/request.js";

/** What the library sends, for those who do without: Azure's own names. */
export function bodyOf(fields: FormData, { request, count, streamed }: Wish): Record<string, unknown> {
  const { outputFormat, outputCompression, partialImages, ...same } = request;
  return {
    model: text(fields, "deployment"),
    ...same,
    ...(outputFormat && { output_format: outputFormat, output_compression: outputCompression }),
    ...(streamed ? { stream: true, partial_images: partialImages } : { response_format: "b64_json" }),
    // A stream brings one picture.
    ...(count > 1 && !streamed && { n: count }),
  };
}

/** Where it is sent, by the v1 routes. */
export function addressOf(fields: FormData): string {
  return `${text(fields, "endpoint").replace(/\/+$/, "")}/openai/v1`;
}
