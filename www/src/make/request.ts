import type { GenerateStreamRequest } from "azure-image-client";
import { text } from "../connection/profiles.js";
import { sources } from "../edit/sources.js";
import { findModel, type Model, type Offer, offerOf, type ServiceOption } from "./models.js";
import type { Option } from "./options.js";

/** The request of the form: one image, and how many of them. */
export interface Wish {
  request: GenerateStreamRequest & { partialImages: number };
  /** What it is made from, where it is an edit. */
  sources: { image: Blob[]; mask?: Blob } | undefined;
  count: number;
  model: Model;
  /** True if the model sends previews. */
  streamed: boolean;
}

/** Returns the model that the form names, or that its deployment is named after. */
export function modelOf(fields: FormData): Model {
  return findModel(text(fields, "model") || text(fields, "deployment"));
}

/** Reads the form. Values that are left to the service are not sent, nor are those that the model no longer offers. */
export function readWish(fields: FormData): Wish {
  const model = modelOf(fields);
  const used = sources(model);
  const offer = offerOf(model, used !== undefined);
  const options = readOptions(fields, offer);
  const chosen = (name: Option["name"]) => {
    const value = text(fields, name);
    return offer[name].includes(value) ? value : undefined;
  };
  const size = text(fields, "size") === "other" && offer.otherSizes ? text(fields, "otherSize") : chosen("size");
  const quality = chosen("quality");
  const outputFormat = chosen("outputFormat");
  const compression = offer.outputCompression && { outputCompression: Number(fields.get("outputCompression")) };
  const background = chosen("background");
  const moderation = chosen("moderation");
  return {
    request: {
      prompt: String(fields.get("prompt") ?? ""),
      ...(size && !options.autoAspectRatio && { size }),
      ...(quality && { quality }),
      ...(outputFormat && outputFormat !== "png" && { outputFormat, ...compression }),
      ...(background && background !== "auto" && { background }),
      ...(moderation && moderation !== "auto" && { moderation }),
      ...options,
      partialImages: Number(chosen("partialImages") ?? 0),
    },
    sources: used,
    count: Number(fields.get("count")),
    model,
    streamed: model.partialImages.length > 0,
  };
}

/** Reads the options that only some services have. */
function readOptions(fields: FormData, offer: Offer): Pick<GenerateStreamRequest, ServiceOption> {
  const options = Object.entries(offer.options).flatMap(([name, setting]) => {
    const value = text(fields, name);
    if (value === "") return [];
    return [[name, setting === "switch" ? true : "min" in setting ? Number(value) : value]];
  });
  return Object.fromEntries(options);
}
