// Sign-in, headers, tokens, statuses and failures.

import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createHttp2Server, connect as connectHttp2 } from "node:http2";
import { expect } from "@playwright/test";
import { createProxy, toNodeHandler, type NodeRequest, type ProxyOptions } from "azure-image-client/proxy";
import { freePort, listen } from "../ports.js";
import { EDITS, errorOf, GENERATIONS, JSON_TYPE, KEY, SAME_ORIGIN, test } from "./fixtures.js";

const BODY = { model: "gpt-image-2", prompt: "a lake" };
const RESOURCE = "https://my-resource.openai.azure.com";

for (const [what, options, message] of [
  ["nothing", undefined, "needs an object"],
  ["no endpoint", { endpoint: "" }, "endpoint is missing"],
  ["an endpoint without a scheme", { endpoint: "my-resource.openai.azure.com" }, "must begin with https://"],
  ["no credential", { credential: undefined }, "credential is missing"],
  ["an empty key", { credential: { key: "\n" } }, "credential.key is empty"],
  ["a key of two lines", { credential: { key: "a\nb" } }, "credential.key contains characters"],
  ["no authorize", { authorize: undefined }, "authorize is missing"],
  ["authorize that is true", { authorize: true }, "authorize is missing"],
  ["a base path with a slash at the end", { basePath: "/api/" }, "basePath must be a path"],
  ["an unknown option", { authorise: () => "user" }, "The option authorise is unknown"],
  ["an unknown option of allow", { allow: { size: ["1024x1024"] } }, "allow.size is unknown"],
  ["an unknown route", { allow: { routes: ["admin"] } }, "allow.routes has admin"],
  ["a list that is a string", { allow: { sizes: "1024x1024" } }, "allow.sizes must be a list"],
  ["deployments without models", { allow: { deployments: { a: 1 } } }, "allow.deployments must be"],
  ["n that is zero", { allow: { n: 0 } }, "allow.n must be"],
  ["an origin with a path", { allow: { origins: ["https://app.example.com/"] } }, "allow.origins must contain origins"],
  ["an unknown limit", { limits: { daily: 1 } }, "limits.daily is unknown"],
  ["a limit without a window", { limits: { perUser: { requests: 1 } } }, "limits.perUser.windowInMs must be"],
  ["a limit of nothing", { limits: { total: { windowInMs: 1000 } } }, "limits.total needs requests or dollars"],
  ["a misspelled limit", { limits: { total: { windowInMs: 1000, request: 1 } } }, "limits.total.request is unknown"],
  ["a body limit that is no number", { limits: { jsonBytes: "1 MB" } }, "limits.jsonBytes must be a number"],
  ["a store that is none", { limits: { store: {} } }, "limits.store must have a method add"],
  ["a log that is none", { log: "console" }, "log must be a function"],
] as const) {
  test(`createProxy refuses ${what}`, () => {
    const good = { endpoint: RESOURCE, credential: { key: "key" }, authorize: "anyone" };
    const create = () => createProxy((options && { ...good, ...options }) as ProxyOptions);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });
}

