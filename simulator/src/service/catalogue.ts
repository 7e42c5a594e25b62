/**
 * The models of the OpenAI image routes and the parameters of each: one table, model × operation × parameter.
 *
 * A parameter that is absent from a model's row is unknown to it. MAI and FLUX models are in `mai-models.ts` and `flux-models.ts`.
 */

/** The rule of a parameter: its value, and `required` if it has no default. */
export type Rule = { readonly required?: true } & ValueRule;

type ValueRule =
  | { readonly kind: "text"; readonly maximumLength?: number }
  | {
      readonly kind: "choice";
      readonly values: readonly string[];
      /** Values of newer models. Their error names this model. */
      readonly unsupported?: { readonly model: string; readonly values: readonly string[] };
    }
  | { readonly kind: "integer"; readonly minimum: number; readonly maximum: number }
  | { readonly kind: "boolean" }
  | { readonly kind: "free-size" }
  | { readonly kind: "file" }
  | { readonly kind: "object" }
  | { readonly kind: "anything" }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

/** What an operation accepts: the rule of each parameter. */
export type Rules = Readonly<Record<string, Rule>>;

/** What the pictures that an edit starts from must be. */
export interface InputRules {
  readonly maximumCount: number;
  readonly maximumBytes: number;
  readonly mediaTypes: readonly string[];
  /** Whether each must be as wide as it is high. */
  readonly square: boolean;
  /** Whether the first picture's own transparency is the mask when no other is given. */
  readonly ownMask: boolean;
}

/** A row of the table. */
export interface Model {
  readonly name: string;
  readonly family: "gpt-image" | "dall-e";
  /** The first dated api-version whose classic route serves this model. */
  readonly firstApiVersion: string;
  /** What `quality: "auto"`, or none, turns into. */
  readonly defaultQuality: string;
  /** What `images/generations` accepts. */
  readonly generation: Rules;
  /** What `images/edits` accepts; absent for a model that edits nothing. */
  readonly edit?: { readonly parameters: Rules; readonly inputs: InputRules };
}

const choice = (...values: string[]): Rule => ({ kind: "choice", values });
const integer = (minimum: number, maximum: number): Rule => ({ kind: "integer", minimum, maximum });
const prompt = (maximumLength: number): Rule => ({ kind: "text", maximumLength, required: true });
const text: Rule = { kind: "text" };
const file: Rule = { kind: "file" };
const megabytes = (count: number) => count * 1024 * 1024;

const gptImageGeneration = {
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

const { moderation: _, ...gptImageCommon } = gptImageGeneration;

const gptImageEdit = {
  ...gptImageCommon,
  image: file,
  "image[]": file,
  mask: file,
  input_fidelity: choice("high", "low"),
} satisfies Record<string, Rule>;

const gptImageInputs: InputRules = {
  maximumCount: 16,
  maximumBytes: megabytes(50),
  // Microsoft's page denies webp here too; the service's own error text lists it.
  mediaTypes: ["image/jpeg", "image/png", "image/webp"],
  square: false,
  ownMask: false,
};

/** A model that always edits with high fidelity lacks the parameter. */
const noInputFidelity = (model: string): Rules => ({
  input_fidelity: {
    kind: "refused",
    code: "invalid_input_fidelity_model",
    message: `The model '${model}' does not support the 'input_fidelity' parameter.`,
  },
});

const gptImage = (name: string, defaultQuality: string, generation: Rules = {}, edit: Rules = {}): Model => ({
  name,
  family: "gpt-image",
  firstApiVersion: "2025-04-01-preview",
  defaultQuality,
  generation: { ...gptImageGeneration, ...generation },
  edit: { parameters: { ...gptImageEdit, ...generation, ...edit }, inputs: gptImageInputs },
});

const gptImage25 = (name: string): Model =>
  gptImage(name, "medium", { size: { kind: "free-size" }, quality: choice("low", "medium", "high", "xhigh", "max", "auto") }, noInputFidelity(name));

const models: readonly Model[] = [
  gptImage25("gpt-image-2.5-flare"),
  gptImage25("gpt-image-2.5-sunburst"),
  gptImage("gpt-image-1", "high"),
  gptImage("gpt-image-1-mini", "medium", {}, { input_fidelity: choice("low") }),
  gptImage("gpt-image-1.5", "high"),
  gptImage(
    "gpt-image-2",
    "high",
    {
      size: { kind: "free-size" },
      quality: {
        kind: "choice",
        values: ["low", "medium", "high", "auto"],
        unsupported: { model: "gpt-image-2", values: ["xhigh", "max"] },
      },
    },
    noInputFidelity("gpt-image-2"),
  ),
  {
    name: "dall-e-3",
    family: "dall-e",
    firstApiVersion: "2024-02-01",
    defaultQuality: "standard",
    generation: {
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
    generation: {
      model: text,
      prompt: prompt(1_000),
      n: integer(1, 10),
      size: choice("256x256", "512x512", "1024x1024"),
      quality: choice("standard"),
      response_format: choice("url", "b64_json"),
      user: text,
    },
    edit: {
      parameters: {
        model: text,
        prompt: prompt(1_000),
        image: file,
        mask: file,
        n: integer(1, 10),
        size: choice("256x256", "512x512", "1024x1024"),
        response_format: choice("url", "b64_json"),
        user: text,
      },
      inputs: { maximumCount: 1, maximumBytes: megabytes(4), mediaTypes: ["image/png"], square: true, ownMask: true },
    },
  },
];

/** The names of the models. A deployment of each exists from the start, under the same name. */
export const openaiModelNames: readonly string[] = models.map((model) => model.name);

/** The model of this name. */
export function findModel(name: string): Model | undefined {
  return models.find((model) => model.name === name);
}
