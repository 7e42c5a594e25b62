/** What a request is charged in tokens. */

/** The `usage` of an answer. */
export interface Usage {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly image_tokens: number; readonly text_tokens: number };
  readonly output_tokens: number;
  readonly total_tokens: number;
}

type TokensBySize = Readonly<Record<string, number>>;

const SQUARE = "1024x1024";
const TOKENS_PER_PREVIEW = 100;

/** The table that Azure and OpenAI publish for gpt-image-1, -1-mini and -1.5. */
const publishedTokens: Readonly<Record<string, TokensBySize>> = {
  low: { [SQUARE]: 272, "1024x1536": 408, "1536x1024": 400 },
  medium: { [SQUARE]: 1056, "1024x1536": 1584, "1536x1024": 1568 },
  high: { [SQUARE]: 4160, "1024x1536": 6240, "1536x1024": 6208 },
};

/** Numbers that users of gpt-image-2 measured. No table is published. */
const tokensOfGptImage2: Readonly<Record<string, TokensBySize>> = {
  low: { [SQUARE]: 196 },
  medium: { [SQUARE]: 1756 },
  high: { [SQUARE]: 7024, "1536x1024": 5488, "1792x1024": 5063, "3584x2048": 12_329 },
};

/** Numbers that users of both gpt-image-2.5 models measured. The tiers of gpt-image-2 got new names. */
const tokensOfGptImage25: Readonly<Record<string, TokensBySize>> = {
  low: { [SQUARE]: 196 },
  medium: { [SQUARE]: 439 },
  high: { [SQUARE]: 1756 },
  xhigh: { [SQUARE]: 3122 },
  max: { [SQUARE]: 7024 },
};

const measuredTokens: Readonly<Record<string, Readonly<Record<string, TokensBySize>>>> = {
  "gpt-image-2": tokensOfGptImage2,
  "gpt-image-2.5-flare": tokensOfGptImage25,
  "gpt-image-2.5-sunburst": tokensOfGptImage25,
};

function tokensPerPicture(model: string, quality: string, width: number, height: number): number {
  const tokens = (measuredTokens[model] ?? publishedTokens)[quality] ?? {};
  // A size between the known ones is charged by its area: a guess, as Azure publishes no formula.
  return tokens[`${width}x${height}`] ?? Math.round(((tokens[SQUARE] ?? 0) * width * height) / (1024 * 1024));
}

/** A picture is scaled until its shorter side fills one tile, and charged by the tiles that it covers. */
const TOKENS_PER_INPUT = 65;
const TOKENS_PER_TILE = 129;

/** What high fidelity adds for an input picture, by its shape. */
const FIDELITY_TOKENS = { square: 4160, oblong: 6240 } as const;

/** The charge for a picture that an edit starts from, as OpenAI's guide explains it for gpt-image-1. */
export function tokensOfInputImage({ width, height }: { readonly width: number; readonly height: number }, fidelity: "high" | "low"): number {
  const tiles = Math.ceil(Math.max(width, height) / Math.min(width, height));
  const fidelityTokens = fidelity === "low" ? 0 : FIDELITY_TOKENS[width === height ? "square" : "oblong"];
  return TOKENS_PER_INPUT + tiles * TOKENS_PER_TILE + fidelityTokens;
}

/** The tokens of a prompt: about four characters make a token, and the frame of the request takes a few. */
export function tokensOfPrompt(prompt: string): number {
  return Math.ceil(prompt.length / 4) + 3;
}

/** The usage for a request of the gpt-image family. */
export function usageOf(request: {
  readonly model: string;
  readonly prompt: string;
  readonly quality: string;
  readonly width: number;
  readonly height: number;
  readonly inputImageTokens: number;
  readonly pictures: number;
  readonly previews: number;
}): Usage {
  const { model, prompt, quality, width, height, inputImageTokens, pictures, previews } = request;
  const textTokens = tokensOfPrompt(prompt);
  const inputTokens = textTokens + inputImageTokens;
  const outputTokens = pictures * tokensPerPicture(model, quality, width, height) + previews * TOKENS_PER_PREVIEW;
  return {
    input_tokens: inputTokens,
    input_tokens_details: { image_tokens: inputImageTokens, text_tokens: textTokens },
    output_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  };
}
