import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { Page } from "@playwright/test";
import type { Simulator } from "azure-image-simulator";
import type { ProbeReport } from "../../js/index.js";
import { expect, test } from "./fixtures.js";
import { WASM } from "./page-server.js";
import { listen } from "../ports.js";

/** Stands in every wrong credential, and must appear nowhere else. */
const SECRET = "SECRET-credential";

type Part = "reachable" | "cors" | "credential" | "deployment" | "apiVersion";
const PARTS: Part[] = ["reachable", "cors", "credential", "deployment", "apiVersion"];
const ALL_OK = "ok ok ok ok ok";

/** All of it is sent into the page, so functions stand as names. */
interface Given {
  endpoint?: string;
  credential?: "key" | "wrong key" | "token" | "wrong token" | "TokenCredential" | "throws" | "hangs" | "none";
  options?: { deployment?: string | undefined; apiVersion?: string | null; timeoutInMs?: number; dangerouslyAllowApiKeyInBrowser?: boolean };
}

/** Probes within the page. */
function probe(page: Page, endpoint: string, { credential = "key", options = {} }: Given = {}): Promise<ProbeReport> {
  return page.evaluate(
    async ([endpoint, kind, options, secret]) => {
      const credentials = {
        key: { key: "simulator-key" },
        "wrong key": { key: secret },
        token: () => "simulator-token",
        "wrong token": () => secret,
        TokenCredential: { getToken: async () => ({ token: "simulator-token", expiresOnTimestamp: Date.now() + 3_600_000 }) },
        throws: () => Promise.reject(new Error("not signed in")),
        hangs: () => new Promise<string>(() => {}),
        none: null,
      };
      const client = new azure.AzureImageClient(endpoint, credentials[kind], { deployment: "gpt-image-1", ...options } as object);
      const controller = new AbortController();
      const report = await client.probe({ abortSignal: controller.signal });
      const listeners = helpers.listenersOf(controller.signal);
      if (listeners > 0) throw new Error(`${listeners} listeners are left on the signal`);
      return report;
    },
    [endpoint, credential, options, SECRET] as const,
  );
}

const statuses = (report: ProbeReport) => PARTS.map((part) => report[part].status).join(" ");

/** What holds of every report, and of what was asked for it. */
function check(report: ProbeReport, expected: string, says: Partial<Record<Part, RegExp[]>> = {}): void {
  const messages = Object.fromEntries(PARTS.map((part) => [part, report[part].message]));
  expect(statuses(report), JSON.stringify(messages, null, 2)).toBe(expected);
  expect(report.ok).toBe(expected === ALL_OK);
  expect(Object.keys(report).toSorted()).toEqual([...PARTS, "ok"].toSorted());
  for (const part of PARTS) {
    expect(Object.keys(report[part]).toSorted()).toEqual(["message", "status"]);
    // A sentence, or more.
    expect(report[part].message).toMatch(/^[A-Z].*\.$/s);
    for (const text of says[part] ?? []) expect(report[part].message).toMatch(text);
  }
  expect(JSON.stringify(report)).not.toContain(SECRET);
}

/** Nothing that was sent can be billed, and the credential is only where it has to be. */
function nothingBillable(simulator: Simulator): void {
  expect(simulator.pictures).toEqual([]);
  for (const { method, path, query, rawBody, headers, preflight } of simulator.requests) {
    expect(Buffer.from(rawBody ?? []).toString()).not.toContain("prompt");
    expect(JSON.stringify([path, query])).not.toMatch(/SECRET|simulator-key|simulator-token/);
    const signed = "api-key" in headers || "authorization" in headers;
    if (preflight || path === "/" || path === "/elsewhere") expect(signed, `${method} ${path} is not signed`).toBe(false);
    expect(["/openai/", "/"].some((start) => path.startsWith(start))).toBe(true);
  }
}

const asked = (simulator: Simulator) => simulator.requests.filter(({ preflight }) => !preflight).map(({ method, path }) => `${method} ${path}`);

