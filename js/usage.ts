import type { GenerateResult, Usage } from "./types.js";

/** What is known at the end of one request. */
export type Summary = Omit<GenerateResult, "images" | "failures" | "warnings">;

/** What several requests say, as one: tokens are added up, and the rest is that of the first. */
export function merge(summaries: Summary[]): Summary {
  const [first, ...others] = summaries;
  if (!first || others.length === 0) return { ...first };
  const usages = summaries.flatMap(({ usage }) => usage ?? []);
  return { ...first, ...(usages.length > 0 && { usage: usages.reduce(add) }) };
}

function add(one: Usage, other: Usage): Usage {
  const details = (name: "inputTokensDetails" | "outputTokensDetails") => {
    const [a, b] = [one[name], other[name]];
    if (!a || !b) return (a ?? b) ? { [name]: a ?? b } : {};
    return { [name]: { textTokens: a.textTokens + b.textTokens, imageTokens: a.imageTokens + b.imageTokens } };
  };
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    totalTokens: one.totalTokens + other.totalTokens,
    ...(one.cost !== undefined && other.cost !== undefined && { cost: one.cost + other.cost }),
    ...details("inputTokensDetails"),
    ...details("outputTokensDetails"),
  };
}
