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

/** What users of gpt-image-2 quoted, there being no table; medium follows from the prices. */
const quotedTokens: Readonly<Record<string, TokensBySize>> = {
  low: { [SQUARE]: 196 },
  medium: { [SQUARE]: 1756 },
  high: { [SQUARE]: 7024, "1536x1024": 5488, "1792x1024": 5063, "3584x2048": 12_329 },
};

function tokensPerPicture(model: string, quality: string, width: number, height: number): number {
  const tokens = (model === "gpt-image-2" ? quotedTokens : publishedTokens)[quality] ?? {};
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
  // About four characters make a token, and the request's frame takes a few.
  const textTokens = Math.ceil(prompt.length / 4) + 3;
  const inputTokens = textTokens + inputImageTokens;
  const outputTokens = pictures * tokensPerPicture(model, quality, width, height) + previews * TOKENS_PER_PREVIEW;
  return {
    input_tokens: inputTokens,
    input_tokens_details: { image_tokens: inputImageTokens, text_tokens: textTokens },
    output_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  };
}