const V1 = "POST /openai/v1/images/generations";
const V1_MODELS = "GET /openai/v1/models";
const CLASSIC = "POST /openai/deployments/gpt-image-1/images/generations";
const VERSION = "2025-04-01-preview";
const OF_DEPLOYMENT = [/unreadable or exceeded timeoutInMs, but other responses are readable/, /CORS header/, /Check the deployment name/];

const CASES: [what: string, given: Given, expected: string, says: Partial<Record<Part, RegExp[]>>, asked: string[]][] = [
  [
    "all is right, on v1",
    {},
    ALL_OK,
    { reachable: [/responds/], cors: [/can read/], credential: [/accepts/], deployment: [/exists/], apiVersion: [/supports/] },
    [V1],
  ],
  ["all is right, on v1 without a version", { options: { apiVersion: null } }, ALL_OK, {}, [V1]],
  ["all is right, on the v1 root", { endpoint: "SIMULATOR/openai/v1/" }, ALL_OK, {}, [V1]],
  ["all is right, on the classic route", { options: { apiVersion: VERSION } }, ALL_OK, {}, [CLASSIC]],
  [
    "all is right, on a pasted URL",
    { endpoint: `SIMULATOR/openai/deployments/gpt-image-1/images/generations?api-version=${VERSION}`, options: { deployment: undefined } },
    ALL_OK,
    {},
    [CLASSIC],
  ],
  ["all is right, with a token", { credential: "token" }, ALL_OK, {}, [V1]],
  ["all is right, with a token on the classic route", { credential: "token", options: { apiVersion: VERSION } }, ALL_OK, {}, [CLASSIC]],
  ["all is right, with a TokenCredential", { credential: "TokenCredential" }, ALL_OK, {}, [V1]],
  ["a deployment of DALL·E", { options: { deployment: "dall-e-3" } }, ALL_OK, {}, [V1]],
  [
    "a wrong key",
    { credential: "wrong key" },
    "ok ok failed unknown unknown",
    { credential: [/invalid subscription key/, /belongs to this resource/], deployment: [/Not checked/] },
    [V1],
  ],
  [
    "a wrong key on the classic route",
    { credential: "wrong key", options: { apiVersion: VERSION } },
    "ok ok failed unknown unknown",
    { credential: [/belongs to this resource/] },
    [CLASSIC],
  ],
  [
    "a wrong token",
    { credential: "wrong token" },
    "ok ok failed unknown unknown",
    { credential: [/https:\/\/cognitiveservices\.azure\.com\/\.default/, /scopes/] },
    [V1],
  ],
  ["no credential where one is needed", { credential: "none" }, "ok ok failed unknown unknown", { credential: [/key or token/] }, [V1]],
  [
    "a service that repeats the credential",
    { credential: "wrong key", options: { deployment: "gpt-image-1--echo-credential" } },
    "ok ok failed unknown unknown",
    {},
    [V1],
  ],
  [
    "a credential that throws",
    { credential: "throws" },
    "ok unknown failed unknown unknown",
    { reachable: [/A server responds/], credential: [/did not return a token/, /sign in/], cors: [/Not checked/] },
    ["GET /"],
  ],
  [
    "a credential that hangs",
    { credential: "hangs", options: { timeoutInMs: 200 } },
    "ok unknown failed unknown unknown",
    { credential: [/0\.2 s \(timeoutInMs\)/, /sign-in window/] },
    ["GET /"],
  ],
  [
    "an unknown deployment",
    { options: { deployment: "nowhere" } },
    "ok ok ok failed unknown",
    { deployment: [/DeploymentNotFound/, /differ from the model name/] },
    [V1],
  ],
  [
    "an unknown deployment on the classic route",
    { options: { deployment: "nowhere", apiVersion: VERSION } },
    "ok ok ok failed unknown",
    { deployment: [/DeploymentNotFound/] },
    ["POST /openai/deployments/nowhere/images/generations"],
  ],
  [
    "no deployment",
    { options: { deployment: undefined } },
    "ok ok ok failed ok",
    { deployment: [/No deployment is set/, /Pass deployment/] },
    [V1_MODELS],
  ],
  [
    "no deployment on the classic route",
    { options: { deployment: undefined, apiVersion: VERSION } },
    "ok ok ok failed ok",
    { deployment: [/No deployment is set/] },
    ["GET /openai/models"],
  ],
  [
    "no deployment, and a wrong key",
    { credential: "wrong key", options: { deployment: undefined } },
    "ok ok failed failed unknown",
    { deployment: [/No deployment is set/] },
    [V1_MODELS],
  ],
  [
    "an api-version that is too old",
    { options: { apiVersion: "2020-01-01" } },
    "ok ok ok unknown failed",
    { apiVersion: [/API version not supported/, /Set apiVersion to/] },
    [CLASSIC],
  ],
  [
    "a version that v1 does not know",
    { endpoint: "SIMULATOR/openai/v1", options: { apiVersion: "newest" } },
    "ok ok ok unknown failed",
    { apiVersion: [/Set apiVersion to/] },
    [V1],
  ],
  ["a deployment that is busy", { options: { deployment: "gpt-image-1--status-429" } }, ALL_OK, {}, [V1]],
  [
    "a network that is not allowed",
    { options: { deployment: "gpt-image-1--error-403-network" } },
    "failed ok unknown unknown unknown",
    { reachable: [/403/] },
    [V1],
  ],
  ["403", { options: { deployment: "gpt-image-1--status-403" } }, "failed ok unknown unknown unknown", { reachable: [/403/] }, [V1]],
  [
    "keys are not allowed",
    { options: { deployment: "gpt-image-1--error-403-key-auth-disabled" } },
    "ok ok failed unknown unknown",
    { credential: [/Microsoft Entra token/] },
    [V1],
  ],
  [
    "a principal without a role",
    { credential: "token", options: { deployment: "gpt-image-1--error-401-permission-denied" } },
    "ok ok failed unknown unknown",
    { credential: [/Cognitive Services OpenAI User/] },
    [V1],
  ],
  [
    "500",
    { options: { deployment: "gpt-image-1--status-500" } },
    "failed ok unknown unknown unknown",
    { reachable: [/500/, /[Tt]ry again later/] },
    [V1],
  ],
  [
    "a gateway without an answer",
    { options: { deployment: "gpt-image-1--status-504" } },
    "failed ok unknown unknown unknown",
    { reachable: [/504/] },
    [V1],
  ],
  [
    "a deployment whose answers CORS hides",
    { options: { deployment: "gpt-image-1--no-cors" } },
    "ok ok ok unknown ok",
    { deployment: OF_DEPLOYMENT },
    [V1, V1_MODELS],
  ],
  [
    "a missing deployment whose answer CORS hides",
    { options: { deployment: "gpt-image-1--no-cors--error-404-deployment-not-found" } },
    "ok ok ok unknown ok",
    { deployment: OF_DEPLOYMENT },
    [V1, V1_MODELS],
  ],
  [
    "a redirect, which is not followed with a credential",
    { options: { deployment: "gpt-image-1--redirect" } },
    "ok ok ok unknown ok",
    { deployment: OF_DEPLOYMENT },
    [V1, V1_MODELS],
  ],
  [
    "a connection that breaks",
    { options: { deployment: "gpt-image-1--reset-before-headers" } },
    "ok ok ok unknown ok",
    { deployment: [/unreadable/] },
    [V1, V1_MODELS],
  ],
];