test("passes the headers on its list, and no other", async ({ startService, startProxy }) => {
  const azure = await startService((request, response) => {
    request.resume();
    response.writeHead(200, {
      "content-type": "application/json",
      "apim-request-id": "apim-1",
      "x-request-id": "request-1",
      "x-ratelimit-remaining-requests": "5",
      "set-cookie": "session=1",
      server: "secret",
      "access-control-allow-origin": "*",
    });
    response.end("{}");
  });
  const { post, records } = await startProxy({ endpoint: azure.url });
  const headers = {
    cookie: "session=1",
    authorization: "Bearer of-the-page",
    "api-key": "of-the-page",
    "x-forwarded-for": "203.0.113.1",
    "x-ms-client-request-id": "client-1",
    "x-ms-oai-image-generation-deployment": "other",
    referer: "https://app.example/secret",
  };
  const response = await post(GENERATIONS, BODY, { headers });
  expect(Object.fromEntries(response.headers)).toEqual({
    "content-type": "application/json",
    "apim-request-id": "apim-1",
    "x-request-id": "request-1",
    "x-ratelimit-remaining-requests": "5",
    "cache-control": "no-store, no-transform",
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-accel-buffering": "no",
    connection: "close",
    date: expect.any(String),
    "transfer-encoding": "chunked",
  });
  expect(azure.complete[0]?.headers).toEqual({
    host: azure.url.slice("http://".length),
    accept: "*/*",
    "accept-encoding": "identity",
    "api-key": KEY,
    "content-type": "application/json",
    "content-length": String(JSON.stringify(BODY).length),
    "x-ms-client-request-id": "client-1",
    connection: "keep-alive",
  });
  expect(records).toMatchObject([{ outcome: "completed", status: 200, requestId: "apim-1", route: "POST /openai/v1/images/generations" }]);
});

test("authorize decides, and names the user", async ({ simulator, startProxy }) => {
  const { post, records } = await startProxy({
    authorize(request, { method }) {
      const user = request.headers.get("x-user");
      if (user === "teapot") {
        const headers = new Headers([
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"],
        ]);
        return new Response("short and stout", { status: 418, headers });
      }
      if (user === "error") throw new Error(`The session store failed for ${"abc123".repeat(10)}`);
      if (user === "true") return true as unknown as string;
      return user && `${user}, ${method}`;
    },
  });
  const send = (user?: string) => post(GENERATIONS, BODY, user ? { headers: { "x-user": user } } : {});
  expect(await errorOf(await send())).toEqual({ status: 401, code: "proxy_unauthorized", message: "Sign in first." });
  const teapot = await send("teapot");
  expect([teapot.status, teapot.headers.getSetCookie(), await teapot.text()]).toEqual([418, ["a=1", "b=2"], "short and stout"]);
  expect((await send("ada")).status).toBe(200);
  for (const user of ["error", "true"]) {
    expect(await errorOf(await send(user))).toMatchObject({ status: 500, code: "proxy_internal", message: expect.not.stringContaining("session") });
  }
  expect(simulator.requests).toHaveLength(1);
  expect(records.map(({ outcome, user, error }) => ({ outcome, user, error }))).toEqual([
    { outcome: "refused", user: undefined, error: "Sign in first." },
    { outcome: "completed", user: undefined, error: undefined },
    { outcome: "completed", user: "ada, POST", error: undefined },
    { outcome: "refused", user: undefined, error: "The session store failed for [redacted]" },
    { outcome: "refused", user: undefined, error: expect.stringContaining("authorize must return") },
  ]);
});

test("lets pages of listed origins in, with CORS", async ({ startProxy }) => {
  const app = "https://app.example.com";
  const { send, post } = await startProxy({ allow: { origins: [app] } });
  const cross = { "sec-fetch-site": "cross-site", origin: app };
  const preflight = await send(GENERATIONS, {
    method: "OPTIONS",
    headers: { ...cross, "access-control-request-method": "POST", "access-control-request-headers": "content-type" },
  });
  expect([preflight.status, preflight.headers.get("access-control-allow-origin"), preflight.headers.get("access-control-allow-headers")]).toEqual([
    204,
    app,
    "content-type",
  ]);
  for (const response of [await post(GENERATIONS, BODY, { headers: cross }), await send("/nowhere", { headers: cross })]) {
    expect(response.headers.get("access-control-allow-origin")).toBe(app);
    expect(response.headers.get("access-control-expose-headers")).toContain("retry-after");
    expect(response.headers.get("vary")).toBe("origin");
  }
  const other = await post(GENERATIONS, BODY, { headers: { ...cross, origin: "https://attacker.example" } });
  expect([other.status, other.headers.get("access-control-allow-origin")]).toEqual([403, null]);
});

