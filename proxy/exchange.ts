// The way of one request through the proxy.

import { checkBodyHeaders, readBody, scanForm, type StreamedForm, streamBody } from "./body.js";
import { estimate, type Priced } from "./estimate.js";
import { IMAGE_DEPLOYMENT, requestHeaders, responseHeaders } from "./headers.js";
import { type JsonObject, parseJson } from "./json.js";
import type { BodyLimits, Reservation } from "./limits.js";
import { Recorder } from "./log.js";
import { fluxModelOf } from "./models.js";
import type { Setup } from "./options.js";
import { readImage, readResponse } from "./parameters.js";
import { checkQuery } from "./query.js";
import { badRequest, quote, Refusal, toRefusal } from "./refusal.js";
import type { BodyKind, Route } from "./routes.js";
import { observe } from "./streams.js";
import type { UpstreamRequest, UpstreamResponse } from "./transport.js";

const DEPLOYMENT = /^\w[\w.-]{0,127}$/;

/** Statuses after which Chromium silently repeats a POST, which would be paid twice. */
const REPEATED: Record<number, number> = { 408: 504, 421: 502 };
/** Statuses whose responses have no body. */
const WITHOUT_BODY = [204, 205, 304];
const UNAUTHORIZED = 401;
const TIMEOUT = 408;

/** The body of a request to Azure. */
type OutgoingBody = Pick<UpstreamRequest, "body" | "length"> & Partial<Pick<StreamedForm, "refusal">>;

/** Passes one request on, and its response back. */
export class Exchange<Context> {
  readonly #setup: Setup<Context>;
  readonly #request: Request;
  readonly #context: Context;
  readonly #record: Recorder;
  /** Ends the request to Azure when the page goes away. */
  readonly #controller = new AbortController();
  #reservation: Reservation | undefined;

  constructor(setup: Setup<Context>, request: Request, context: Context) {
    this.#setup = setup;
    this.#request = request;
    this.#context = context;
    this.#record = new Recorder(setup.log, request.method);
  }

  /** Returns the response, and never rejects. */
  async respond(): Promise<Response> {
    const { origins } = this.#setup;
    const preflight = origins.preflight(this.#request);
    if (preflight) return preflight;
    const response = await this.#pass().catch((error: unknown) => this.#refuse(toRefusal(error)));
    origins.expose(this.#request, response.headers);
    return response;
  }

  async #pass(): Promise<Response> {
    const { origins, limits, authorize } = this.#setup;
    const request = this.#request;
    origins.check(request);
    const { route, target } = this.#findRoute();
    const limit = limits.bodies[LIMITS[route.body]];
    const length = checkBodyHeaders(request, route.body, limit);
    const user = await authorize(request, this.#context);
    if (user instanceof Response) return this.#answer(user);
    if (user === null) throw new Refusal(401, "proxy_unauthorized", "Sign in first.");
    if (typeof user !== "string" || user === "") throw new TypeError("authorize must return the ID of the user, null, or a response.");
    if (request.bodyUsed) throw new TypeError("The body of the request was read before the proxy. Call the proxy before any body parser.");
    this.#record.add({ user });
    if (route.isCounted) await limits.countRequest(user);
    const imageDeployment = this.#imageDeployment(route);
    const decide = (body: JsonObject): Promise<void> => this.#decide(route, user, imageDeployment, body);
    const outgoing = await this.#body(route, limit, length, decide);
    return this.#toPage(await this.#send(target, requestHeaders(request.headers, imageDeployment), outgoing));
  }

  /** Aborted when the page goes away. The requests of Azure Functions have none. */
  get #signal(): AbortSignal | undefined {
    return this.#request.signal;
  }

  /** Finds the route, and the URL at Azure. */
  #findRoute(): { route: Route; target: string } {
    const { basePath, endpoint, findRoute } = this.#setup;
    const { pathname, search, username, password } = new URL(this.#request.url);
    if (username || password) throw badRequest("The address of the request has a user name.");
    const { method } = this.#request;
    const path = pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : "";
    const route = findRoute(method, path);
    if (!route) throw new Refusal(404, "proxy_route", `The proxy does not pass on ${method} ${quote(path)}.`);
    this.#record.add({ route: route.name });
    checkQuery(search);
    return { route, target: endpoint.origin + path + search };
  }

  #imageDeployment({ parameters }: Route): string | undefined {
    const deployment = parameters === "response" ? this.#request.headers.get(IMAGE_DEPLOYMENT) : null;
    if (deployment === null) return undefined;
    if (!DEPLOYMENT.test(deployment)) throw badRequest(`The header ${IMAGE_DEPLOYMENT} is invalid.`, IMAGE_DEPLOYMENT);
    return deployment;
  }

