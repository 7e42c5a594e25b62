/** The steps that MAI and FLUX calls share. Each call makes one image and answers with one document. */

import type { Answer } from "../http/answer.js";
import type { Exchange } from "../http/exchange.js";
import { SegmentString } from "../http/json.js";
import type { Picture } from "../pictures/picture.js";
import { base64Segment, type JsonObject } from "../scenario/alterations.js";
import { documentAnswer } from "../scenario/document.js";
import type { Scenario } from "../scenario/grammar.js";
import { substituteAnswer, type Refusals } from "../scenario/substitute.js";
import { AzureError } from "../service/azure-error.js";
import { isForbidden } from "../service/content-filter.js";
import type { NamedDeployment } from "../service/deployments.js";
import type { ArtworkRequest } from "../service/image-request.js";
import { logPicture } from "../service/sent-pictures.js";
import type { Service } from "../service/service.js";
import type { ImageContent } from "./documents.js";
import { waitForLatency } from "./latency.js";
import { render, type Artwork } from "./paint.js";
import { readImagePrompt } from "./prompt.js";

/** An accepted request. */
export interface SingleImageTask {
  readonly request: ArtworkRequest;
  readonly artwork: Artwork;
  /** Makes the document of the response from the image, or from none. */
  document(images: readonly ImageContent[]): JsonObject;
}

/** A call whose deployment is known. */
export interface SingleImageCall {
  readonly deployment: NamedDeployment;
  /** The prompt as the body has it. */
  readonly prompt: unknown;
  readonly exchange: Exchange;
  readonly service: Service;
}

/** The error for an image that moderation blocks. */
export type BlockedImage = "400-content-safety-violation-output" | "400-request-moderated";

/** Errors of MAI and FLUX models that differ from those of the OpenAI image routes. */
function refusals({ name, modelName }: NamedDeployment, blocked: BlockedImage): Refusals {
  return {
    "400-contentFilter-prompt": AzureError.sample("400-content-safety-violation-prompt"),
    "400-contentFilter-output": AzureError.sample("400-content-safety-violation-output"),
    "400-moderation-blocked": AzureError.sample(blocked),
    "429-rate-limit-classic": new AzureError({
      status: 429,
      body: { error: { code: "RateLimitReached", message: `Your requests to ${modelName} for ${name} in westus3 have exceeded rate limit.` } },
    }),
  };
}

function contents(picture: Picture, scenario: Scenario, sent: () => void): ImageContent[] {
  if (scenario["no-image"] || scenario.fewer) return [];
  if (scenario["partially-filtered"]) return ["withheld"];
  return [{ b64_json: new SegmentString(base64Segment(picture.bytes, scenario, true, sent)) }];
}

/**
 * Answers a call.
 *
 * `accept` gets the prompt without scenario words, and throws the refusal of the request.
 */
export async function answerWithImage(
  { deployment, prompt: text, exchange, service }: SingleImageCall,
  blocked: BlockedImage,
  accept: (prompt: string) => Promise<SingleImageTask>,
): Promise<Answer> {
  const prompt = readImagePrompt(text, deployment, exchange, service);
  const { scenario, signal, entry } = exchange;
  const substitute = substituteAnswer(exchange, refusals(deployment, blocked));
  if (substitute !== undefined) return substitute;

  const { request, artwork, document } = await accept(prompt);
  if (isForbidden(prompt)) throw AzureError.sample("400-content-safety-violation-prompt");
  const { final } = await render(request, artwork, { previews: 0, compact: !scenario.noise, signal });
  await waitForLatency(exchange, service);
  const images = contents(final, scenario, () => logPicture(service.log, entry, final));
  const answer = documentAnswer(document(images), scenario);
  return { ...answer, headers: { "x-ms-deployment-name": deployment.name, ...answer.headers } };
}
