/**
 * The models and what each accepts: one table, model × parameter.
 *
 * A parameter that is absent from a model's row is unknown to it.
 */

/** What a parameter may hold. */
export type Rule =
  | { readonly kind: "text"; readonly maximumLength?: number; readonly required?: true }
  | { readonly kind: "choice"; readonly values: readonly string[] }
  | { readonly kind: "integer"; readonly minimum: number; readonly maximum: number }
  | { readonly kind: "boolean" }
  | { readonly kind: "free-size" };

/** A row of the table. */
export interface Model {
  readonly name: string;
  readonly family: "gpt-image" | "dall-e";
  /** The first dated api-version whose classic route serves this model. */
  readonly firstApiVersion: string;
  /** What `quality: "auto"`, or none, turns into. */
  readonly defaultQuality: string;
  readonly parameters: Readonly<Record<string, Rule>>;
}

const choice = (...values: string[]): Rule => ({ kind: "choice", values });
const integer = (minimum: number, maximum: number): Rule => ({ kind: "integer", minimum, maximum });
const prompt = (maximumLength: number): Rule => ({ kind: "text", maximumLength, required: true });
const text: Rule = { kind: "text" };

const gptImageParameters = {
  model: text,
  prompt: prompt(32_000),
  n: integer(1, 10),
  size: choice("1024x1024", "1024x1536", "1536x1024", "auto"),
  quality: choice("low", "medium", "high", "auto"),
  background: choice("transparent", "opaque", "auto"),
  // The sources disagree on webp: Microsoft's page denies it, the v1 document lists it.
  output_format: choice("png", "jpeg", "webp"),
  output_compression: integer(0, 100),
  moderation: choice("low", "auto"),
  stream: { kind: "boolean" },
  partial_images: integer(0, 3),
  user: text,
} satisfies Record<string, Rule>;

const gptImage = (name: string, defaultQuality: string): Model => ({
  name,
  family: "gpt-image",
  firstApiVersion: "2025-04-01-preview",
  defaultQuality,
  parameters: gptImageParameters,
});

const models: readonly Model[] = [
  gptImage("gpt-image-1", "high"),
  gptImage("gpt-image-1-mini", "medium"),
  gptImage("gpt-image-1.5", "high"),
  { ...gptImage("gpt-image-2", "high"), parameters: { ...gptImageParameters, size: { kind: "free-size" } } },
  {
    name: "dall-e-3",
    family: "dall-e",
    firstApiVersion: "2024-02-01",
    defaultQuality: "standard",
    parameters: {
      model: text,
      prompt: prompt(4_000),
      n: integer(1, 1),
      size: choice("1024x1024", "1792x1024", "1024x1792"),
      quality: choice("standard", "hd"),
      style: choice("vivid", "natural"),
      response_format: choice("url", "b64_json"),
      user: text,
    },
  },
  {
    name: "dall-e-2",
    family: "dall-e",
    firstApiVersion: "2024-02-01",
    defaultQuality: "standard",
    parameters: {
      model: text,
      prompt: prompt(1_000),
      n: integer(1, 10),
      size: choice("256x256", "512x512", "1024x1024"),
      quality: choice("standard"),
      response_format: choice("url", "b64_json"),
      user: text,
    },
  },
];

/** The names of the models, which are also the deployments that exist from the start. */
export const modelNames: readonly string[] = models.map((model) => model.name);

/** The model of this name. */
export function findModel(name: string): Model | undefined {
  return models.find((model) => model.name === name);
}
