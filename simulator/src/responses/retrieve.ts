/** The routes of responses that have been made: retrieve, resume, cancel, delete. */

import type { Answer } from "../http/answer.js";
import type { Picture } from "../pictures/picture.js";
import type { JsonObject } from "../scenario/alterations.js";
import type { Scenario } from "../scenario/grammar.js";
import { scenarioErrorAnswer } from "../scenario/substitute.js";
import { seedOf } from "../options.js";
import { AzureError } from "../service/azure-error.js";
import { jsonAnswer } from "../service/json-answer.js";
import { page } from "../service/paging.js";
import { logPicture } from "../service/sent-pictures.js";
import { cutRandomly, eventsAnswer, responseAnswer, withoutPictures, type AnswerSource } from "./answers.js";
import type { ResponseRoute } from "./route.js";
import type { StoredResponse } from "./stored-response.js";

function findResponse({ workspace }: ResponseRoute, id: string): StoredResponse {
  const response = workspace.responses.get(id);
  if (response !== undefined) return response;
  throw new AzureError({
    status: 404,
    body: { error: { message: `Response with id '${id}' not found.`, type: "invalid_request_error", param: "response_id", code: null } },
  });
}

function answerSource({ exchange, service }: ResponseRoute): AnswerSource {
  const { entry, scenario } = exchange;
  return { scenario, onSent: (picture: Picture) => logPicture(service.log, entry, picture) };
}

/** A scenario without what breaks a document off: that is for streams, and for the answer to the first request. */
function whole({ truncate: _truncate, reset: _reset, stall: _stall, ...scenario }: Scenario): Scenario {
  return scenario;
}

function readStartingAfter(text: string | undefined): number {
  if (text === undefined) return -1;
  if (/^\d+$/.test(text)) return Number(text);
  throw AzureError.invalidRequest("invalid_type", "Invalid type for 'starting_after': expected an integer.", "starting_after");
}

async function resume(route: ResponseRoute, response: StoredResponse): Promise<Answer> {
  const { exchange, service } = route;
  const { request, scenario, prompt } = response.plan;
  if (!request.background || !request.stream) {
    throw AzureError.invalidRequest("invalid_value", "Only responses that were created with 'background' and 'stream' can be streamed.", "stream");
  }
  const startingAfter = readStartingAfter(exchange.entry.query["starting_after"]);
  const streamIndex = response.countStream();
  exchange.scenario = streamIndex < (scenario.times ?? Number.POSITIVE_INFINITY) ? scenario : {};
  // A response that was cancelled before its pictures were made has nothing to tell.
  const events = await response.log().then(
    (log) => log.events,
    () => [],
  );
  const rest = events.filter(({ sequenceNumber }) => sequenceNumber > startingAfter);
  const answer = eventsAnswer(response, rest, answerSource(route));
  exchange.scenario = cutRandomly(exchange.scenario, answer, { streamIndex, seed: `${seedOf(service.options)}/${prompt}` });
  return answer;
}

/** Answers with a response as it is now, or with the stream of its events. */
export async function retrieveResponse(route: ResponseRoute, id: string): Promise<Answer> {
  const { exchange } = route;
  const response = findResponse(route, id);
  exchange.scenario = whole(response.nextRetrieval());
  const status = exchange.scenario["get-status"];
  if (status !== undefined) return scenarioErrorAnswer(AzureError.sample(status), exchange.scenario);
  if (exchange.entry.query["stream"] === "true") return resume(route, response);
  const document = response.document();
  const { "result-not-kept": notKept } = response.plan.scenario;
  return responseAnswer(notKept ? withoutPictures(document) : document, answerSource(route));
}

/** Lists the responses of a project, those of one agent or conversation if the query says so; a resource has no such list. */
export function listResponses({ workspace, exchange, dialect }: ResponseRoute): Answer {
  if (dialect === "resource") throw AzureError.sample("404-resource-not-found");
  const { query } = exchange.entry;
  const wanted = ({ plan: { agent, request } }: StoredResponse) =>
    (query["agent_name"] ?? agent?.name) === agent?.name &&
    (query["agent_id"] ?? `${agent?.name}:${agent?.version}`) === `${agent?.name}:${agent?.version}` &&
    (query["conversation_id"] ?? request.conversationId) === request.conversationId;
  const { data, ...ends } = page([...workspace.responses.values()].filter(wanted), query, ({ id }) => id);
  return jsonAnswer({ ...ends, data: data.map((response) => withoutPictures(response.document())) });
}

/** Cancels a response in the background; one that has come to its end stays as it is. */
export function cancelResponse(route: ResponseRoute, id: string): Answer {
  const response = findResponse(route, id);
  if (!response.plan.request.background) throw AzureError.sample("400-cancel-not-background");
  response.cancel();
  return responseAnswer(response.document(), answerSource(route));
}

/** Deletes a response. The two services word the answer differently. */
export function deleteResponse(route: ResponseRoute, id: string): Answer {
  route.workspace.forget(findResponse(route, id));
  return jsonAnswer({ id, object: route.dialect === "resource" ? "response.deleted" : "response", deleted: true });
}

/** Lists what went into a response. */
export function listInputItems(route: ResponseRoute, id: string): Answer {
  const { items } = findResponse(route, id).plan.input;
  return jsonAnswer(page<JsonObject>(items, route.exchange.entry.query, (item) => String(item["id"])));
}
