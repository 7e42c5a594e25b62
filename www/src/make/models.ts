// The choices that the form offers for each model. The library has its own model catalog, which validates every request.

import type { ImageService } from "azure-image-client";

/** The choices of the form. An empty list means that the model does not have the parameter. */
export interface Offer {
  readonly size: readonly string[];
  /** True if other sizes may be valid too. */
  readonly otherSizes: boolean;
  readonly quality: readonly string[];
  readonly outputFormat: readonly string[];
  readonly outputCompression: boolean;
  readonly background: readonly string[];
  readonly moderation: readonly string[];
  /** Empty for a model that does not stream. */
  readonly partialImages: readonly string[];
  /** The parameters that only some services have. */
  readonly options: Readonly<Partial<Record<ServiceOption, Setting>>>;
}

/** A parameter that only some services have. */
export type ServiceOption =
  | "aspectRatio"
  | "autoAspectRatio"
  | "guidance"
  | "promptUpsampling"
  | "safetyTolerance"
  | "seed"
  | "steps"
  | "webGrounding";

/** The values of a parameter: on or off, numbers within limits, or a list. */
export type Setting = "switch" | Values;
export type Values = { readonly min: number; readonly max: number; readonly step?: number } | readonly string[];

/** A model with its capabilities. */
export interface Model extends Offer {
  /** The name in the model catalog of Azure. Empty for an unknown model. */
  readonly name: string;
  readonly service: ImageService;
  /** The last segment of the route of a FLUX model. */
  readonly path?: string;
  readonly isRetired?: true;
  readonly masks: boolean;
  /** The maximum number of input images. 0 for a model that does not edit. */
  readonly inputs: number;
  /** The choices that differ when the model edits. */
  readonly edits?: Partial<Offer>;
}

/** The services, by the names that people know them by. */
export const SERVICES: Readonly<Record<ImageService, string>> = { openai: "Azure OpenAI", mai: "Microsoft AI", flux: "Black Forest Labs" };

const GPT_IMAGE = {
  service: "openai",
  size: ["auto", "1024x1024", "1536x1024", "1024x1536"],
  otherSizes: false,
  quality: ["auto", "low", "medium", "high"],
  outputFormat: ["png", "jpeg", "webp"],
  outputCompression: true,
  background: ["auto", "opaque", "transparent"],
  moderation: ["auto", "low"],
  partialImages: ["0", "1", "2", "3"],
  options: {},
  masks: true,
  inputs: 16,
  edits: { moderation: [] },
} satisfies Partial<Model>;

const GPT_IMAGE_2 = { ...GPT_IMAGE, otherSizes: true };
const GPT_IMAGE_2_5 = { ...GPT_IMAGE_2, quality: ["auto", "low", "medium", "high", "xhigh", "max"] };

/** The parameters of a service that returns one image per request and does not stream. */
const ONE_IMAGE = { quality: [], outputCompression: false, background: [], moderation: [], partialImages: [], masks: false } as const;

const MAI = {
  ...ONE_IMAGE,
  service: "mai",
  size: ["1024x1024", "1248x832", "832x1248"],
  otherSizes: true,
  outputFormat: [],
  options: {},
  inputs: 5,
  // The service documents no size for edits: the image keeps the shape of the first input image.
  edits: { size: [], otherSizes: false },
} satisfies Partial<Model>;

const MAI_2_6 = {
  ...MAI,
  options: { autoAspectRatio: "switch", webGrounding: "switch" },
  edits: { ...MAI.edits, options: { webGrounding: "switch" } },
} satisfies Partial<Model>;
const MAI_2_7 = { ...MAI_2_6, background: ["auto", "opaque", "transparent"] };
const MAI_2_5 = { ...MAI, options: { autoAspectRatio: "switch" }, edits: { ...MAI.edits, options: {} }, isRetired: true } satisfies Partial<Model>;
const MAI_2 = { ...MAI_2_5, inputs: 0 };

const SEED = { min: 0, max: 2 ** 32 - 1 };
const GUIDANCE = { min: 1.5, max: 10, step: 0.1 };

const FLUX_2 = {
  ...ONE_IMAGE,
  service: "flux",
  size: ["1024x1024", "1536x1024", "1024x1536"],
  otherSizes: true,
  outputFormat: ["png", "jpeg"],
  options: { seed: SEED, safetyTolerance: { min: 0, max: 5 } },
  inputs: 8,
  // The shape of the first input image.
  edits: { size: ["auto", "1024x1024", "1536x1024", "1024x1536"] },
} satisfies Partial<Model>;

const FLUX_1 = {
  ...FLUX_2,
  options: { seed: SEED, safetyTolerance: { min: 0, max: 6 }, promptUpsampling: "switch" },
} satisfies Partial<Model>;

