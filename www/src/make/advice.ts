// What the catalog of the library says of the form, asked anew whenever the form changes.

import { signal } from "@preact/signals";
import type {
  AzureImageClient,
  EditStreamRequest,
  EndpointDescription,
  Estimate,
  GenerateStreamRequest,
  ValidationProblem,
} from "azure-image-client";
import { connect } from "../connection/client.js";
import { OPTIONS } from "./options.js";
import { readWish, type Wish } from "./request.js";

/** What is known of a wish before it is sent. */
export interface Advice {
  /** Why a choice cannot be made, by `option=value`. */
  forbidden: ReadonlyMap<string, string>;
  /** What is wrong with the wish as it is. */
  problems: ValidationProblem[];
  estimate?: Estimate;
  /** How the endpoint is understood. */
  endpoint?: EndpointDescription;
}

export const advice = signal<Advice>({ forbidden: new Map(), problems: [] });

let asked = 0;
/** The form without its prompt, when it was last asked what is forbidden: no word of a prompt forbids an option. */
let askedSettings = "";

/** Asks the catalog about a form, and what it wishes for. Nothing is sent; only the newest question counts. */
export async function ask(fields: FormData, wish: Wish): Promise<void> {
  const number = ++asked;
  try {
    const client = connect(fields);
    const whole = wholeOf(wish);
    const settings = JSON.stringify([[...fields].filter(([name]) => name !== "prompt"), wish.sources?.image.length, wish.sources?.mask?.size]);
    const { streamed } = wish;
    const endpoint = await client.getEndpoint();
    const problems = await client.validate(whole, { streamed });
    const estimate = await client.estimate(whole, { streamed });
    const forbidden = settings === askedSettings ? advice.value.forbidden : await forbiddenOf(client, whole);
    if (number !== asked) return;
    askedSettings = settings;
    advice.value = { forbidden, problems, estimate, endpoint };
  } catch {
    // An endpoint that is only half written is no reason to complain yet: the call will say so.
    if (number === asked) advice.value = { forbidden: advice.value.forbidden, problems: [] };
  }
}

/** The legal size that is nearest to another. */
export async function nearestSize(fields: FormData, size: string): Promise<string> {
  const wish = readWish(fields);
  const problems = await connect(fields).validate({ ...wholeOf(wish), size }, { streamed: wish.streamed });
  return problems.find(({ param, suggestion }) => param === "size" && suggestion)?.suggestion ?? size;
}

/** A prompt that is not written yet is no reason to forbid anything. */
function wholeOf({ request: { partialImages, ...request }, sources, count, streamed }: Wish): GenerateStreamRequest | EditStreamRequest {
  return { ...request, ...(streamed && { partialImages }), ...sources, prompt: request.prompt || "…", n: count };
}

async function forbiddenOf(client: AzureImageClient, whole: GenerateStreamRequest | EditStreamRequest): Promise<Map<string, string>> {
  const forbidden = new Map<string, string>();
  for (const { name, values, rare = [] } of OPTIONS) {
    // So that a slow device answers the person in between.
    await new Promise((resolve) => setTimeout(resolve));
    for (const value of [...values, ...rare]) {
      // No previews are what every model can do.
      if (name === "partialImages" && value === "0") continue;
      const found = await client.validate({ ...whole, [name]: name === "partialImages" ? Number(value) : value }, { streamed: true });
      const problem = found.find(({ param, severity }) => severity === "error" && param === name);
      if (problem) forbidden.set(`${name}=${value}`, problem.message);
    }
  }
  return forbidden;
}