for (const [what, given, expected, says, requests] of CASES) {
  test(`${what}: ${expected}, and nothing billable was sent`, { tag: /CORS hides/.test(what) ? "@browser" : "@nightly" }, async ({
    page,
    simulator,
  }) => {
    const endpoint = given.endpoint?.replace("SIMULATOR", simulator.url) ?? simulator.url;
    check(await probe(page, endpoint, given), expected, says);
    nothingBillable(simulator);
    expect(asked(simulator)).toEqual(requests);
    await expect.poll(() => simulator.activeRequests).toBe(0);
  });
}

test("a proxy of the page's own origin, without a credential in the page", async ({ page, pages, simulator }) => {
  pages.proxy = { target: simulator.url, headers: { "api-key": "simulator-key" } };
  check(await probe(page, "/api/azure", { credential: "none" }), ALL_OK);
  check(await probe(page, "/api/azure", { credential: "none", options: { apiVersion: VERSION } }), ALL_OK);
  check(await probe(page, "/api/azure", { credential: "none", options: { deployment: "nowhere" } }), "ok ok ok failed unknown");
  nothingBillable(simulator);
  check(await probe(page, "/api/azure", { credential: "throws" }), "ok unknown failed unknown unknown");
  pages.proxy = { target: simulator.url, headers: { "api-key": SECRET } };
  check(await probe(page, "/api/azure", { credential: "none" }), "ok ok failed unknown unknown");
});

