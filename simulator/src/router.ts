/** Which request is answered by what. */

import type { Answer } from "./http/answer.js";
import { textFrame } from "./http/answer.js";
import { preflightAnswer } from "./http/cors.js";
import type { Exchange } from "./http/exchange.js";
import { routeFlux } from "./flux/routes.js";
import { routeProject } from "./foundry/routes.js";
import { edit } from "./images/edit.js";
import { generation } from "./images/generation.js";
import { perform, type Operation } from "./images/operation.js";
import { routeMai } from "./mai/routes.js";
import { logPicture } from "./service/sent-pictures.js";
import { routeResponses } from "./responses/routes.js";
import { checkDatedVersion, checkFluxVersion, checkV1Version } from "./service/api-version.js";
import { authenticate } from "./service/authentication.js";
import { AzureError } from "./service/azure-error.js";
import { jsonAnswer } from "./service/json-answer.js";
import { modelNames } from "./service/model-names.js";
import type { Service } from "./service/service.js";

const WELCOME = `This is azure-image-simulator, a local Azure OpenAI and Foundry resource for images.

POST /openai/v1/images/generations
POST /openai/v1/images/edits
POST /openai/deployments/{deployment}/images/generations?api-version=2025-04-01-preview
POST /openai/deployments/{deployment}/images/edits?api-version=2025-04-01-preview
POST /mai/v1/images/generations
POST /mai/v1/images/edits
POST /providers/blackforestlabs/v1/{model path}?api-version=preview
POST /openai/v1/responses
POST /openai/v1/files
POST /api/projects/{project}/agents/{agent}/versions?api-version=v1
POST /api/projects/{project}/openai/v1/responses
GET /openai/v1/models
GET /openai/models?api-version=2025-04-01-preview
`;

const MAI_ROOT = "/mai/v1/";
const FLUX_ROOT = "/providers/blackforestlabs/v1/";

const operations: Readonly<Record<string, Operation>> = { generations: generation, edits: edit };

/** One date for all, since nobody reads it. */
const MODELS_CREATED_AT = Date.UTC(2025, 3, 23) / 1000;

/** A model as the v1 specification and the clients of OpenAI have it. */
const modelDocument = (id: string) => ({ id, object: "model", created: MODELS_CREATED_AT, owned_by: "system" });

/** The models that could be deployed, which is what Azure lists: the names of the deployments are not among them. */
const modelsAnswer = jsonAnswer({ object: "list", data: modelNames.map(modelDocument) });

/** One of these models, or the refusal of an unknown one. */
function modelAnswer(id: string): Answer {
  const name = modelNames.find((each) => each.toLowerCase() === id.toLowerCase());
  if (name !== undefined) return jsonAnswer(modelDocument(name));
  throw new AzureError({
    status: 404,
    body: { error: { message: `The model '${id}' does not exist`, type: "invalid_request_error", param: "model", code: "model_not_found" } },
  });
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw AzureError.sample("404-resource-not-found");
  }
}

/** A picture by its URL. As on Azure's blob storage, anyone may fetch it, but no page of another origin may read it. */
function pictureAnswer(exchange: Exchange, { store, log }: Service): Answer | undefined {
  const { entry } = exchange;
  const picture = store.find(entry.path);
  if (picture === undefined) return undefined;
  exchange.scenario = { "no-cors": true };
  const { bytes, mediaType } = picture;
  const sent = () => logPicture(log, entry, picture);
  return {
    status: 200,
    headers: { "content-type": mediaType },
    frames: [{ kind: "completed", segments: [{ bytes, sent }] }],
  };
}

/** Answers a request, or throws the `AzureError` that answers it. */
export async function route(exchange: Exchange, service: Service): Promise<Answer> {
  const { method, path, headers, query, preflight } = exchange.entry;
  if (preflight) return preflightAnswer;
  if (method === "GET" && path === "/") {
    return { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, frames: [textFrame(WELCOME)] };
  }
  if (method === "GET" && path.startsWith("/pictures/")) {
    const answer = pictureAnswer(exchange, service);
    if (answer !== undefined) return answer;
  }
  const [root, api, projects, project, ...segments] = path.split("/").map(decodeSegment);
  if (root === "" && api === "api" && projects === "projects" && project) {
    return routeProject(exchange, service, project, segments);
  }
  if (path.startsWith(MAI_ROOT)) {
    authenticate(headers, service.options, { keyAsBearer: false });
    return routeMai(exchange, service, path.slice(MAI_ROOT.length));
  }
  if (path.startsWith(FLUX_ROOT)) {
    authenticate(headers, service.options, { keyAsBearer: true });
    checkFluxVersion(query["api-version"]);
    return routeFlux(exchange, service, path.slice(FLUX_ROOT.length));
  }
  if (!path.startsWith("/openai/")) throw AzureError.sample("404-resource-not-found");

  const v1 = path.startsWith("/openai/v1/");
  authenticate(headers, service.options, { keyAsBearer: v1 });
  if (v1) checkV1Version(query["api-version"]);
  const models = /^\/openai\/(?:v1\/)?models(?:\/([^/]+))?$/.exec(path);
  if (method === "GET" && models !== null) {
    if (!v1) checkDatedVersion(query["api-version"]);
    return models[1] === undefined ? modelsAnswer : modelAnswer(decodeSegment(models[1]));
  }
  const match = /^\/openai\/(?:v1|deployments\/([^/]+))\/images\/(generations|edits)$/.exec(path);
  const operation = operations[match?.[2] ?? ""];
  if (method === "POST" && operation !== undefined) {
    if (match?.[1] === undefined) return perform(operation, exchange, service);
    const apiVersion = checkDatedVersion(query["api-version"]);
    return perform(operation, exchange, service, { deployment: decodeSegment(match[1]), apiVersion });
  }
  if (v1) {
    const workspace = service.workspaces.resource;
    return routeResponses({ exchange, service, workspace, dialect: "resource" }, path.split("/").slice(3).map(decodeSegment));
  }
  throw AzureError.sample("404-resource-not-found");
}
