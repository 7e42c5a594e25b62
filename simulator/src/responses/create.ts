/** The route that makes a response. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "../http/answer.js";
import { modelHeaders } from "../http/headers.js";
import type { Picture } from "../pictures/picture.js";
import type { JsonObject } from "../scenario/alterations.js";
import { readPrompt } from "../scenario/grammar.js";
import { substituteAnswer } from "../scenario/substitute.js";
import { AzureError } from "../service/azure-error.js";
import { isForbidden } from "../service/content-filter.js";
import type { Deployment } from "../service/deployments.js";
import { newId, secondsNow } from "../service/ids.js";
import { logPicture } from "../service/sent-pictures.js";
import { cutRandomly, eventsAnswer, responseAnswer } from "./answers.js";
import { findContext } from "./context.js";
import { responseDocument } from "./documents.js";
import { findImageTool, makePictures, prepareCall, readTools } from "./image-calls.js";
import { checkTool, DEPLOYMENT_HEADER } from "./image-tool.js";
import { lastWords, readInput } from "./input.js";
import { callsTool } from "./intent.js";
import { pictureSources } from "./picture-sources.js";
import type { ImageCalls, Plan } from "./plan.js";
import { checkRequest, findAgent } from "./request.js";
import type { ResponseRoute } from "./route.js";
import { StoredResponse } from "./stored-response.js";

/** The text model's deployment, which an agent brings along or else the body names. */
function nameOfDeployment(agent: JsonObject | undefined, body: JsonObject): string {
  const name = agent?.["model"] ?? body["model"];
  if (typeof name === "string") return name;
  throw AzureError.invalidRequest("missing_required_parameter", "Missing required parameter: 'model'.", "model");
}

/** The image model's deployment, without which the tool is refused. */
function imageDeployment({ exchange, service }: ResponseRoute): Deployment | undefined {
  const name = exchange.entry.headers[DEPLOYMENT_HEADER]?.trim();
  return name ? service.deployments.find(name) : undefined;
}

async function begin(route: ResponseRoute, plan: Plan): Promise<StoredResponse> {
  const { exchange, workspace } = route;
  const { request } = plan;
  const response = new StoredResponse(
    plan,
    (signal) => makePictures(plan, signal),
    request.background ? undefined : exchange.signal,
  );
  if (!request.background) await response.log();
  if (request.store) workspace.keep(response);
  if (!request.background) {
    // A response that nobody waits for in the background is cancelled by hanging up.
    exchange.signal.addEventListener("abort", () => {
      if (!response.done) workspace.forget(response);
    });
  }
  return response;
}

async function answerWith(response: StoredResponse, { exchange, service }: ResponseRoute): Promise<Answer> {
  const { plan } = response;
  const { request, startedAt, latencyInMs } = plan;
  const { scenario, signal, entry } = exchange;
  const source = { scenario, onSent: (picture: Picture) => logPicture(service.log, entry.index, picture) };
  if (request.stream && !scenario["json-answer"]) {
    const { events } = await response.log();
    const answer = eventsAnswer(response, events, source);
    exchange.scenario = cutRandomly(scenario, answer, {
      streamIndex: response.countStream(),
      seed: `${service.options.seed}/${plan.prompt}`,
    });
    return answer;
  }
  if (request.background) return responseAnswer(responseDocument(plan, { status: "queued" }), source);
  await sleep(Math.max(0, startedAt + latencyInMs - performance.now()), undefined, { signal });
  return responseAnswer((await response.log()).final, source);
}

/** Makes a response. */
export async function createResponse(route: ResponseRoute, body: JsonObject): Promise<Answer> {
  const { exchange, service, workspace, dialect } = route;
  const agent = findAgent(body, dialect, workspace.agents);
  const deployment = service.deployments.findText(nameOfDeployment(agent?.definition, body));
  const image = imageDeployment(route);
  const { prompt, scenario } = readPrompt(lastWords(body["input"]));
  exchange.scenario = service.attempts.limit({ ...deployment.scenario, ...image?.scenario, ...scenario }, deployment.name, prompt);
  const substitute = substituteAnswer(exchange, { refusedPrompt: "400-content-filter-responses" });
  if (substitute !== undefined) return substitute;

  const request = checkRequest(body, dialect, agent);
  const tools = readTools(agent?.definition["tools"] ?? request.body["tools"]);
  const found = findImageTool(tools);
  if (found !== undefined && image === undefined) throw AzureError.sample("400-missing-image-deployment");
  if (found !== undefined && request.stream && exchange.scenario["no-tool-streaming"]) {
    throw AzureError.sample("400-imagegen-streaming-unsupported");
  }
  const sources = pictureSources(route);
  const input = await readInput(request.body["input"], sources);
  const context = await findContext(request, workspace);
  const wanted = callsTool(agent?.definition["tool_choice"] ?? request.body["tool_choice"], prompt, found !== undefined);
  if (found !== undefined && image !== undefined) checkTool(found.tool, image.model, found.path);
  if (isForbidden(prompt)) throw AzureError.sample("400-content-filter-responses");

  const declined = exchange.scenario.refusal || exchange.scenario["no-image"];
  const calls: ImageCalls | undefined =
    wanted && !declined && found !== undefined && image !== undefined
      ? {
          ...(await prepareCall({
            found,
            model: image.model,
            prompt,
            shown: input.pictures,
            earlier: context.lastPicture,
            sources,
            stream: request.stream,
            noise: exchange.scenario.noise ?? false,
            seed: service.options.seed,
          })),
          model: image.model,
          count: exchange.scenario.pictures ?? 1,
        }
      : undefined;
  const response = await begin(route, {
    id: newId("resp_"),
    createdAt: secondsNow(),
    startedAt: exchange.startedAt,
    latencyInMs: service.options.latencyInMs,
    dialect,
    request,
    agent,
    deployment: deployment.name,
    tools,
    input,
    prompt,
    calls,
    earlierPicture: context.lastPicture,
    scenario: exchange.scenario,
  });
  context.add(response);
  const answer = await answerWith(response, route);
  return { ...answer, headers: { ...modelHeaders(deployment.name), ...answer.headers } };
}