/** A server of the test's own, and what it was asked. */
async function serve(answer: RequestListener) {
  const requests: IncomingMessage[] = [];
  let bodies = "";
  const server = createServer((request, response) => {
    requests.push(request);
    request.on("data", (bytes) => (bodies += bytes));
    answer(request, response);
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    bodies: () => bodies,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers everything alike, and lets every page read it. */
const always =
  (status: number, type: string, body: string): RequestListener =>
  (request, response) => {
    const cors = { "access-control-allow-origin": "*", "access-control-allow-headers": "*, api-key, authorization, content-type" };
    if (request.method === "OPTIONS") return void response.writeHead(204, cors).end();
    response.writeHead(status, { ...cors, "content-type": type }).end(body);
  };

test("a server that lets no page read: it answers, the page may not read it, and why cannot be told", { tag: "@browser" }, async ({ page }) => {
  const server = await serve((_, response) => void response.writeHead(404).end());
  const says = [/does not allow this page's origin/, /do not report the reason/, /redirect/, /proxy on the page's own origin/];
  for (const credential of ["wrong key", "wrong token"] as const) {
    check(await probe(page, server.url, { credential }), "ok failed unknown unknown unknown", { reachable: [/A server responds/], cors: says });
  }
  // What goes to whatever is there has no credential.
  expect(server.requests.map(({ method, url }) => `${method} ${url}`).filter((line) => !line.startsWith("OPTIONS"))).toEqual(["GET /", "GET /"]);
  for (const { headers, url } of server.requests) expect(JSON.stringify([headers, url])).not.toContain(SECRET);
  expect(server.bodies()).toBe("");
  await server.close();
});

test("a port where nothing listens: nothing answers, and why cannot be told", async ({ page }) => {
  const server = await serve(() => {});
  await server.close();
  const says = [/No server responds/, /do not report the reason/, /spelling of the host/, /certificate/, /firewall/, /connect-src/];
  check(await probe(page, server.url), "failed unknown unknown unknown unknown", { reachable: says });
});

test("a host that does not resolve: nothing answers", async ({ page }) => {
  const report = await probe(page, "https://nowhere.invalid", { credential: "wrong token" });
  check(report, "failed unknown unknown unknown unknown", { reachable: [/spelling of the host/] });
});

test("a page whose policy does not allow the host: nothing answers, and the policy is among the reasons", { tag: "@browser" }, async ({
  page,
  simulator,
}) => {
  await page.evaluate(async () => {
    await azure.init();
    const meta = Object.assign(document.createElement("meta"), { httpEquiv: "Content-Security-Policy", content: "connect-src 'self'" });
    document.head.append(meta);
  });
  check(await probe(page, simulator.url), "failed unknown unknown unknown unknown", { reachable: [/content security policy/, /connect-src/] });
  expect(simulator.requests).toEqual([]);
});

test.describe("without a network", () => {
  test.use({ ownContext: true });

  test("a device that is offline is told so", { tag: "@browser" }, async ({ page, simulator }) => {
    await page.evaluate(() => azure.init(undefined, { more: true }));
    await page.context().setOffline(true);
    const offline = await probe(page, simulator.url);
    await page.context().setOffline(false);
    check(offline, "failed unknown unknown unknown unknown", { reachable: [/device is offline/, /Connect to the network/] });
    // The preflights of Chromium go past the switch that plays offline.
    expect(asked(simulator)).toEqual([]);
    check(await probe(page, simulator.url), ALL_OK);
  });
});

test("a device that says it is offline, and is not, is not believed", { tag: "@browser" }, async ({ page, simulator }) => {
  await page.evaluate(() => void Object.defineProperty(Navigator.prototype, "onLine", { get: () => false }));
  check(await probe(page, simulator.url), ALL_OK);
});

test("a page's own fetch is asked everything, and the last question has no credential", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const seen: unknown[] = [];
    const own = (answer: (request: Request) => Promise<Response>) => (request: Request) => {
      const { method, mode, headers } = request;
      seen.push([method, new URL(request.url).pathname, mode, headers.has("api-key")]);
      return answer(request);
    };
    const run = async (answer: (request: Request) => Promise<Response>) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", fetch: own(answer) });
      return client.probe();
    };
    return {
      passed: await run((request) => fetch(request)),
      failed: await run(() => Promise.reject(new TypeError("no way"))),
      hidden: await run((request) => (request.mode === "no-cors" ? fetch(request) : Promise.reject(new TypeError("no way")))),
      seen,
    };
  }, simulator.url);
  check(report.passed, ALL_OK);
  check(report.failed, "failed unknown unknown unknown unknown");
  check(report.hidden, "ok failed unknown unknown unknown");
  const all = [
    ["POST", "/openai/v1/images/generations", "cors", true],
    ["GET", "/openai/v1/models", "cors", true],
    ["GET", "/", "no-cors", false],
  ];
  expect(report.seen).toEqual([all[0], ...all, ...all]);
  nothingBillable(simulator);
});

