/** The routes of FLUX models: https://learn.microsoft.com/azure/foundry/foundry-models/how-to/use-foundry-models-flux */

import type { Answer } from "../http/answer.js";
import type { Exchange } from "../http/exchange.js";
import { prepareEdit } from "../images/edit-artwork.js";
import { prepareGeneration } from "../images/generation-artwork.js";
import { answerWithImage, type SingleImageTask } from "../images/single-image.js";
import { seedOf } from "../options.js";
import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import { fluxPaths, type FluxModel } from "../service/flux-models.js";
import type { ArtworkRequest } from "../service/image-request.js";
import { readJsonObject } from "../service/json-object.js";
import type { Service } from "../service/service.js";
import { fluxDocument } from "./document.js";
import { readFluxInputs } from "./inputs.js";
import { checkFluxParameters } from "./parameters.js";
import { fluxSize } from "./size.js";

const JPEG_QUALITY = 90;

/** Reads the parameters. A parameter that is `null` is not set. */
function readBody(exchange: Exchange): JsonObject {
  return Object.fromEntries(Object.entries(readJsonObject(exchange)).filter(([, value]) => value !== null));
}

async function accept(body: JsonObject, model: FluxModel, prompt: string, { scenario }: Exchange, service: Service): Promise<SingleImageTask> {
  // Azure has no words for a missing parameter of this kind.
  if (scenario["require-n"] && body["n"] === undefined) throw AzureError.sample("500-internal");
  const { outputFormat, seed: givenSeed } = checkFluxParameters(body, model);
  const inputs = await readFluxInputs(body, model.maximumInputs);
  const size = fluxSize(body, model, inputs?.first);
  const request: ArtworkRequest = { prompt, ...size, background: "opaque", outputFormat, outputCompression: JPEG_QUALITY };
  const noise = scenario.noise ?? false;
  const seed = givenSeed === undefined ? seedOf(service.options) : `seed ${givenSeed}`;
  const paint =
    inputs === undefined ? prepareGeneration({ request, noise, seed }) : await prepareEdit({ request, inputs, fidelity: "low", noise, seed });
  const sizes = inputs === undefined ? [] : [inputs.first, ...inputs.others];
  return { request, artwork: paint(0), document: (images) => fluxDocument(model, request, sizes, images) };
}

/** Answers a request below `/providers/blackforestlabs/v1`, or throws its refusal. */
export function routeFlux(exchange: Exchange, service: Service, path: string): Promise<Answer> {
  if (!fluxPaths.includes(path) || exchange.entry.method !== "POST") throw AzureError.sample("404-resource-not-found");
  const body = readBody(exchange);
  const name = body["model"];
  if (typeof name !== "string") throw AzureError.sample("500-internal");
  const deployment = service.deployments.findFlux(name, path);
  const { model } = deployment;
  if (model.path !== path) throw AzureError.sample("404-deployment-not-found");
  return answerWithImage({ deployment, prompt: body["prompt"], exchange, service }, "400-request-moderated", (prompt) =>
    accept(body, model, prompt, exchange, service),
  );
}
