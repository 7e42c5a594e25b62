import type { GenerateStreamRequest } from "azure-image-client";
import { text } from "../connection/profiles.js";
import { sources } from "../edit/sources.js";

/** What the form asks for: a request of one picture, and how many of them. */
export interface Wish {
  request: GenerateStreamRequest & { partialImages: number };
  /** What it is made from, where it is an edit. */
  sources: { image: Blob[]; mask?: Blob } | undefined;
  count: number;
  /** DALL·E does not stream. */
  streamed: boolean;
}

/** Reads the form. What is left to the service is not sent, nor what was chosen and is forbidden by now: a form is silent about it. */
export function readWish(fields: FormData): Wish {
  const size = text(fields, "size");
  const quality = text(fields, "quality");
  const outputFormat = text(fields, "outputFormat");
  const background = text(fields, "background");
  const moderation = text(fields, "moderation");
  return {
    request: {
      prompt: String(fields.get("prompt") ?? ""),
      ...(size && { size: size === "other" ? text(fields, "otherSize") : size }),
      ...(quality && { quality }),
      ...(outputFormat && outputFormat !== "png" && { outputFormat, outputCompression: Number(fields.get("outputCompression")) }),
      ...(background && background !== "auto" && { background }),
      ...(moderation && moderation !== "auto" && { moderation }),
      partialImages: Number(fields.get("partialImages")),
    },
    sources: sources(),
    count: Number(fields.get("count")),
    streamed: !(text(fields, "model") || text(fields, "deployment")).startsWith("dall-e"),
  };
}
