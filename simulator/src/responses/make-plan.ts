/** Makes the plan of a response from its request, or refuses the request. */

import type { AgentVersion } from "../foundry/agents.js";
import type { FormFile } from "../http/form.js";
import type { JsonObject } from "../scenario/alterations.js";
import { seedOf } from "../options.js";
import { AzureError } from "../service/azure-error.js";
import { isForbidden } from "../service/content-filter.js";
import type { Deployment, NamedDeployment } from "../service/deployments.js";
import { newId, secondsNow } from "../service/ids.js";
import { findImageTool, prepareCall } from "./image-calls.js";
import { checkTool, DEPLOYMENT_HEADER } from "./image-tool.js";
import { readInput } from "./input.js";
import { callsTool } from "./intent.js";
import { pictureSources } from "./picture-sources.js";
import type { Plan } from "./plan.js";
import { findAgent, type ResponseRequest } from "./request.js";
import type { ResponseRoute } from "./route.js";
import { readTools } from "./tools.js";

/** Who works on a response. */
export interface Parties {
  readonly agent: AgentVersion | undefined;
  readonly deployment: NamedDeployment;
  /** The deployment of the image model, if the header names one. */
  readonly image: Deployment | undefined;
}

/** What is known of a request before its input and tools are read. */
interface Known {
  readonly request: ResponseRequest;
  /** What the user said last, without scenario words. */
  readonly prompt: string;
  readonly earlierPicture: FormFile | undefined;
}

/** The text model's deployment, which an agent brings along or else the body names. */
function nameOfDeployment(agent: JsonObject | undefined, body: JsonObject): string {
  const name = agent?.["model"] ?? body["model"];
  if (typeof name === "string") return name;
  throw AzureError.invalidRequest("missing_required_parameter", "Missing required parameter: 'model'.", "model");
}

/** Finds who works on a response, or throws the refusal of what is not there. */
export function findParties({ exchange, service, workspace, dialect }: ResponseRoute, body: JsonObject): Parties {
  const agent = findAgent(body, dialect, workspace.agents);
  const deployment = service.deployments.findText(nameOfDeployment(agent?.definition, body));
  const name = exchange.entry.headers[DEPLOYMENT_HEADER]?.trim();
  return { agent, deployment, image: name ? service.deployments.find(name) : undefined };
}

/** Makes the plan. */
export async function makePlan(route: ResponseRoute, { agent, deployment, image }: Parties, known: Known): Promise<Plan> {
  const { exchange, service, dialect } = route;
  const { scenario, startedAt } = exchange;
  const { latencyInMs } = service.options;
  const seed = seedOf(service.options);
  const { request, prompt, earlierPicture } = known;
  const settings = agent?.definition ?? request.body;
  const tools = readTools(settings["tools"], { ofAgent: agent !== undefined });
  const found = findImageTool(tools);
  if (found !== undefined && image === undefined) throw AzureError.sample("400-missing-image-deployment");
  if (found !== undefined && request.stream && scenario["no-tool-streaming"]) {
    throw AzureError.sample("400-imagegen-streaming-unsupported");
  }
  const sources = pictureSources(route);
  const input = await readInput(request.body["input"], sources);
  const wanted = callsTool(settings["tool_choice"], prompt, tools);
  if (found !== undefined && image !== undefined) checkTool(found.tool, image.model, found.path);
  if (isForbidden(prompt)) throw AzureError.sample("400-content-filter-responses");

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
    prompt,
    calls: undefined,
    earlierPicture,
    scenario,
  };
  const declined = scenario["no-image"] || (scenario.refusal && !scenario["call-failed"]);
  if (!wanted || declined || found === undefined || image === undefined) return plan;
  const { model } = image;
  const noise = scenario.noise ?? false;
  const source = { found, model, prompt, shown: input.pictures, earlier: earlierPicture, sources, stream: request.stream, noise, seed };
  return { ...plan, calls: { ...(await prepareCall(source)), model, count: scenario.pictures ?? 1 } };
}
