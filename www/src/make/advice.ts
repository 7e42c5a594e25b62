// What the catalogue of the library says of the form, asked anew whenever the form changes.

import { signal } from "@preact/signals";
import type { AzureImageClient, EditStreamRequest, Estimate, GenerateStreamRequest, Problem } from "azure-image-client";
import { OPTIONS } from "./options.js";
import type { Wish } from "./request.js";

/** What is known of a wish before it is sent. */
export interface Advice {
  /** Why a choice cannot be made, by `option=value`. */
  forbidden: Map<string, string>;
  /** What is wrong with the wish as it is. */
  problems: Problem[];
  estimate?: Estimate;
}

export const advice = signal<Advice>({ forbidden: new Map(), problems: [] });

let asked = 0;

/** Asks the catalogue. Nothing is sent; only the newest question counts. */
export async function ask(client: AzureImageClient, { request, sources, count }: Wish): Promise<void> {
  const number = ++asked;
  // A prompt that is not written yet is no reason to forbid anything.
  const whole: GenerateStreamRequest | EditStreamRequest = { ...request, ...sources, prompt: request.prompt || "…", n: count };
  const problems = await client.validate(whole, { streamed: true });
  const estimate = await client.estimate(whole, { streamed: true });
  const forbidden = new Map<string, string>();
  for (const { name, values, rare = [] } of OPTIONS) {
    for (const value of [...values, ...rare]) {
      const found = await client.validate({ ...whole, [name]: name === "partialImages" ? Number(value) : value }, { streamed: true });
      const problem = found.find(({ param, severity }) => severity === "error" && param === name);
      if (problem) forbidden.set(`${name}=${value}`, problem.message);
    }
  }
  if (number === asked) advice.value = { forbidden, problems, estimate };
}
