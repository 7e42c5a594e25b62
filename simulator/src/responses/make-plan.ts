/** Makes the plan of a response from its request, or refuses the request. */

import type { AgentVersion } from "../foundry/agents.js";
import type { JsonObject } from "../scenario/alterations.js";
import { seedOf } from "../options.js";
import { readPrompt } from "../scenario/grammar.js";
import { AzureError } from "../service/azure-error.js";
import { isForbidden } from "../service/content-filter.js";
import type { Deployment, NamedDeployment } from "../service/deployments.js";
import { newId, secondsNow } from "../service/ids.js";
import { missingParameter } from "../service/validation.js";
import type { Context } from "./context.js";
import { followInput, type Report } from "./dialogue.js";
import { findImageTool, prepareCall } from "./image-calls.js";
import { checkTool, DEPLOYMENT_HEADER } from "./image-tool.js";
import { readInput } from "./input.js";
import { pictureSources } from "./picture-sources.js";
import type { Plan } from "./plan.js";
import { findAgent, type ResponseRequest } from "./request.js";
import type { ResponseRoute } from "./route.js";
import { readToolChoice } from "./tool-choice.js";
import { noToolCalls, planTools } from "./tool-plan.js";
import { readTools } from "./tools.js";

/** Who works on a response. */
export interface Parties {
  readonly agent: AgentVersion | undefined;
  readonly deployment: NamedDeployment;
  /** The deployment of the image model, if the header names one. */
  readonly image: Deployment | undefined;
}

/** The text model's deployment, which an agent brings along or else the body names. */
function nameOfDeployment(agent: JsonObject | undefined, body: JsonObject): string {
  const name = agent?.["model"] ?? body["model"];
  if (typeof name === "string") return name;
  throw missingParameter("model");
}

/** Finds who works on a response, or throws the refusal of what is not there. */
export function findParties({ exchange, service, workspace, dialect }: ResponseRoute, body: JsonObject): Parties {
  const agent = findAgent(body, dialect, workspace.agents);
  const deployment = service.deployments.findText(nameOfDeployment(agent?.definition, body));
  const name = exchange.entry.headers[DEPLOYMENT_HEADER]?.trim();
  return { agent, deployment, image: name ? service.deployments.find(name) : undefined };
}

/** Returns the prompt of the images. */
function depict(prompt: string, reports: readonly Report[]): string {
  const texts = reports.map(({ text }) => text).filter((text) => text !== "");
  return texts.length === 0 ? prompt : `${prompt} (${texts.join("; ")})`;
}

/** Makes the plan. */
export async function makePlan(
  route: ResponseRoute,
  { agent, deployment, image }: Parties,
  request: ResponseRequest,
  context: Context,
): Promise<Plan> {
  const { exchange, service, workspace, dialect } = route;
  const { scenario, startedAt } = exchange;
  const { latencyInMs } = service.options;
  const settings = agent?.definition ?? request.body;
  const tools = readTools(settings["tools"], { ofAgent: agent !== undefined });
  const found = findImageTool(tools);
  if (found !== undefined && image === undefined) throw AzureError.sample("400-missing-image-deployment");
  if (found !== undefined && request.stream && scenario["no-tool-streaming"]) {
    throw AzureError.sample("400-imagegen-streaming-unsupported");
  }
  const sources = pictureSources(route);
  const input = await readInput(request.body["input"], sources);
  const choice = readToolChoice(settings["tool_choice"], tools);
  const dialogue = followInput(context.dialogue, input.read);
  const { prompt } = readPrompt(dialogue.turn.request);
  if (found !== undefined && image !== undefined) checkTool(found.tool, image.model, found.path);
  if (isForbidden(prompt)) throw AzureError.sample("400-content-filter-responses");

  const refuses = scenario.refusal && !scenario["call-failed"];
  const scene = { dialogue, prompt, workspace, include: request.include, forcedName: choice.name };
  const parallel = settings["parallel_tool_calls"] !== false;
  const toolCalls = refuses ? noToolCalls : await planTools({ tools, choice, parallel, scene });
  const plan: Plan = {
    id: newId("resp_"),
    createdAt: secondsNow(),
    startedAt,
    latencyInMs,
    dialect,
    request,
    agent,
    deployment: deployment.name,
    tools,
    input,
    dialogue,
    prompt,
    depicted: depict(prompt, toolCalls.reports),
    toolCalls,
    calls: undefined,
    earlierPicture: context.lastPicture,
    scenario,
  };
  if (!toolCalls.drawsImage || scenario["no-image"] || found === undefined || image === undefined) return plan;
  const { model } = image;
  const source = {
    found,
    model,
    prompt: plan.depicted,
    shown: input.pictures,
    earlier: context.lastPicture,
    sources,
    stream: request.stream,
    noise: scenario.noise ?? false,
    seed: seedOf(service.options),
  };
  return { ...plan, calls: { ...(await prepareCall(source)), model, count: scenario.pictures ?? 1 } };
}
