/** The route that makes a response. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "../http/answer.js";
import { modelHeaders } from "../http/headers.js";
import type { Picture } from "../pictures/picture.js";
import type { JsonObject } from "../scenario/alterations.js";
import { readPrompt } from "../scenario/grammar.js";
import { substituteAnswer } from "../scenario/substitute.js";
import { AzureError } from "../service/azure-error.js";
import { logPicture } from "../service/sent-pictures.js";
import { cutRandomly, eventsAnswer, responseAnswer } from "./answers.js";
import { findContext } from "./context.js";
import { responseDocument } from "./documents.js";
import { makePictures } from "./image-calls.js";
import { lastWords } from "./input.js";
import { findParties, makePlan } from "./make-plan.js";
import type { Plan } from "./plan.js";
import { checkRequest } from "./request.js";
import type { ResponseRoute } from "./route.js";
import { StoredResponse } from "./stored-response.js";

async function begin(route: ResponseRoute, plan: Plan): Promise<StoredResponse> {
  const { exchange, workspace } = route;
  const { request } = plan;
  const response = new StoredResponse(plan, (signal) => makePictures(plan, signal), request.background ? undefined : exchange.signal);
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
  const source = { scenario, onSent: (picture: Picture) => logPicture(service.log, entry, picture) };
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
  const parties = findParties(route, body);
  const { agent, deployment, image } = parties;
  const { prompt, scenario } = readPrompt(lastWords(body["input"]));
  const words = { ...service.scenario, ...deployment.scenario, ...image?.scenario, ...scenario };
  exchange.scenario = service.attempts.limit(words, deployment.name, prompt);
  const substitute = substituteAnswer(exchange, { "400-contentFilter-prompt": AzureError.sample("400-content-filter-responses") });
  if (substitute !== undefined) return substitute;

  const request = checkRequest(body, dialect, agent);
  const context = await findContext(request, workspace);
  const response = await begin(route, await makePlan(route, parties, request, context));
  context.add(response);
  const answer = await answerWith(response, route);
  return { ...answer, headers: { ...modelHeaders(deployment.name), ...answer.headers } };
}