test("a page's own fetch that returns something else is a mistake of the page", async ({ page, simulator }) => {
  const error = await page.evaluate((endpoint) => {
    const client = new azure.AzureImageClient(endpoint, null, { deployment: "d", fetch: async () => ({ status: 200 }) as never });
    return client.probe().then(() => undefined, helpers.describeError);
  }, simulator.url);
  expect(error).toMatchObject({ code: "invalid_request", param: "fetch" });
});

test("an endpoint or an option that cannot work rejects the probe", async ({ page }) => {
  const errors = await page.evaluate(async () => {
    const make = (endpoint: string, credential: unknown, options = {}) => new azure.AzureImageClient(endpoint, credential as never, options);
    const clients = [
      make("my resource", null),
      make("http://my-resource.openai.azure.com", null),
      make("https://my-resource.openai.azure.com", undefined),
      make("https://my-resource.openai.azure.com", { key: "SECRET-credential" }),
      make("https://my-resource.openai.azure.com", null, { extraHeaders: { "x team": "blue" } }),
    ];
    return Promise.all(clients.map((client) => client.probe().then(() => undefined, helpers.describeError)));
  });
  expect(errors.map((error) => [error?.code, error?.param, error?.billed])).toEqual([
    ["invalid_request", "endpoint", "no"],
    ["invalid_request", "endpoint", "no"],
    ["authentication", undefined, "no"],
    ["authentication", undefined, "no"],
    ["invalid_request", "extraHeaders", "no"],
  ]);
  expect(JSON.stringify(errors)).not.toContain(SECRET);
});

