/** The routes of a Foundry project, below `/api/projects/{project}`. */

import type { Answer } from "../http/answer.js";
import type { Exchange } from "../http/exchange.js";
import { routeResponses } from "../responses/routes.js";
import { checkAgentsVersion, checkDatedProjectVersion, checkNoVersion } from "../service/api-version.js";
import { authenticate } from "../service/authentication.js";
import { AzureError } from "../service/azure-error.js";
import type { Service } from "../service/service.js";
import { routeAgents } from "./agent-routes.js";

/** The audience of a project's tokens, whatever that of the resource is. */
const AUDIENCE = "https://ai.azure.com";

/** Answers a request to a project; `segments` are those of the path behind the project's name. */
export async function routeProject(exchange: Exchange, service: Service, project: string, segments: readonly string[]): Promise<Answer> {
  const { headers, query } = exchange.entry;
  authenticate(headers, { ...service.options, audience: AUDIENCE }, { keyAsBearer: false });
  const workspace = service.workspaces.project(project);
  const version = query["api-version"];
  const [first, second, ...rest] = segments;
  if (first === "agents") {
    checkAgentsVersion(version);
    return routeAgents(exchange, service, workspace.agents, segments.slice(1));
  }
  if (first !== "openai" || second === undefined) throw AzureError.sample("404-resource-not-found");
  if (second === "v1") {
    checkNoVersion(version);
    return routeResponses({ exchange, service, workspace, dialect: "project-v1" }, rest);
  }
  checkDatedProjectVersion(version);
  return routeResponses({ exchange, service, workspace, dialect: "project-dated" }, [second, ...rest]);
}
