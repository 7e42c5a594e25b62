/** What the image routes have in common: they read a body, find the deployment, and answer with pictures. */

import type { Answer } from "../http/answer.js";
import type { Exchange } from "../http/exchange.js";
import { modelHeaders } from "../http/headers.js";
import type { Picture } from "../pictures/picture.js";
import { seedOf } from "../options.js";
import { substituteAnswer } from "../scenario/substitute.js";
import { AzureError } from "../service/azure-error.js";
import type { Model } from "../service/catalogue.js";
import { isForbidden } from "../service/content-filter.js";
import type { Deployment } from "../service/deployments.js";
import { previewsOf, type ImageRequest } from "../service/image-request.js";
import { logPicture } from "../service/sent-pictures.js";
import type { Service } from "../service/service.js";
import type { JsonObject } from "../scenario/alterations.js";
import { imagesAnswer } from "./document-answer.js";
import { waitForLatency } from "./latency.js";
import { render, type Artwork, type Rendering } from "./paint.js";
import { readImagePrompt } from "./prompt.js";
import { streamAnswer } from "./stream.js";

/** A deployment in the path, with the dated api-version that goes with it. */
export interface ClassicRoute {
  readonly deployment: string;
  readonly apiVersion: string;
}

/** What an operation works on. */
export interface Job {
  readonly exchange: Exchange;
  /** The parameters as the body has them. */
  readonly parameters: JsonObject;
  readonly model: Model;
  /** The prompt without scenario words. */
  readonly prompt: string;
  /** What makes the pictures of one simulator differ from those of another. */
  readonly seed: string;
}

/** A request that was accepted, and how its pictures are made. */
export interface Task {
  readonly request: ImageRequest;
  /** Paints the picture of this index. */
  paint(index: number): Artwork;
}

/** One of the image routes. */
export interface Operation {
  /** The first dated api-version that has the route. */
  readonly firstApiVersion: string;
  /** Reads the parameters from the body, or throws the refusal of a body that holds none. */
  readParameters(exchange: Exchange): JsonObject;
  /** Accepts the request, or throws its refusal. */
  accept(job: Job): Promise<Task>;
}

/** On v1 the body names the deployment. */
function v1Deployment(parameters: JsonObject, service: Service): Deployment {
  const name = parameters["model"];
  if (typeof name !== "string") {
    throw AzureError.invalidRequest("missing_required_parameter", "Missing required parameter: 'model'.", "model");
  }
  return service.deployments.find(name);
}

/** On the classic routes the path names it, and `model`, if it is there, must name the base model if deployments are strict. */
function checkClassic(parameters: JsonObject, { model }: Deployment, { apiVersion }: ClassicRoute, { options }: Service): void {
  if (apiVersion < model.firstApiVersion) throw AzureError.sample("400-api-version-unsupported");
  if (!options.strictDeployments) return;
  const name = parameters["model"];
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

async function renderAll({ request, paint }: Task, { scenario, signal }: Exchange): Promise<Rendering[]> {
  const renderings: Rendering[] = [];
  for (let index = 0; index < request.n; index++) {
    signal.throwIfAborted();
    renderings.push(await render(request, paint(index), { previews: previewsOf(request), compact: !scenario.noise, signal }));
  }
  return renderings;
}

async function answerWithPictures(task: Task, { model }: Deployment, exchange: Exchange, service: Service): Promise<Answer> {
  const { scenario, startedAt, entry } = exchange;
  const { latencyInMs } = service.options;
  const { request } = task;
  const onSent = (picture: Picture) => logPicture(service.log, entry, picture);
  const renderings = await renderAll(task, exchange);
  if (request.stream && !scenario["json-answer"]) {
    return streamAnswer({ request, model, renderings, scenario, startedAt, latencyInMs, onSent });
  }
  await waitForLatency(exchange, service);
  const publish = (picture: Picture) => `http://${entry.headers["host"]}${service.store.add(picture)}`;
  return imagesAnswer({ request, model, pictures: renderings.map(({ final }) => final), scenario, publish, onSent });
}

/** Answers a request for pictures; `classic` is absent on the v1 route. */
export async function perform(operation: Operation, exchange: Exchange, service: Service, classic?: ClassicRoute): Promise<Answer> {
  if (classic !== undefined && classic.apiVersion < operation.firstApiVersion) {
    throw AzureError.sample("404-resource-not-found");
  }
  const inPath = classic === undefined ? undefined : service.deployments.find(classic.deployment);
  const parameters = operation.readParameters(exchange);
  const deployment = inPath ?? v1Deployment(parameters, service);
  const { model } = deployment;
  const prompt = readImagePrompt(parameters["prompt"], deployment, exchange, service);
  const substitute = substituteAnswer(exchange);
  if (substitute !== undefined) return substitute;
  if (classic !== undefined) checkClassic(parameters, deployment, classic, service);
  const seed = seedOf(service.options);
  const task = await operation.accept({ exchange, parameters, model, prompt, seed });
  if (isForbidden(prompt)) throw AzureError.sample("400-contentFilter-prompt");
  const answer = await answerWithPictures(task, deployment, exchange, service);
  return { ...answer, headers: { ...modelHeaders(deployment.name), ...answer.headers } };
}