for (const when of ["before", "at once", "during the credential", "during the question", "during the models", "during the last question"] as const) {
  test(`an abort ${when} rejects at once, and leaves nothing`, async ({ page, simulator }) => {
    const run = await page.evaluateHandle(
      async ([endpoint, when]) => {
        const controller = new AbortController();
        const { signal } = controller;
        let reached!: () => void;
        const there = new Promise<void>((resolve) => (reached = resolve));
        const hang = () => {
          reached();
          return new Promise<never>(() => {});
        };
        const fetches: Record<string, (request: Request) => Promise<Response>> = {
          "during the models": (request) => (request.method === "POST" ? Promise.reject(new TypeError("no")) : hang()),
          "during the last question": (request) => (request.mode === "no-cors" ? hang() : Promise.reject(new TypeError("no"))),
        };
        const client = new azure.AzureImageClient(endpoint, when === "during the credential" ? hang : () => "simulator-token", {
          deployment: "gpt-image-1--slow-first-byte-60000",
          ...(fetches[when] && { fetch: fetches[when] }),
        });
        const reason = new Error("enough");
        if (when === "before") controller.abort(reason);
        const probed = client.probe({ abortSignal: signal }).then(
          () => undefined,
          async (error) => ({
            ...(await helpers.describeError(error)),
            isReason: error.cause === reason,
          }),
        );
        if (when === "at once") controller.abort(reason);
        if (when !== "before" && when !== "at once" && when !== "during the question") await there;
        return { abort: () => (controller.abort(reason), probed), listeners: () => helpers.listenersOf(signal) };
      },
      [simulator.url, when] as const,
    );
    if (when === "during the question") await expect.poll(() => asked(simulator)).toEqual([V1]);
    const error = await run.evaluate(({ abort }) => abort());
    expect(error).toMatchObject({ code: "cancelled", name: "AbortError", isAzureImageError: true, billed: "no", retryable: false, isReason: true });
    await expect.poll(() => run.evaluate(({ listeners }) => listeners())).toBe(0);
    await expect.poll(() => simulator.activeRequests).toBe(0);
    nothingBillable(simulator);
    if (when !== "during the question") expect(simulator.requests).toEqual([]);
  });
}

test("an abort after the end changes nothing, and probes side by side do not touch each other", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const controllers = Array.from({ length: 8 }, () => new AbortController());
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const probes = controllers.map(({ signal }) =>
      client.probe({ abortSignal: signal }).then(
        ({ ok }) => String(ok),
        ({ code }) => code,
      ),
    );
    controllers[3]!.abort();
    const first = await Promise.all(probes);
    for (const controller of controllers) controller.abort();
    return { first, listeners: controllers.map(({ signal }) => helpers.listenersOf(signal)) };
  }, simulator.url);
  expect(report.first).toEqual(Array.from({ length: 8 }, (_, index) => (index === 3 ? "cancelled" : "true")));
  expect(report.listeners).toEqual(Array(8).fill(0));
  nothingBillable(simulator);
});

// What the probe takes for more than it knows.

test("a 200 that is no answer of Azure's is no sign that all is right", async ({ page, simulator }) => {
  const page200 = await serve(always(200, "text/html", "<!doctype html><h1>Sign in</h1>"));
  const reports = [
    await probe(page, simulator.url, { options: { deployment: "gpt-image-1--html" } }),
    await probe(page, page200.url),
    await probe(page, page200.url, { options: { deployment: undefined } }),
  ];
  await page200.close();
  for (const report of reports) {
    expect.soft(report.ok).toBe(false);
    expect.soft(report.credential.status).toBe("unknown");
    expect.soft(report.apiVersion.status).not.toBe("ok");
  }
});

test("a 405 or 415 of some web server is no sign that all is right", async ({ page }) => {
  for (const status of [400, 405, 415]) {
    const server = await serve(always(status, "text/html", "<h1>Not Allowed</h1>"));
    const report = await probe(page, server.url);
    await server.close();
    expect.soft(report.ok, String(status)).toBe(false);
    expect.soft(report.credential.status, String(status)).toBe("unknown");
  }
});

test("a 404 of some web server does not say that the credential is good", async ({ page }) => {
  const server = await serve(always(404, "text/html", "<h1>Not Found</h1>"));
  const report = await probe(page, server.url);
  await server.close();
  check(report, "ok ok unknown unknown failed");
});

