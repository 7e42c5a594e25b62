// What the catalog of the library says of the form, asked anew whenever the form changes.

import { signal } from "@preact/signals";
import type { EditStreamRequest, EndpointDescription, Estimate, GenerateStreamRequest, ValidationProblem } from "azure-image-client";
import { connect } from "../connection/client.js";
import { readWish, type Wish } from "./request.js";

/** What is known of a wish before it is sent. */
export interface Advice {
  /** What is wrong with the wish as it is. */
  problems: ValidationProblem[];
  estimate?: Estimate;
  /** How the endpoint is understood. */
  endpoint?: EndpointDescription;
}

export const advice = signal<Advice>({ problems: [] });

let asked = 0;

/** Asks the catalog about a form, and what it wishes for. Nothing is sent; only the newest question counts. */
export async function ask(fields: FormData, wish: Wish): Promise<void> {
  const number = ++asked;
  try {
    const client = connect(fields);
    const whole = wholeOf(wish);
    const { streamed } = wish;
    const endpoint = await client.getEndpoint();
    const problems = await client.validate(whole, { streamed });
    const estimate = await client.estimate(whole, { streamed });
    if (number !== asked) return;
    advice.value = { problems, estimate, endpoint };
  } catch {
    // An endpoint that is only half written is no reason to complain yet: the call will say so.
    if (number === asked) advice.value = { problems: [] };
  }
}

/** The legal size that is nearest to another. */
export async function nearestSize(fields: FormData, size: string): Promise<string> {
  const wish = readWish(fields);
  const problems = await connect(fields).validate({ ...wholeOf(wish), size }, { streamed: wish.streamed });
  return problems.find(({ param, suggestion }) => param === "size" && suggestion)?.suggestion ?? size;
}

/** A prompt that is not written yet is no mistake. */
function wholeOf({ request: { partialImages, ...request }, sources, count, streamed }: Wish): GenerateStreamRequest | EditStreamRequest {
  return { ...request, ...(streamed && { partialImages }), ...sources, prompt: request.prompt || "…", n: count };
}