test("lets a page of its own origin in that sends only Origin, as old browsers do", async ({ startProxy }) => {
  const { origin } = await startProxy();
  const send = (headers: Record<string, string>) => fetch(`${origin}/api/azure/openai/v1/models`, { headers });
  expect((await send({ origin })).status).toBe(200);
  expect((await send({ origin: origin.replace("127.0.0.1", "localhost") })).status).toBe(403);
});

test("asks for a token once, keeps it, replaces it in time, and again after a 401", async ({ startService, startProxy }) => {
  let valid = 1;
  const azure = await startService((request, response) => {
    request.resume();
    response.writeHead(request.headers.authorization === `Bearer token-${valid}` ? 200 : 401, JSON_TYPE).end("{}");
  });
  let calls: unknown[] = [];
  let expiresOnTimestamp = Date.now() + 3_600_000;
  const getToken = async (scopes: string | string[]) => {
    calls.push(scopes);
    return { token: `token-${valid}`, expiresOnTimestamp };
  };
  const { post } = await startProxy({ endpoint: azure.url, credential: { getToken } });
  const send = async () => (await post(GENERATIONS, BODY)).status;
  expect(await Promise.all([send(), send(), send()])).toEqual([200, 200, 200]);
  expect(calls).toEqual(["https://cognitiveservices.azure.com/.default"]);
  // Azure refuses the token: one repetition with a new one.
  valid = 2;
  expect(await send()).toBe(200);
  expect(calls).toHaveLength(2);
  expect(azure.complete).toHaveLength(5);
  // A token that expires within two minutes is replaced.
  valid = 3;
  calls = [];
  expiresOnTimestamp = Date.now() + 60_000;
  expect([await send(), await send(), calls.length]).toEqual([200, 200, 2]);
});

test("takes a token from a function, with the scope of a project", async ({ simulator, startService, startProxy }) => {
  const azure = await startService((request, response) => response.writeHead(request.headers.authorization === "Bearer token" ? 200 : 401).end("{}"));
  const questions: unknown[] = [];
  const credential = (question: unknown) => {
    questions.push(question);
    return "token";
  };
  const { send } = await startProxy({ endpoint: `${azure.url}/api/projects/p`, credential });
  expect((await send("/openai/v1/models")).status).toBe(200);
  expect(questions).toEqual([{ scope: "https://ai.azure.com/.default", forceRefresh: false }]);
  expect(simulator.requests).toEqual([]);
});

test("a credential that fails is an error of that request only", async ({ startProxy }) => {
  let fails = true;
  const credential = async () => {
    if (fails) throw new Error("No managed identity");
    return KEY;
  };
  const { send, records } = await startProxy({ credential });
  expect(await errorOf(await send("/openai/v1/models"))).toMatchObject({ status: 503, code: "proxy_internal" });
  expect(records[0]).toMatchObject({ outcome: "refused", error: "No managed identity" });
  fails = false;
  // The simulator takes a key as a bearer token, too.
  expect((await send("/openai/v1/models")).status).toBe(200);
});

test("a log that fails fails nothing", async ({ startProxy }) => {
  const { send } = await startProxy({
    log: () => {
      throw new Error("The disk is full");
    },
  });
  expect((await send("/openai/v1/models")).status).toBe(200);
});

