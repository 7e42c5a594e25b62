// Limits on the values that a page may send.

import { fluxModelOf, modelOf } from "./models.js";
import type { ImageParameters, ResponseParameters } from "./parameters.js";
import { notAllowed, quote } from "./refusal.js";
import type { RouteGroup } from "./routes.js";

/** Limits on the values that a page may send. An absent list allows every value, unless another default is given. */
export interface ProxyAllow {
  /** Groups of routes. Default: all except `administration`, which opens what belongs to all users. */
  routes?: readonly RouteGroup[];
  /** Origins of other sites whose pages may call the proxy, such as `https://app.example.com`. Default: none. */
  origins?: readonly string[];
  /**
   * Names of deployments, for image and text models. As an object, its values are the models behind them, by which `models` and the
   * estimate of the costs know them. Without, the model is taken from the deployment's name.
   */
  deployments?: readonly string[] | Readonly<Record<string, string>>;
  /** Image models, such as `gpt-image-2`. A deployment whose model is unknown is refused then. */
  models?: readonly string[];
  /** Sizes, such as `1024x1024`; of FLUX models also aspect ratios. A request without a size counts as `auto`. */
  sizes?: readonly string[];
  /** Qualities, such as `low`. A request without a quality counts as `auto`. */
  qualities?: readonly string[];
  /** Maximum number of images per request. Default: no limit except Azure's. */
  n?: number;
  /**
   * Types of tools in responses. Default: `image_generation`, and `function` and `custom`, which run in the page. Others cost extra, such
   * as `code_interpreter`, or make Azure call a server that the page names, such as `mcp`.
   */
  tools?: readonly string[];
  /** Names of agents. */
  agents?: readonly string[];
}

const ROUTES: readonly RouteGroup[] = ["images", "responses", "conversations", "files", "models"];
const ADMINISTRATION: RouteGroup = "administration";
const TOOLS = ["image_generation", "function", "custom"];
const LISTS = ["routes", "origins", "models", "sizes", "qualities", "tools", "agents"] as const;
const NAMES = [...LISTS, "deployments", "n"];

/** Checks requests against {@link ProxyAllow}. */
export interface AllowPolicy {
  routes: ReadonlySet<RouteGroup>;
  origins: readonly string[];
  /** Returns the name of the image model behind a deployment. */
  modelOf(deployment: string | undefined): string | undefined;
  checkImage(parameters: ImageParameters, fluxPath: string | undefined): void;
  checkResponse(parameters: ResponseParameters, imageDeployment: string | undefined): void;
}

/**
 * Creates the policy.
 *
 * @throws TypeError if a property is unknown or has a wrong type.
 */
export function createAllowPolicy(allow: ProxyAllow = {}): AllowPolicy {
  checkTypes(allow);
  const { routes = ROUTES, origins = [], deployments, models, sizes, qualities, n: maxN, tools = TOOLS, agents } = allow;
  const isList = Array.isArray(deployments);
  const byDeployment = new Map(isList || !deployments ? [] : Object.entries(deployments));
  const names = deployments && (isList ? (deployments as readonly string[]) : [...byDeployment.keys()]);

  const modelBehind = (deployment: string | undefined): string | undefined =>
    deployment === undefined ? undefined : (byDeployment.get(deployment) ?? modelOf(deployment));
  const check = (list: readonly string[] | undefined, value: string | undefined, param: string, what: string): void => {
    if (!list || (value !== undefined && list.includes(value))) return;
    const given = value === undefined ? `The request has no ${what}` : `The ${what} ${quote(value)} is not allowed here`;
    throw notAllowed(`${given}. Allowed: ${list.join(", ")}.`, param);
  };
  const checkModel = (model: string | undefined): void => {
    if (!models) return;
    const isListed = model !== undefined && models.some((name) => name.toLowerCase() === model.toLowerCase());
    if (!isListed) throw notAllowed(`The model behind the deployment is not allowed here. Allowed: ${models.join(", ")}.`, "model");
  };
  const checkLook = ({ size = "auto", quality = "auto" }: Pick<ImageParameters, "size" | "quality">): void => {
    check(sizes, size, "size", "size");
    check(qualities, quality, "quality", "quality");
  };

  return {
    routes: new Set(routes),
    origins,
    modelOf: modelBehind,
    checkImage(parameters, fluxPath) {
      const { deployments: given, n } = parameters;
      for (const deployment of given.length > 0 ? given : [undefined]) {
        check(names, deployment, "model", "deployment");
        checkModel(modelBehind(deployment) ?? fluxModelOf(fluxPath));
      }
      checkLook(parameters);
      if (maxN !== undefined && n > maxN) throw notAllowed(`At most ${maxN} images per request are allowed here.`, "n");
    },
    checkResponse({ model, agent, tools: given, imageTools }, imageDeployment) {
      if (agent === undefined) check(names, model, "model", "deployment");
      else if (model !== undefined) check(names, model, "model", "deployment");
      if (agent !== undefined) check(agents, agent, "agent_reference", "agent");
      if (imageDeployment !== undefined) {
        check(names, imageDeployment, "x-ms-oai-image-generation-deployment", "deployment");
        checkModel(modelBehind(imageDeployment));
      }
      for (const tool of given) check(tools, tool, "tools", "tool");
      for (const tool of imageTools) {
        if (tool.model !== undefined || imageDeployment === undefined) checkModel(tool.model);
        checkLook(tool);
      }
    },
  };
}

function checkTypes(allow: ProxyAllow): void {
  for (const name of Object.keys(allow)) {
    if (!NAMES.includes(name)) throw new TypeError(`allow.${name} is unknown. It has ${NAMES.join(", ")}.`);
  }
  const isStrings = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === "string");
  for (const name of LISTS) {
    if (allow[name] !== undefined && !isStrings(allow[name])) throw new TypeError(`allow.${name} must be a list of strings.`);
  }
  for (const route of allow.routes ?? []) {
    if (![...ROUTES, ADMINISTRATION].includes(route))
      throw new TypeError(`allow.routes has ${route}. Known: ${[...ROUTES, ADMINISTRATION].join(", ")}.`);
  }
  const { deployments, n } = allow;
  if (deployments !== undefined && !isStrings(deployments) && !isStrings(Object.values(deployments))) {
    throw new TypeError("allow.deployments must be a list of names, or an object of names and models.");
  }
  if (n !== undefined && !(Number.isSafeInteger(n) && n > 0)) throw new TypeError("allow.n must be a positive whole number.");
}
