// The options of a proxy.

import { type AllowPolicy, createAllowPolicy, type ProxyAllow } from "./allow.js";
import { createSigner, type ProxyCredential, type Signer } from "./credential.js";
import { type Endpoint, parseEndpoint } from "./endpoint.js";
import { createFetchTransport } from "./fetch-transport.js";
import { createLimitPolicy, type LimitPolicy, type ProxyLimits } from "./limits.js";
import type { ProxyLog } from "./log.js";
import { createOriginPolicy, type OriginPolicy } from "./origin.js";
import { createRouter, type Route } from "./routes.js";
import { defaultTransport, type Transport } from "./transport.js";

/**
 * Admits a request. Returns the ID of the user, by which `limits` counts, or `null` to refuse with 401, or another response. It must not
 * read the body. `context` is the second argument of the handler, such as the request of Express.
 */
export type ProxyAuthorize<Context> = (request: Request, context: Context) => string | Response | null | Promise<string | Response | null>;

/** Options of {@link createProxy}. All of them are checked at once. */
export interface ProxyOptions<Context = unknown> {
  /** The resource, such as `https://my-resource.openai.azure.com`, or a Foundry project, with `/api/projects/my-project`. */
  endpoint: string;
  /** Signs the requests. It never reaches the page. */
  credential: ProxyCredential;
  /** The app's sign-in check. `"anyone"` lets every visitor spend your money. */
  authorize: ProxyAuthorize<Context> | "anyone";
  /** Path of the proxy on the app's origin. Default: `/api/azure`. */
  basePath?: string;
  /** Limits on the values that a page may send. Default: everything except administration and tools that cost extra. */
  allow?: ProxyAllow;
  /** Limits of requests, dollars and body sizes. Default: only of body sizes. */
  limits?: ProxyLimits;
  /** Receives one record for each request when it has ended. */
  log?: ProxyLog;
  /** Scope of access tokens. Default: the documented scope of the endpoint's cloud. */
  scope?: string;
  /** Sends the requests to Azure. Default: the runtime's HTTP client, without a time limit. */
  fetch?: typeof globalThis.fetch;
}

/** Checked options. */
export interface Setup<Context> {
  endpoint: Endpoint;
  signer: Signer;
  authorize: ProxyAuthorize<Context>;
  basePath: string;
  findRoute(method: string, path: string): Route | undefined;
  allow: AllowPolicy;
  origins: OriginPolicy;
  limits: LimitPolicy;
  log: ProxyLog | undefined;
  transport: Transport;
}

/** The user of all requests without `authorize`. */
const ANYONE = "anyone";
const NAMES = ["endpoint", "credential", "authorize", "basePath", "allow", "limits", "log", "scope", "fetch"];

/**
 * Checks the options.
 *
 * @throws TypeError that names the wrong option and the remedy.
 */
export function resolveOptions<Context>(options: ProxyOptions<Context>): Setup<Context> {
  if (typeof options !== "object" || options === null) throw new TypeError("createProxy needs an object with endpoint, credential and authorize.");
  for (const name of Object.keys(options)) {
    if (!NAMES.includes(name)) throw new TypeError(`The option ${name} is unknown. The options are ${NAMES.join(", ")}.`);
  }
  const { credential, authorize, basePath = "/api/azure", log, fetch } = options;
  const endpoint = parseEndpoint(options.endpoint);
  const { scope = endpoint.scope } = options;
  if (authorize !== ANYONE && typeof authorize !== "function") {
    throw new TypeError('authorize is missing. Pass a function that returns the ID of the signed-in user, or "anyone" to let every visitor in.');
  }
  if (!/^(\/[\w.-]+)+$/.test(basePath)) throw new TypeError("basePath must be a path such as /api/azure, without a slash at the end.");
  for (const [name, value] of Object.entries({ log, fetch })) {
    if (value !== undefined && typeof value !== "function") throw new TypeError(`${name} must be a function.`);
  }
  const allow = createAllowPolicy(options.allow);
  return {
    endpoint,
    signer: createSigner(credential, scope),
    authorize: authorize === ANYONE ? () => ANYONE : authorize,
    basePath,
    findRoute: createRouter(endpoint.projectPath, allow.routes),
    allow,
    origins: createOriginPolicy(allow.origins),
    limits: createLimitPolicy(options.limits),
    log,
    transport: fetch ? createFetchTransport(fetch) : defaultTransport(),
  };
}
