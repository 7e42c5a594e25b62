// What each client does in a page, in the words of its own documentation.

import { AzureOpenAI } from "openai";

/** What became of a call. */
export interface Outcome {
  result: string;
  /** What the error lets a program know. */
  error?: string;
}

export interface Situation {
  endpoint: string;
  prompt: string;
  streamed: boolean;
  /** Aborts after the first preview. */
  abort?: boolean;
}

const KEY = "simulator-key";
const DEPLOYMENT = "gpt-image-1";

export async function withOurs({ endpoint, prompt, streamed, abort }: Situation): Promise<Outcome> {
  const { AzureImageClient, AzureImageError } = await import("azure-image-client");
  const client = new AzureImageClient(endpoint, { key: KEY }, { deployment: DEPLOYMENT });
  const controller = new AbortController();
  const options = { abortSignal: controller.signal };
  try {
    if (!streamed) {
      await client.generate({ prompt }, options);
      return { result: "picture" };
    }
    let last = "nothing";
    for await (const { type } of client.generateStream({ prompt, partialImages: 2 }, options)) {
      last = type;
      if (abort) controller.abort();
    }
    return { result: last === "completed" ? "picture" : `ends in silence, last seen: ${last}` };
  } catch (error) {
    if (!(error instanceof AzureImageError)) throw error;
    const { name, code, billed, contentFilter, lastPartialImage } = error;
    const categories = contentFilter?.categories.map((category) => category.name).join(", ");
    const known = [code, `billed: ${billed}`, ...(categories ? [categories] : []), ...(lastPartialImage ? ["last preview"] : [])];
    return { result: name === "AbortError" ? "AbortError" : "error", error: known.join(", ") };
  }
}

export async function withOpenAI({ endpoint, prompt, streamed, abort }: Situation): Promise<Outcome> {
  const client = new AzureOpenAI({ endpoint, apiKey: KEY, apiVersion: "2025-04-01-preview", deployment: DEPLOYMENT, dangerouslyAllowBrowser: true });
  const controller = new AbortController();
  const options = { signal: controller.signal };
  try {
    if (!streamed) {
      await client.images.generate({ model: DEPLOYMENT, prompt }, options);
      return { result: "picture" };
    }
    let last = "nothing";
    for await (const { type } of await client.images.generate({ model: DEPLOYMENT, prompt, stream: true, partial_images: 2 }, options)) {
      last = type;
      if (abort) controller.abort();
    }
    return { result: last === "image_generation.completed" ? "picture" : `ends in silence, last seen: ${last.replace(/.*\./, "")}` };
  } catch (error) {
    const { name, code, status } = error as { name: string; code?: string; status?: number };
    const kind = (error as object).constructor.name;
    return {
      result: name === "AbortError" ? "AbortError" : "error",
      error: [kind === "Error" ? name : kind, ...(code && code !== String(status) ? [code] : []), ...(status ? [String(status)] : [])].join(", "),
    };
  }
}