  async #body({ body: kind }: Route, limit: number, length: number | undefined, decide: (body: JsonObject) => Promise<void>): Promise<OutgoingBody> {
    const { body, headers } = this.#request;
    if (kind === "none") return { body: null, length: undefined };
    if (kind === "upload" || kind === "edit") {
      const abort = (): void => this.#controller.abort();
      const type = headers.get("content-type") ?? "";
      const form = kind === "upload" ? streamBody(body, limit, abort) : scanForm(body, type, limit, decide, abort);
      return { body: form.stream, length, refusal: form.refusal };
    }
    const bytes = await readBody(body, limit);
    await decide(bytes.length === 0 ? {} : parseJson(bytes));
    return { body: bytes, length: bytes.length };
  }

  /** Checks the parameters, and reserves their cost. */
  async #decide(route: Route, user: string, imageDeployment: string | undefined, body: JsonObject): Promise<void> {
    const { allow, limits } = this.#setup;
    let cost: number;
    if (route.parameters === "image") {
      const parameters = readImage(body, route.deployment);
      const [deployment] = parameters.deployments;
      this.#record.add(deployment === undefined ? {} : { deployment });
      allow.checkImage(parameters, route.fluxPath);
      const models = [...parameters.deployments.map((name) => allow.modelOf(name)), fluxModelOf(route.fluxPath)];
      cost = highest(models, parameters, limits.assumedMicroDollars);
    } else if (route.parameters === "response") {
      const parameters = readResponse(body);
      const { model, agent, imageTools } = parameters;
      this.#record.add(model === undefined ? {} : { deployment: model });
      allow.checkResponse(parameters, imageDeployment);
      const images = imageTools.map((tool) =>
        highest(
          [tool.model, imageDeployment].map((name) => allow.modelOf(name)),
          { ...tool, n: 1, inputs: 0 },
          limits.assumedMicroDollars,
        ),
      );
      // The tools of an agent are defined at Azure.
      const ofAgent = agent !== undefined && imageDeployment !== undefined ? limits.assumedMicroDollars : 0;
      cost = images.reduce((sum, price) => sum + price, ofAgent);
    } else return;
    this.#reservation = await limits.reserve(user, cost);
    this.#record.add({ estimatedDollars: cost / 1_000_000 });
  }

  async #send(url: string, headers: Record<string, string>, outgoing: OutgoingBody): Promise<UpstreamResponse> {
    const { signer } = this.#setup;
    const { method } = this.#request;
    const signal = this.#signal;
    if (signal?.aborted) this.#controller.abort(signal.reason);
    else signal?.addEventListener("abort", () => this.#controller.abort(signal.reason), { once: true });
    const attempt = async (): Promise<UpstreamResponse & { mayRepeat: boolean }> => {
      const { name, value, refuse } = await signer();
      const { body, length } = outgoing;
      const response = await this.#transport({ method, url, headers: { ...headers, [name]: value }, body, length, signal: this.#controller.signal });
      // Azure refused the token before it read the request, so nothing was billed. A stream cannot be sent again.
      const mayRepeat = response.status === UNAUTHORIZED && refuse() && !(body instanceof ReadableStream);
      return { ...response, mayRepeat };
    };
    try {
      const first = await attempt();
      if (!first.mayRepeat) return first;
      await first.body?.cancel();
      return await attempt();
    } catch (error) {
      throw outgoing.refusal?.() ?? error;
    }
  }

  async #transport(request: UpstreamRequest): Promise<UpstreamResponse> {
    try {
      return await this.#setup.transport(request);
    } catch (cause) {
      const { code } = cause as { code?: unknown };
      const reason = typeof code === "string" && /^\w{1,40}$/.test(code) ? ` (${code})` : "";
      throw new Refusal(502, "proxy_upstream", `Azure cannot be reached${reason}.`, { cause });
    }
  }

  #toPage({ status, headers, body }: UpstreamResponse): Response {
    const requestId = headers.get("apim-request-id") ?? headers.get("x-request-id");
    this.#record.add({ azureStatus: status, ...(requestId === null ? {} : { requestId }) });
    if (status < 200 || (status >= 300 && status < 400) || status > 599) {
      void body?.cancel().catch(() => {});
      throw new Refusal(502, "proxy_upstream", `Azure answered with the status ${status}, which no page can read.`);
    }
    if (status >= 400 && status < 500 && status !== TIMEOUT) this.#release();
    return this.#answer(
      new Response(WITHOUT_BODY.includes(status) ? null : body, { status: REPEATED[status] ?? status, headers: responseHeaders(headers) }),
    );
  }

  /** Ends the record with the body of a response. */
  #answer({ body, status, headers }: Response): Response {
    this.#record.add({ status });
    if (!body) {
      this.#record.end("completed");
      return new Response(null, { status, headers });
    }
    const stream = observe(body, (end, error) => {
      const isAborted = end === "aborted" || this.#signal?.aborted === true;
      this.#record.end(isAborted ? "aborted" : end, isAborted ? undefined : error);
      if (end !== "completed") this.#controller.abort();
    });
    return new Response(stream, { status, headers });
  }

  #refuse(refusal: Refusal): Response {
    if (refusal.code !== "proxy_upstream") this.#release();
    this.#controller.abort();
    if (this.#signal?.aborted) this.#record.end("aborted");
    else {
      this.#record.add({ status: refusal.status, code: refusal.code });
      this.#record.end("refused", refusal.cause ?? refusal.message);
    }
    return refusal.toResponse();
  }

  /** Returns the reserved dollars of a request that Azure does not bill. */
  #release(): void {
    if (!this.#reservation) return;
    this.#record.add({ estimatedDollars: 0 });
    // A counter that cannot be corrected expires with its window.
    void this.#reservation.release().catch(() => {});
    this.#reservation = undefined;
  }
}

/** The limit of each kind of body. */
const LIMITS: Record<BodyKind, keyof BodyLimits> = {
  none: "jsonBytes",
  json: "jsonBytes",
  imageJson: "imageJsonBytes",
  edit: "uploadBytes",
  upload: "uploadBytes",
};

/** The highest estimate of the models that a request names, because the page does not decide which one Azure bills. */
function highest(models: (string | undefined)[], asked: Priced, assumed: number): number {
  const known = models.flatMap((model) => estimate(model, asked) ?? []);
  return known.length > 0 ? Math.max(...known) : assumed * Math.max(asked.n, 1);
}