for (const [status, seen] of [
  [200, 200],
  [400, 400],
  [401, 401],
  [404, 404],
  [408, 504],
  [421, 502],
  [429, 429],
  [500, 500],
  [503, 503],
  [302, 502],
  [304, 502],
  [600, 502],
] as const) {
  test(`answers ${seen} where Azure answers ${status}`, async ({ startService, startProxy }) => {
    const azure = await startService((_request, response) => response.writeHead(status, { location: "https://attacker.example" }).end());
    const { post, records } = await startProxy({ endpoint: azure.url });
    const response = await post(GENERATIONS, BODY, { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([seen, null]);
    await response.arrayBuffer();
    await expect.poll(() => records).toMatchObject([{ status: seen, azureStatus: status }]);
  });
}

test("passes 204 on", async ({ startService, startProxy }) => {
  const azure = await startService((_request, response) => response.writeHead(204).end());
  const { send } = await startProxy({ endpoint: azure.url });
  expect((await send("/openai/v1/responses/resp_1", { method: "DELETE" })).status).toBe(204);
});

test("answers 502 where Azure cannot be reached", async ({ startProxy }) => {
  const { post, records } = await startProxy({ endpoint: `http://127.0.0.1:${await freePort()}` });
  expect(await errorOf(await post(GENERATIONS, BODY))).toEqual({
    status: 502,
    code: "proxy_upstream",
    message: "Azure cannot be reached (ECONNREFUSED).",
  });
  expect(records).toMatchObject([{ outcome: "refused", code: "proxy_upstream" }]);
});

test("uses no connection to Azure twice, since a paid request may not be sent again", async ({ startService, startProxy }) => {
  const ports = new Set<number | undefined>();
  const azure = await startService((request, response) => {
    ports.add(request.socket.remotePort);
    response.end("{}");
  });
  const { send } = await startProxy({ endpoint: azure.url });
  for (let count = 0; count < 3; count++) await (await send("/openai/v1/models")).text();
  expect(ports.size).toBe(3);
});

test("does not use the fetch of Node, which gives up after 300 seconds", async ({ startService, startProxy }) => {
  const azure = await startService((_request, response) => response.end("{}"));
  const { origin } = await startProxy({ endpoint: azure.url });
  const { fetch } = globalThis;
  globalThis.fetch = () => Promise.reject(new Error("fetch was called"));
  const { status } = await fetch(`${origin}/api/azure/openai/v1/models`, { headers: SAME_ORIGIN }).finally(() => {
    globalThis.fetch = fetch;
  });
  expect(status).toBe(200);
});

test("sends through the app's own fetch", async ({ startService, startProxy }) => {
  const azure = await startService((request, response) => void request.pipe(response));
  const urls: unknown[] = [];
  const { post, send } = await startProxy({
    endpoint: azure.url,
    fetch: (url, init) => {
      urls.push(url);
      return fetch(url, init);
    },
  });
  expect(await (await post(GENERATIONS, BODY)).json()).toEqual(BODY);
  const form = new FormData();
  form.set("model", "gpt-image-2");
  expect(await (await send(EDITS, { method: "POST", body: form })).text()).toContain('name="model"');
  expect(urls).toEqual([azure.url + GENERATIONS, azure.url + EDITS]);
});

test("a body parser before the proxy is named", async ({ simulator, closing }) => {
  const handle = toNodeHandler(createProxy({ endpoint: simulator.url, credential: { key: KEY }, authorize: "anyone" }));
  const server = createServer(async (request, response) => {
    for await (const _ of request) {
      // Reads everything.
    }
    handle(request, response);
  });
  closing(server);
  const url = `http://127.0.0.1:${await listen(server)}/api/azure${GENERATIONS}`;
  const response = await fetch(url, { method: "POST", headers: { ...JSON_TYPE, ...SAME_ORIGIN }, body: JSON.stringify(BODY) });
  expect((await errorOf(response)).message).toContain("A body parser ran before the proxy");
});

test("serves HTTP/2", async ({ simulator }) => {
  const proxy = createProxy<NodeRequest>({ endpoint: simulator.url, credential: { key: KEY }, authorize: "anyone" });
  const server = createHttp2Server(toNodeHandler(proxy) as never);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
  const stream = session.request({ ":path": `/api/azure${GENERATIONS}`, ":method": "POST", ...JSON_TYPE, ...SAME_ORIGIN });
  stream.end(JSON.stringify(BODY));
  const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
  expect(headers[":status"]).toBe(200);
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text += chunk;
  expect(JSON.parse(text)).toMatchObject({ data: [{}] });
  session.close();
  server.close();
});
