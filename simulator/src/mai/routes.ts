/** The routes of MAI models below `/mai/v1`: https://learn.microsoft.com/azure/foundry/foundry-models/how-to/use-foundry-models-mai */

import type { Answer } from "../http/answer.js";
import type { Exchange } from "../http/exchange.js";
import { prepareEdit } from "../images/edit-artwork.js";
import { prepareGeneration } from "../images/generation-artwork.js";
import type { Artwork } from "../images/paint.js";
import { answerWithImage, type SingleImageTask } from "../images/single-image.js";
import { seedOf } from "../options.js";
import type { JsonObject } from "../scenario/alterations.js";
import { AzureError, operationNotSupported } from "../service/azure-error.js";
import { readFormBody } from "../service/form-body.js";
import { readFormValues } from "../service/form-values.js";
import type { ArtworkRequest } from "../service/image-request.js";
import type { InputImage } from "../service/input-images.js";
import { readJsonObject } from "../service/json-object.js";
import type { MaiModel } from "../service/mai-models.js";
import type { Service } from "../service/service.js";
import { maiDocument } from "./document.js";
import { missingParameter } from "./errors.js";
import { readMaiInputs } from "./inputs.js";
import { checkMaiParameters, formTypes, type MaiParameters } from "./parameters.js";
import { automaticSize, DEFAULT_SIZE, editedSize } from "./size.js";

/** A request whose deployment is known. */
interface MaiJob {
  readonly exchange: Exchange;
  readonly body: JsonObject;
  readonly model: MaiModel;
  /** The prompt without scenario words. */
  readonly prompt: string;
  readonly seed: string;
}

/** One of the routes. */
interface MaiOperation {
  /** Returns the parameters in the body, or throws the refusal of a body without any. */
  readBody(exchange: Exchange): JsonObject;
  /** Accepts the request, or throws its refusal. */
  accept(job: MaiJob): Promise<SingleImageTask>;
}

/** The output is always PNG. */
function artworkRequest(prompt: string, { size = DEFAULT_SIZE, transparent }: Omit<MaiParameters, "autoAspectRatio">): ArtworkRequest {
  return { prompt, ...size, background: transparent ? "transparent" : "opaque", outputFormat: "png", outputCompression: 100 };
}

function task({ exchange, model }: MaiJob, request: ArtworkRequest, artwork: Artwork, inputs: readonly InputImage[]): SingleImageTask {
  return {
    request,
    artwork,
    document: (images) => maiDocument({ model, request, inputs, images, durationInMs: performance.now() - exchange.startedAt }),
  };
}

const generation: MaiOperation = {
  readBody: readJsonObject,
  async accept(job) {
    const { exchange, body, model, prompt, seed } = job;
    const { size, autoAspectRatio, transparent } = checkMaiParameters(body, ["model", "prompt", "width", "height"], model);
    const chosen = size ?? (autoAspectRatio ? automaticSize(prompt) : undefined);
    const request = artworkRequest(prompt, { size: chosen, transparent });
    return task(job, request, prepareGeneration({ request, noise: exchange.scenario.noise ?? false, seed })(0), []);
  },
};

const edit: MaiOperation = {
  readBody: (exchange) => readFormBody(exchange).fields,
  async accept(job) {
    const { exchange, body, model, prompt, seed } = job;
    if (model.edits === "none") throw operationNotSupported("imageEdits", model.name);
    const { scenario } = exchange;
    const names = ["model", "prompt", ...(model.edits === "with a size" ? ["width", "height"] : [])];
    const fields = readFormValues(body, formTypes, { strictBooleans: scenario["strict-form-booleans"] ?? false });
    const { size, transparent } = checkMaiParameters(fields, names, model);
    const inputs = await readMaiInputs(readFormBody(exchange).files);
    const { first, others } = inputs;
    const request = artworkRequest(prompt, { size: size ?? editedSize(first), transparent });
    const paint = await prepareEdit({ request, inputs, fidelity: "low", noise: scenario.noise ?? false, seed });
    return task(job, request, paint(0), [first, ...others]);
  },
};

const operations: Readonly<Record<string, MaiOperation>> = { "images/generations": generation, "images/edits": edit };

/** Answers a request below `/mai/v1`, or throws its refusal. The api-version is optional, and any is accepted. */
export function routeMai(exchange: Exchange, service: Service, path: string): Promise<Answer> {
  const operation = operations[path];
  if (operation === undefined || exchange.entry.method !== "POST") throw AzureError.sample("404-resource-not-found");
  const body = operation.readBody(exchange);
  const name = body["model"];
  if (typeof name !== "string") throw missingParameter("model");
  const deployment = service.deployments.findMai(name);
  const call = { deployment, prompt: body["prompt"], exchange, service };
  return answerWithImage(call, "400-content-safety-violation-output", (prompt) =>
    operation.accept({ exchange, body, model: deployment.model, prompt, seed: seedOf(service.options) }),
  );
}