const DALL_E = {
  ...ONE_IMAGE,
  service: "openai",
  otherSizes: false,
  outputFormat: [],
  options: {},
  isRetired: true,
} satisfies Partial<Model>;

/** Every model that the page offers by name, with the retired ones of a service after the others. */
export const MODELS: readonly Model[] = [
  { name: "gpt-image-2.5-flare", ...GPT_IMAGE_2_5 },
  { name: "gpt-image-2.5-sunburst", ...GPT_IMAGE_2_5 },
  { name: "gpt-image-2", ...GPT_IMAGE_2 },
  { name: "gpt-image-1.5", ...GPT_IMAGE },
  { name: "gpt-image-1-mini", ...GPT_IMAGE },
  { name: "gpt-image-1", ...GPT_IMAGE, isRetired: true },
  { name: "dall-e-3", ...DALL_E, size: ["1024x1024", "1792x1024", "1024x1792"], quality: ["standard", "hd"], inputs: 0 },
  { name: "dall-e-2", ...DALL_E, size: ["1024x1024", "512x512", "256x256"], masks: true, inputs: 1 },
  { name: "MAI-Image-2.7", ...MAI_2_7 },
  { name: "MAI-Image-2.7-Flash", ...MAI_2_7 },
  { name: "MAI-Image-2.6", ...MAI_2_6 },
  { name: "MAI-Image-2.6-Flash", ...MAI_2_6 },
  { name: "MAI-Image-2.5", ...MAI_2_5 },
  { name: "MAI-Image-2.5-Flash", ...MAI_2_5 },
  { name: "MAI-Image-2.5-Pro", ...MAI_2_5 },
  { name: "MAI-Image-2", ...MAI_2 },
  { name: "MAI-Image-2e", ...MAI_2 },
  { name: "FLUX.2-pro", ...FLUX_2, path: "flux-2-pro", options: { ...FLUX_2.options, guidance: GUIDANCE } },
  {
    name: "FLUX.2-flex",
    ...FLUX_2,
    path: "flux-2-flex",
    options: { ...FLUX_2.options, guidance: GUIDANCE, steps: { min: 1, max: 50 }, promptUpsampling: "switch" },
    inputs: 10,
  },
  {
    name: "FLUX.1-Kontext-pro",
    ...FLUX_1,
    path: "flux-kontext-pro",
    size: [],
    otherSizes: false,
    options: { aspectRatio: ["1:1", "3:2", "4:3", "16:9", "7:3", "2:3", "3:4", "9:16", "3:7"], ...FLUX_1.options },
    inputs: 1,
    edits: {},
  },
  { name: "FLUX-1.1-pro", ...FLUX_1, path: "flux-pro-1.1", size: MAI.size, inputs: 0, edits: {} },
];

/** The model of a deployment whose model is unknown. The service follows from its name, and nothing that the service has is ruled out. */
const UNKNOWN: Readonly<Record<ImageService, Model>> = {
  openai: { name: "", ...GPT_IMAGE_2_5 },
  mai: { name: "", ...MAI_2_6 },
  flux: { name: "", ...FLUX_2, inputs: 10 },
};

/** The maximum number of input images of any model. */
export const MOST_INPUTS = Math.max(...MODELS.map(({ inputs }) => inputs));

/** Returns the model with this name. For an unknown model, returns the choices of its service. */
export function findModel(name: string): Model {
  const wanted = name.toLowerCase();
  const unknown = wanted.startsWith("mai-image") ? UNKNOWN.mai : wanted.startsWith("flux") ? UNKNOWN.flux : UNKNOWN.openai;
  return MODELS.find(({ name }) => name.toLowerCase() === wanted) ?? unknown;
}

/** Returns the choices of a model for a new image, or for an edit. */
export function offerOf(model: Model, isEdit: boolean): Offer {
  return isEdit ? { ...model, ...model.edits } : model;
}

/** Describes in one line what a model supports. */
export function describeModel({ name, service, outputFormat, background, partialImages, masks, inputs, isRetired }: Model): string {
  if (!name) return `The model is unknown: everything that ${SERVICES[service]} has is offered.`;
  const streams = partialImages.length > 0;
  const facts = [
    streams ? "Streams" : `One ${outputFormat.length > 1 ? "PNG or JPEG" : "PNG"} per request`,
    ...(masks ? ["masks"] : []),
    inputs === 0 ? "no input images" : inputs === 1 ? "one input image" : `up to ${inputs} input images`,
    ...(background.includes("transparent") ? ["transparency"] : []),
    ...(streams ? [] : ["no streaming"]),
  ];
  return `${facts.join(", ")}.${isRetired ? " Retired: requests may fail." : ""}`;
}
