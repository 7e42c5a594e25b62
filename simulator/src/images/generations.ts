/** The route `images/generations`. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "../http/answer.js";
import type { Exchange } from "../http/exchange.js";
import { modelHeaders } from "../http/headers.js";
import { hashOf, type Picture } from "../pictures/picture.js";
import { readPrompt } from "../scenario/grammar.js";
import { substituteAnswer } from "../scenario/substitute.js";
import { AzureError } from "../service/azure-error.js";
import { isForbidden } from "../service/content-filter.js";
import type { Deployment } from "../service/deployments.js";
import type { Service } from "../service/service.js";
import { validateImageRequest, type ImageRequest } from "../service/validation.js";
import type { JsonObject } from "./alterations.js";
import { documentAnswer } from "./document-answer.js";
import { render, type Rendering } from "./paint.js";
import { streamAnswer } from "./stream.js";

/** A deployment in the path, with the dated api-version that goes with it. */
export interface ClassicRoute {
  readonly deployment: string;
  readonly apiVersion: string;
}

function readObject({ entry }: Exchange): JsonObject {
  const [mediaType = ""] = (entry.headers["content-type"] ?? "").split(";");
  if (mediaType.trim().toLowerCase() !== "application/json") {
    throw AzureError.invalidRequest(
      "unsupported_content_type",
      `Unsupported content type: '${mediaType}'. This API method only accepts 'application/json' requests, but you specified the header 'Content-Type: ${mediaType}'.`,
      null,
    );
  }
  const { body } = entry;
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw AzureError.invalidRequest(
      "invalid_json",
      "We could not parse the JSON body of your request. The API expects a JSON object.",
      null,
    );
  }
  return body as JsonObject;
}

/** On v1 the body names the deployment. */
function v1Deployment(body: JsonObject, service: Service): Deployment {
  const name = body["model"];
  if (typeof name !== "string") {
    throw AzureError.invalidRequest("missing_required_parameter", "Missing required parameter: 'model'.", "model");
  }
  return service.deployments.find(name);
}

/** On the classic routes the path names it, and `model`, if it is there, must name the base model. */
function checkClassic(body: JsonObject, { model }: Deployment, { apiVersion }: ClassicRoute): void {
  if (apiVersion < model.firstApiVersion) throw AzureError.sample("400-api-version-unsupported");
  const name = body["model"];
  // A scenario in the name does not count: clients repeat the name of the deployment here.
  if (typeof name === "string" && name.split("--")[0] !== model.name) {
    throw new AzureError({
      status: 400,
      body: {
        error: {
          message: `The model '${name}' does not exist.`,
          type: "image_generation_user_error",
          param: "model",
          code: "invalid_value",
        },
      },
    });
  }
}

async function renderAll(request: ImageRequest, exchange: Exchange, service: Service): Promise<Rendering[]> {
  const { scenario, signal } = exchange;
  const renderings: Rendering[] = [];
  for (let index = 0; index < request.n; index++) {
    renderings.push(
      await render(request, index, { seed: service.options.seed, noise: scenario.noise ?? false, signal }),
    );
  }
  return renderings;
}

async function answerWithPictures(
  request: ImageRequest,
  { model }: Deployment,
  exchange: Exchange,
  service: Service,
): Promise<Answer> {
  const { scenario, signal, startedAt, entry } = exchange;
  const { latencyInMs } = service.options;
  const onSent = (picture: Picture) => {
    const { kind, mediaType, width, height, bytes } = picture;
    const sha256 = hashOf(picture);
    service.log.pictures.push({ requestIndex: entry.index, kind, sha256, byteLength: bytes.byteLength, mediaType, width, height });
  };
  const renderings = await renderAll(request, exchange, service);
  if (request.stream && !scenario["json-answer"]) {
    return streamAnswer({ request, model, renderings, scenario, startedAt, latencyInMs, onSent });
  }
  await sleep(Math.max(0, startedAt + latencyInMs - performance.now()), undefined, { signal });
  const publish = (picture: Picture) => `http://${entry.headers["host"]}${service.store.add(picture)}`;
  return documentAnswer({ request, model, pictures: renderings.map(({ final }) => final), scenario, publish, onSent });
}

/** Answers a request for new pictures; `classic` is absent on the v1 route. */
export async function generateImages(exchange: Exchange, service: Service, classic?: ClassicRoute): Promise<Answer> {
  const inPath = classic === undefined ? undefined : service.deployments.find(classic.deployment);
  const body = readObject(exchange);
  const deployment = inPath ?? v1Deployment(body, service);
  const text = body["prompt"];
  const { prompt, scenario } = readPrompt(typeof text === "string" ? text : "");
  exchange.scenario = service.attempts.limit({ ...deployment.scenario, ...scenario }, deployment.name, prompt);

  const substitute = substituteAnswer(exchange.scenario);
  if (substitute !== undefined) return substitute;
  if (classic !== undefined) checkClassic(body, deployment, classic);
  const request = validateImageRequest(body, deployment.model, prompt);
  if (isForbidden(prompt)) throw AzureError.sample("400-contentFilter-prompt");
  const answer = await answerWithPictures(request, deployment, exchange, service);
  return { ...answer, headers: { ...modelHeaders(deployment.name), ...answer.headers } };
}