test("a deployment that does not answer in time is unknown, and nothing is said of pictures", async ({ page, simulator }) => {
  const report = await probe(page, simulator.url, { options: { deployment: "gpt-image-1--slow-first-byte-60000", timeoutInMs: 1000 } });
  check(report, "ok ok ok unknown ok");
  expect(report.deployment.message).toContain("timeoutInMs");
  expect(JSON.stringify(report)).not.toMatch(/picture|billed/);
});

test("a service that does not answer in time: unreachable, and nothing is said of CORS", async ({ page }) => {
  const report = await page.evaluate(async () => {
    // Its time is not what is limited here.
    await azure.init();
    const fetch = () => new Promise<never>(() => {});
    return new azure.AzureImageClient("/api", null, { deployment: "d", fetch, timeoutInMs: 100 }).probe();
  });
  check(report, "failed unknown unknown unknown unknown");
  expect(report.reachable.message).toContain("timeoutInMs");
});

test("a last question without an answer in time is no answer", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    // Its time is not what is limited here.
    await azure.init();
    const fetch = (request: Request) =>
      request.mode === "no-cors" ? new Promise<never>(() => {}) : Promise.reject(new TypeError("Failed to fetch"));
    return new azure.AzureImageClient(endpoint, null, { deployment: "d", fetch, timeoutInMs: 100 }).probe();
  }, simulator.url);
  expect(report.reachable.status).not.toBe("ok");
});

test("a probe that is aborted before it begins asks the credential nothing", { tag: "@browser" }, async ({ page, simulator }) => {
  const asked = await page.evaluate(async (endpoint) => {
    let asked = 0;
    const client = new azure.AzureImageClient(endpoint, () => (asked++, "simulator-token"), { deployment: "gpt-image-1" });
    await client.getEndpoint();
    await client.probe({ abortSignal: AbortSignal.abort() }).catch(() => {});
    await new Promise((resolve) => requestAnimationFrame(resolve));
    return asked;
  }, simulator.url);
  expect(asked).toBe(0);
});

test("what the credential says when its token was refused is told without the token", async ({ page }) => {
  const report = await page.evaluate(async () => {
    const token = "eyJ0eXAi.a-token-that-was-refused";
    const credential = ({ forceRefresh }: { forceRefresh: boolean }) => {
      if (forceRefresh) throw new Error(`AADSTS50173: the grant of ${token} was revoked`);
      return token;
    };
    const fetch = async () => Response.json({ error: { code: "401", message: "Unauthorized." } }, { status: 401 });
    const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", credential, { deployment: "gpt-image-1", fetch });
    return client.probe();
  });
  expect(report.credential.message).toContain("the grant of [redacted] was revoked");
  expect(JSON.stringify(report)).not.toContain("a-token-that-was-refused");
});

test("an abortSignal that is none is refused by its name", async ({ page, simulator }) => {
  const errors = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const errors = [];
    for (const abortSignal of ["stop", {}, 7])
      errors.push(await client.probe({ abortSignal: abortSignal as never }).then(() => undefined, helpers.describeError));
    return errors;
  }, simulator.url);
  expect(errors.map((error) => [error?.code, error?.param])).toEqual(Array(3).fill(["invalid_request", "abortSignal"]));
});

test("an abort while the WebAssembly loads ends the probe at once", async ({ page, pages }) => {
  let loaded!: () => void;
  const until = new Promise<void>((resolve) => (loaded = resolve));
  pages.before.set(WASM, () => until);
  await page.goto(pages.origin);
  const error = await page.evaluate(async () => {
    const controller = new AbortController();
    const probe = new azure.AzureImageClient("/api", null).probe({ abortSignal: controller.signal });
    controller.abort();
    return probe.then(() => undefined, helpers.describeError);
  });
  loaded();
  pages.before.delete(WASM);
  expect(error).toMatchObject({ code: "cancelled", name: "AbortError", billed: "no" });
});
