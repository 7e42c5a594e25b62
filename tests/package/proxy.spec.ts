import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { createServer, request } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect, type BrowserContext, type Page } from "@playwright/test";
import { createProxy, toNodeHandler } from "azure-image-client/proxy";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { sent } from "../client/fixtures.js";
import { startPageServer, type PageServer } from "../client/page-server.js";
import { nginx, startNginx as nginxWith, WITHOUT_NGINX } from "../nginx.js";
import { freePort, listen, listens } from "../ports.js";
import { root } from "./packed.js";

const KEY = "a-key-that-no-browser-may-see";
const GENERATIONS = "/api/azure/openai/v1/images/generations?api-version=preview";

/** A proxy, with the page that uses it on the same origin. */
interface Proxy {
  origin: string;
  close(): Promise<void>;
}

/** `project`: with the path of a project configured. `opened`: with the routes for administrators. */
interface Setup {
  project: boolean;
  opened: boolean;
}

/** Starts a proxy; `folder` holds the page. */
type StartProxy = (endpoint: string, folder: string, setup: Setup) => Promise<Proxy>;

/** Opens the configuration of nginx for administrators, by its comments. */
async function open(name: string): Promise<string> {
  const example = await readFile(join(root, "examples/proxy", name), "utf8");
  const opened = example.replace(/^( +)# (?=")/gm, "$1");
  expect(opened).not.toBe(example);
  return opened;
}

async function startNode(endpoint: string, folder: string, { project, opened }: Setup): Promise<Proxy> {
  const groups = ["images", "responses", "conversations", "files", "models"] as const;
  const proxy = createProxy({
    endpoint: project ? `${endpoint}/api/projects/my-project/` : endpoint,
    credential: { key: KEY },
    authorize: "anyone",
    allow: { routes: opened ? [...groups, "administration"] : groups, tools: ["image_generation", "code_interpreter"] },
  });
  const handle = toNodeHandler(proxy);
  const pages = await startPageServer([["/", folder]]);
  // The app's own server: it keeps its connections alive, as most do.
  const server = createServer((incoming, response) => {
    if (incoming.url?.startsWith("/api/azure")) return handle(incoming, response);
    request(`${pages.origin}${incoming.url}`, (answer) => {
      const { "content-type": type = "text/plain", "cache-control": caching = "no-cache" } = answer.headers;
      response.writeHead(answer.statusCode ?? 500, { "content-type": type, "cache-control": caching });
      answer.pipe(response);
    }).end();
  });
  const port = await listen(server);
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await pages.close();
    },
  };
}

/** Its example needs no setting for a project: it has the name of one. */
async function startNginx(endpoint: string, folder: string, { opened }: Setup): Promise<Proxy> {
  const example = opened ? await open("nginx.conf") : await readFile(join(root, "examples/proxy/nginx.conf"), "utf8");
  const { port, close } = await nginxWith((port) => {
    const replacements = {
      "127.0.0.1:3000": `127.0.0.1:${port}`,
      "/var/www/my-app": folder,
      "https://my-resource.openai.azure.com": endpoint,
      "my-key": KEY,
      // Not on every machine, and of no use for the simulator.
      "proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;": "",
    };
    const server = Object.entries(replacements).reduce((text, [from, to]) => {
      expect(text, `${from} is in the example`).toContain(from);
      return text.replaceAll(from, to);
    }, example);
    return `types { text/html html; text/javascript js; application/wasm wasm; } ${server}`;
  });
  return { origin: `http://127.0.0.1:${port}`, close };
}

const test = base.extend<
  {
    page: Page;
    latencyInMs: number;
    newConnections: boolean;
    started: { simulator: Simulator; server: Proxy };
    simulator: Simulator;
    server: Proxy;
    startProxy: StartProxy;
    setup: Setup;
  },
  { folder: string; other: PageServer; running: Map<string, Promise<{ simulator: Simulator; server: Proxy }>>; shared: BrowserContext }
>({
  // What was started stays for the next test that wants the same, with what its browser has loaded.
  running: [
    async ({}, use) => {
      const running = new Map<string, Promise<{ simulator: Simulator; server: Proxy }>>();
      await use(running);
      for (const { simulator, server } of await Promise.all(running.values())) await Promise.all([server.close(), simulator.close()]);
    },
    { scope: "worker" },
  ],
  shared: [
    async ({ browser }, use) => {
      const context = await browser.newContext();
      await use(context);
      await context.close();
    },
    { scope: "worker" },
  ],
  // Chromium repeats a POST on a connection that served the page before, behind everybody's back.
  newConnections: [false, { option: true }],
  context: async ({ browser, shared, newConnections }, use) => {
    const context = newConnections ? await browser.newContext() : shared;
    await use(context);
    await (newConnections ? context.close() : context.clearCookies());
  },
  folder: [
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), "azure-image-client-proxy-"));
      for (const name of ["index.html", "helpers.js"]) await symlink(join(root, "tests/client/page", name), join(folder, name));
      await symlink(join(root, "dist"), join(folder, "azure-image-client"));
      await use(folder);
      await rm(folder, { recursive: true });
    },
    { scope: "worker" },
  ],
  // The page of somebody else.
  other: [
    async ({}, use) => {
      const server = await startPageServer();
      await use(server);
      await server.close();
    },
    { scope: "worker" },
  ],
  startProxy: async ({}, use) => use(startNode),
  setup: [{ project: false, opened: false }, { option: true }],
  latencyInMs: [0, { option: true }],
  started: async ({ running, startProxy, latencyInMs, folder, setup }, use) => {
    const name = JSON.stringify([startProxy.name, latencyInMs, setup]);
    const start = async () => {
      const simulator = await startSimulator({ apiKey: KEY, latencyInMs });
      return { simulator, server: await startProxy(simulator.url, folder, setup) };
    };
    const started = running.get(name) ?? start();
    running.set(name, started);
    (await started).simulator.reset();
    await use(await started);
  },
  simulator: async ({ started }, use) => use(started.simulator),
  server: async ({ started }, use) => use(started.server),
  page: async ({ page, server }, use) => {
    const received: Promise<string>[] = [];
    page.on("response", (response) => {
      received.push((async () => JSON.stringify(await response.headersArray()) + (await response.body().catch(() => "")))());
    });
    await page.goto(server.origin);
    await use(page);
    for (const answer of await Promise.all(received)) expect(answer.includes(KEY), "the key is in an answer").toBe(false);
  },
});

/** Makes a picture within the page, without streaming. */
const generate = (page: Page, prompt: string) =>
  page.evaluate((prompt) => {
    const client = new azure.AzureImageClient("/api/azure", null, { deployment: "gpt-image-1" });
    return helpers.outcome(client.generate({ prompt }));
  }, prompt);

/** Asks without a browser, with a path that no browser would send; gives the answer whole. */
async function ask(
  origin: string,
  path: string,
  method: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: object; body: string }> {
  const { hostname, port } = new URL(origin);
  const sending = request({ hostname, port, path, method, headers: { "sec-fetch-site": "same-origin", ...headers } }).end();
  const [answer] = (await once(sending, "response")) as [import("node:http").IncomingMessage];
  let body = "";
  for await (const text of answer.setEncoding("utf8")) body += text;
  return { status: answer.statusCode ?? 0, headers: answer.headers, body };
}

/** Something that answers each connection with these bytes; with none it closes the connection. */
async function answerWith(bytes: string): Promise<{ url: string; count(): number; close(): Promise<void> }> {
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections++;
    socket.on("error", () => {});
    socket.once("data", () => (bytes === "" ? socket.resetAndDestroy() : socket.write(bytes, "latin1")));
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    count: () => connections,
    async close() {
      server.close();
    },
  };
}

const bodyOf = (status: string, headers = ""): string => `HTTP/1.1 ${status}\r\n${headers}content-length: 2\r\n\r\n{}`;

for (const [name, startProxy, refusals] of [
  ["Node", startNode, { origin: "proxy_origin", route: "proxy_route" }],
  ["nginx", startNginx, { origin: "proxy", route: "proxy" }],
] as const) {
  test.describe(`the proxy with ${name}`, { tag: name === "nginx" ? "@nightly" : [] }, () => {
    test.use({ startProxy: async ({}, use) => use(startProxy) });
    test.skip(name === "nginx" && !nginx, WITHOUT_NGINX);

    test("makes a picture, and the key stays where it is", async ({ page, simulator }) => {
      await page.context().addCookies([{ name: "session", value: "of-the-page", url: page.url() }]);
      const { ok } = await generate(page, "a lake");
      expect(ok?.images.map((image) => image.sha256)).toEqual(sent(simulator, "final"));
      const { headers } = simulator.requests[0]!;
      expect(headers).toMatchObject({ "api-key": KEY, "content-type": "application/json" });
      for (const header of ["cookie", "authorization", "origin", "referer", "user-agent", "sec-fetch-site"])
        expect(headers).not.toHaveProperty(header);
    });

    test("passes a preview on while the picture is being made", async ({ page, simulator }) => {
      const preview = await page.evaluate(async () => {
        const client = new azure.AzureImageClient("/api/azure", null, { deployment: "gpt-image-1" });
        // The answer never ends, so a preview that waited for its end would never come.
        for await (const { type, image } of client.generateStream({ prompt: "a lake [stall=after-first-preview]", partialImages: 2 })) {
          return { type, sha256: await helpers.sha256(image.blob) };
        }
      });
      expect(preview).toEqual({ type: "partialImage", sha256: sent(simulator, "partial")[0] });
      // Leaving the loop has ended it, all the way to the service.
      await simulator.requests.at(-1)?.closed;
      expect(simulator.requests.at(-1)?.aborted).toBe(true);
      await expect.poll(() => simulator.activeRequests).toBe(0);
    });

    test("streams to the end", async ({ page, simulator }) => {
      const events = await page.evaluate(async () => {
        const client = new azure.AzureImageClient("/api/azure", null, { deployment: "gpt-image-1" });
        const events = [];
        for await (const { type, image } of client.generateStream({ prompt: "a lake", partialImages: 2 }))
          events.push([type, await helpers.sha256(image.blob)]);
        return events;
      });
      const [first, second] = sent(simulator, "partial");
      expect(events).toEqual([
        ["partialImage", first],
        ["partialImage", second],
        ["image", sent(simulator, "final")[0]],
      ]);
      expect(simulator.requests.at(-1)?.aborted).toBe(false);
    });

    test("passes a file of megabytes on", async ({ page, simulator }) => {
      const { outcome, sha256, size } = await page.evaluate(async () => {
        // What cannot be compressed: three bytes a pixel.
        const canvas = new OffscreenCanvas(1300, 1300);
        const context = canvas.getContext("2d")!;
        const noise = context.createImageData(1300, 1300);
        for (let index = 0; index < noise.data.length; index++) noise.data[index] = index % 4 === 3 ? 255 : Math.random() * 256;
        context.putImageData(noise, 0, 0);
        const image = new File([await canvas.convertToBlob()], "noise.png", { type: "image/png" });
        const client = new azure.AzureImageClient("/api/azure", null, { deployment: "gpt-image-1" });
        const outcome = await helpers.outcome(client.edit({ prompt: "a lake", image }));
        return { outcome, sha256: await helpers.sha256(image), size: image.size };
      });
      expect(size).toBeGreaterThan(5e6);
      expect(simulator.requests.at(-1)?.files?.map((file) => file.sha256)).toEqual([sha256]);
      expect(outcome.ok?.images.map((image) => image.sha256)).toEqual(sent(simulator, "final"));
    });

    test("passes a file of the code interpreter on", async ({ page }) => {
      const text = await page.evaluate(async () => {
        const client = new azure.AzureImageClient("/api/azure", null, { imageDeployment: "gpt-image-1" });
        const tools = [{ type: "code_interpreter" }];
        const { citations } = await client.responses.create({ model: "gpt-4.1", input: "Calculate the squares as CSV", tools });
        return (await client.files.content(citations[0]!)).text();
      });
      expect(text).toMatch(/^number,square\n1,1\n/);
    });

    test("sends an upload on as it comes, and ends it with the page", async ({ server, simulator }) => {
      const { hostname, port } = new URL(server.origin);
      const headers = { "sec-fetch-site": "same-origin", "content-type": "multipart/form-data; boundary=b", "content-length": 1000 };
      const path = GENERATIONS.replace("generations", "edits");
      const sending = request({ hostname, port, path, method: "POST", headers }).on("error", () => {});
      sending.write("--b\r\n");
      // It arrives although the rest of the bytes is still to come.
      await expect.poll(() => simulator.activeRequests).toBe(1);
      sending.destroy();
      await simulator.requests[0]?.closed;
      await expect.poll(() => simulator.activeRequests).toBe(0);
    });

    for (const place of ["before-headers", "after-first-preview"]) {
      test(`ends the request to the service when the page cancels, ${place}`, async ({ page, simulator }) => {
        const outcome = page.evaluate((prompt) => {
          const stop = new AbortController();
          Object.assign(globalThis, { stop });
          const client = new azure.AzureImageClient("/api/azure", null, { deployment: "gpt-image-1" });
          return helpers.outcome(client.generateStream({ prompt, partialImages: 1 }, { abortSignal: stop.signal }).result());
        }, `a lake [stall=${place}]`);
        await expect.poll(() => simulator.requests.at(-1)?.rawBody).toBeTruthy();
        await page.evaluate(() => (globalThis as unknown as { stop: AbortController }).stop.abort());
        expect((await outcome).error?.code).toBe("cancelled");
        await simulator.requests.at(-1)?.closed;
        expect(simulator.requests.at(-1)?.aborted).toBe(true);
        await expect.poll(() => simulator.activeRequests).toBe(0);
        expect(simulator.requests).toHaveLength(1);
      });
    }

    test("passes the errors of Azure on", async ({ page }) => {
      const limited = (await generate(page, "a lake [status=429] [retry-after=0.1]")).error;
      expect(limited).toMatchObject({ code: "rate_limit", status: 429, billed: "no" });
      expect(limited?.retryAfterInMs).toBeGreaterThan(0);
      expect(limited?.requestId).toBeTruthy();
      expect((await generate(page, "a lake [content-filter]")).error).toMatchObject({ code: "content_filter", status: 400 });
      expect((await generate(page, "a lake [status=401]")).error).toMatchObject({ code: "authentication", status: 401 });
    });

    test.describe("over a connection of its own", () => {
      test.use({ newConnections: true });
      for (const words of ["status=408", "reset=before-headers", "truncate=before-headers", "status=500"]) {
        test(`asks once when the service fails with [${words}]`, { tag: "@nightly" }, async ({ page, simulator }) => {
          const { error } = await generate(page, `a lake [${words}]`);
          expect(error).toMatchObject({ isAzureImageError: true, billed: "unknown" });
          expect(simulator.requests).toHaveLength(1);
        });
      }
    });

    test("an answer that breaks off is no success", async ({ page }) => {
      expect((await generate(page, "a lake [reset=50%]")).error?.code).toBe("connection");
    });

    test("follows no redirect", async ({ page, simulator }) => {
      expect((await generate(page, "a lake [redirect]")).error?.isAzureImageError).toBe(true);
      expect(simulator.requests).toHaveLength(1);
    });

    for (const host of ["127.0.0.1", "localhost"]) {
      test(`refuses a page of another origin on ${host}`, async ({ page, server, other, simulator }) => {
        await page.goto(other.origin.replace("127.0.0.1", host));
        const refusal = page.waitForResponse((response) => response.url().startsWith(server.origin));
        await page.evaluate(
          (url) => void fetch(url, { method: "POST", mode: "no-cors", body: '{"model":"gpt-image-1","prompt":"a lake"}' }),
          server.origin + GENERATIONS,
        );
        expect((await refusal).status()).toBe(403);
        expect(simulator.requests).toEqual([]);
      });
    }

    test("says why it refuses", async ({ server, simulator }) => {
      for (const site of ["cross-site", "same-site", "none", ""]) {
        const { status, body } = await ask(server.origin, GENERATIONS, "POST", { "sec-fetch-site": site });
        expect([status, JSON.parse(body)]).toEqual([403, { error: { code: refusals.origin, message: expect.stringContaining("this site") } }]);
      }
      for (const method of ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        const { status, body } = await ask(server.origin, GENERATIONS, method);
        expect([status, JSON.parse(body)]).toEqual([404, { error: { code: refusals.route, message: expect.stringContaining("does not pass") } }]);
      }
      expect(simulator.requests).toEqual([]);
    });

    test("passes on no other path", async ({ server, simulator }) => {
      for (const path of [
        "/api/azure",
        "/api/azure/",
        "/api/azure/../",
        "/api/azure/openai/",
        "/api/azure/openai/responses",
        "/api/azure/openai/v1/chat/completions",
        "/api/azure/openai/v1/vector_stores",
        "/api/azure/openai/v1/files/",
        "/api/azure/openai/v1//files",
        "/api/azure/openai/v1/files/file-1/content",
        "/api/azure/openai/v1/containers",
        "/api/azure/openai/v1/containers/cntr_1/files",
        "/api/azure/openai/v1/containers/cntr_1/files/cfile_1",
        "/api/azure/openai/v1/containers/cntr_1/files/../files/content",
        "/api/azure/openai/v1/files/..",
        "/api/azure/openai/v1/files/.%2E/vector_stores",
        "/api/azure/openai/v1/files/file%2F1",
        "/api/azure/openai/v1/files/file%2e1",
        "/api/azure/openai/v1/files%3Fa",
        "/api/azure/openai/v1/responses/resp_1/input_items",
        "/api/azure/openai/v1/responses/resp_1%2Fcancel",
        "/api/azure/openai/v1/responses/resp_1/../../files/file-1",
        "/api/azure/openai/v1/responses//cancel",
        "/api/azure/openai/v1/responses/../cancel",
        "/api/azure/openai/v1/conversations/conv_1/items",
        "/api/azure/openai/deployments/a/responses",
        "/api/azure/agents",
        "/api/azure/api/projects/my-project",
        "/api/azure/api/projects/my-project/agents",
        "/api/azure/api/projects/my-project/agents/painter/versions",
        "/api/azure/api/projects/my-project/openai/v1/files/../../../agents",
        "/api/azure/api/projects/my-project/openai/v1/vector_stores",
        "/api/azure/api/projects/my-project/connections",
        "/api/azure/api/projects/my-project/api/projects/my-project/openai/v1/responses",
        "/api/azure/api/projects/other/openai/v1/responses",
        "/api/azure/api/projects/my-project%2F../openai/v1/responses",
        "/api/azure/api/projects/openai/v1/responses",
        "/x/../api/azure/openai/v1/responses",
        "/api/azure/openai/v1/images/generations/../../files",
        "/api/azure/openai/v1/models/../files",
        "/api/azure/openai/v1/%2e%2e/files",
        "/api/azure/openai/deployments/../images/x",
        "/api/azure/openai/deployments/a%2Fb/images/x",
        "/api/azure@127.0.0.1/openai/v1/models",
        "//127.0.0.1/openai/v1/models",
      ]) {
        for (const method of ["GET", "POST", "DELETE"]) expect((await ask(server.origin, path, method)).status, `${method} ${path}`).not.toBe(502);
      }
      for (const [method, path] of [
        ["GET", "responses"],
        ["DELETE", "responses"],
        ["POST", "responses/resp_1"],
        ["PUT", "responses/resp_1"],
        ["HEAD", "responses/resp_1"],
        ["GET", "responses/resp_1/cancel"],
        ["DELETE", "responses/resp_1/cancel"],
        ["GET", "conversations"],
        ["POST", "conversations/conv_1"],
        ["GET", "files"],
        ["GET", "files?limit=1"],
        ["DELETE", "files"],
        ["DELETE", "files/file-1"],
        ["POST", "files/file-1"],
        ["POST", "models"],
      ] as const) {
        for (const routes of ["openai/v1", "api/projects/my-project/openai/v1", "api/projects/my-project/openai"]) {
          const { status } = await ask(server.origin, `/api/azure/${routes}/${path}`, method);
          expect(status, `${method} ${routes}/${path}`).toBe(404);
        }
      }
      expect((await ask(server.origin, "/", "GET")).status).toBe(200);
      expect(simulator.requests).toEqual([]);
      await ask(server.origin, "/api/azure/openai/v1/models?api-version=preview", "GET");
      expect(simulator.requests).toMatchObject([{ method: "GET", path: "/openai/v1/models", query: { "api-version": "preview" } }]);
    });

    test("makes a response, and the key stays where it is", async ({ page, simulator }) => {
      await page.context().addCookies([{ name: "session", value: "of-the-page", url: page.url() }]);
      const { ok } = await page.evaluate(async () => {
        const client = new azure.AzureImageClient("/api/azure", null, { imageDeployment: "gpt-image-1" });
        return helpers.responseOutcome(client.responses.create({ model: "gpt-4.1", input: "Draw a lake" }));
      });
      expect(ok?.images.map((image) => image.sha256)).toEqual([sent(simulator, "final")[0]]);
      expect(simulator.requests).toMatchObject([{ method: "POST", path: "/openai/v1/responses" }]);
      const { headers } = simulator.requests[0]!;
      expect(headers).toMatchObject({ "api-key": KEY, "x-ms-oai-image-generation-deployment": "gpt-image-1" });
      for (const header of ["cookie", "authorization", "origin", "referer", "user-agent", "sec-fetch-site"])
        expect(headers).not.toHaveProperty(header);
    });

    test("passes a preview of a response on while it is being made", async ({ page, simulator }) => {
      const preview = await page.evaluate(async () => {
        const client = new azure.AzureImageClient("/api/azure", null, { imageDeployment: "gpt-image-1" });
        // The answer never ends, so a preview that waited for its end would never come.
        const stream = client.responses.stream({ model: "gpt-4.1", input: "Draw a lake [stall=after-first-preview]", tool: { partialImages: 2 } });
        for await (const event of stream) if (event.type === "partialImage") return helpers.sha256(event.image.blob);
      });
      expect(preview).toBe(sent(simulator, "partial")[0]);
      await simulator.requests.at(-1)?.closed;
      expect(simulator.requests.at(-1)?.aborted).toBe(true);
      await expect.poll(() => simulator.activeRequests).toBe(0);
    });

    test("uploads a file, and keeps those of others", async ({ page, simulator }) => {
      const { made, found, listed, deleted } = await page.evaluate(async () => {
        const { files } = new azure.AzureImageClient("/api/azure", null);
        const made = await files.upload(new File(["the words"], "notes.txt", { type: "text/plain" }));
        const listed = await helpers.settled(() => files.list()[Symbol.asyncIterator]().next());
        return { made, found: await files.get(made.id), listed, deleted: await helpers.settled(() => files.delete(made.id)) };
      });
      expect({ ...found, requestId: "" }).toEqual({ ...made, requestId: "" });
      expect(made).toMatchObject({ fileName: "notes.txt", bytes: 9 });
      for (const { error } of [listed, deleted])
        expect(error).toMatchObject({ code: "not_found", status: 404, serviceCode: refusals.route, billed: "no" });
      expect(simulator.requests.map(({ method, path }) => [method, path])).toEqual([
        ["POST", "/openai/v1/files"],
        ["GET", `/openai/v1/files/${made.id}`],
      ]);
      expect(simulator.requests[0]?.files).toMatchObject([{ field: "file", filename: "notes.txt", byteLength: 9 }]);
    });

    test("begins, finds and deletes a conversation", async ({ page, simulator }) => {
      const { id, found, answer } = await page.evaluate(async () => {
        const { conversations, responses } = new azure.AzureImageClient("/api/azure", null, { imageDeployment: "gpt-image-1" });
        const { id } = await conversations.create({ metadata: { of: "a page" } });
        const answer = await responses.create({ model: "gpt-4.1", input: "Hello", conversation: id });
        const found = await conversations.get(id);
        await conversations.delete(id);
        await responses.delete(answer.id!);
        return { id, found, answer: { id: answer.id, conversation: answer.conversation } };
      });
      expect(found.metadata).toEqual({ of: "a page" });
      expect(answer.conversation).toBe(id);
      expect(simulator.requests.map(({ method, path, status }) => [method, path, status])).toEqual([
        ["POST", "/openai/v1/conversations", 200],
        ["POST", "/openai/v1/responses", 200],
        ["GET", `/openai/v1/conversations/${id}`, 200],
        ["DELETE", `/openai/v1/conversations/${id}`, 200],
        ["DELETE", `/openai/v1/responses/${answer.id}`, 200],
      ]);
    });

    test("starts a response, and goes on with it behind a reload", async ({ page, simulator }) => {
      const id = await page.evaluate(async () => {
        const client = new azure.AzureImageClient("/api/azure", null, { imageDeployment: "gpt-image-1" });
        return (
          await client.responses.start({ model: "gpt-4.1", input: "Draw a lake [stall=after-first-preview] [times=1]", tool: { partialImages: 2 } })
        ).id;
      });
      await page.reload();
      const { events, error } = await page.evaluate(
        (id) => helpers.readEvents(new azure.AzureImageClient("/api/azure", null).responses.resume(id)),
        id,
      );
      expect(error).toBeUndefined();
      expect(events.flatMap((event) => (event.type === "partialImage" || event.type === "image" ? event.image.sha256 : []))).toEqual([
        ...sent(simulator, "partial").slice(-2),
        sent(simulator, "final")[0],
      ]);
      expect(simulator.requests.map(({ method, query }) => [method, query["stream"]])).toEqual([
        ["POST", undefined],
        ["GET", "true"],
      ]);
      // The page that has gone holds nothing open.
      await simulator.requests[0]?.closed;
      expect(simulator.requests[0]?.aborted).toBe(true);
    });

    test("passes a preview on where a response is gone on with, while it is being made", async ({ page, simulator }) => {
      const id = await page.evaluate(async () => {
        const client = new azure.AzureImageClient("/api/azure", null, { imageDeployment: "gpt-image-1" });
        // Neither the first answer nor the next one ends.
        return (await client.responses.start({ model: "gpt-4.1", input: "Draw a lake [stall=after-first-preview]", tool: { partialImages: 2 } })).id;
      });
      await page.reload();
      const preview = await page.evaluate(async (id) => {
        const job = new azure.AzureImageClient("/api/azure", null).responses.resume(id);
        job.result().catch(() => {});
        for await (const event of job) {
          if (event.type !== "partialImage") continue;
          const sha256 = await helpers.sha256(event.image.blob);
          job.dispose();
          return sha256;
        }
      }, id);
      expect(preview).toBe(sent(simulator, "partial")[0]);
      expect(simulator.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
      await simulator.requests.at(-1)?.closed;
      expect(simulator.requests.at(-1)?.aborted).toBe(true);
    });

    test.describe("with a service that takes its time", () => {
      test.use({ latencyInMs: 20_000 });

      test("cancels a response", { tag: "@nightly" }, async ({ page, simulator }) => {
        const status = await page.evaluate(async () => {
          const client = new azure.AzureImageClient("/api/azure", null, { imageDeployment: "gpt-image-1" });
          const job = await client.responses.start({ model: "gpt-4.1", input: "Draw a lake" });
          return (await job.cancel()).status;
        });
        expect(status).toBe("cancelled");
        expect(simulator.requests.at(-1)).toMatchObject({
          method: "POST",
          path: expect.stringMatching(/^\/openai\/v1\/responses\/resp_\w+\/cancel$/),
          status: 200,
        });
      });
    });

    test.describe("of a project", () => {
      const agent = { name: "painter", definition: { model: "gpt-4.1", instructions: "Paint.", tools: [{ type: "image_generation" as const }] } };

      test.describe("as it is", () => {
        test.use({ setup: { project: true, opened: false } });

        test("lets an agent answer, and nobody change one", async ({ page, simulator }) => {
          const body = JSON.stringify({ definition: { kind: "prompt", ...agent.definition } });
          const headers = { "api-key": KEY, "content-type": "application/json" };
          const made = await fetch(`${simulator.url}/api/projects/my-project/agents/painter/versions?api-version=v1`, {
            method: "POST",
            headers,
            body,
          });
          expect(made.status).toBe(200);
          const { drawn, older, picture, refused } = await page.evaluate(async ({ name, definition }) => {
            const client = new azure.AzureImageClient("/api/azure/api/projects/my-project", null, {
              deployment: "gpt-image-1",
              imageDeployment: "gpt-image-1",
            });
            const dated = new azure.AzureImageClient("/api/azure/api/projects/my-project", null, {
              imageDeployment: "gpt-image-1",
              apiVersion: "2025-11-15-preview",
            });
            const calls = [
              () => client.agents.createVersion(name, definition),
              () => client.agents.get(name),
              () => client.agents.delete(name),
              () => client.agents.list()[Symbol.asyncIterator]().next(),
              () => client.agents.deleteVersion(name, "1"),
              () => client.files.list()[Symbol.asyncIterator]().next(),
            ];
            return {
              drawn: await helpers.responseOutcome(client.responses.create({ agent: name, input: "Draw a lake" })),
              older: await helpers.responseOutcome(dated.responses.create({ agent: name, input: "Draw a lake" })),
              picture: await helpers.outcome(client.generate({ prompt: "a lake" })),
              refused: await Promise.all(calls.map(async (call) => (await helpers.settled<unknown>(call)).error?.serviceCode)),
            };
          }, agent);
          for (const { ok } of [drawn, older, picture]) expect(ok?.images).toHaveLength(1);
          expect(new Set(refused)).toEqual(new Set([refusals.route]));
          expect(simulator.requests.map(({ path }) => path).slice(1)).toEqual([
            "/api/projects/my-project/openai/v1/responses",
            "/api/projects/my-project/openai/responses",
            "/openai/v1/images/generations",
          ]);
        });

        test("is no proxy of another project", async ({ server, simulator }) => {
          for (const name of ["other", "my-project-2", "my_project"])
            expect((await ask(server.origin, `/api/azure/api/projects/${name}/openai/v1/responses`, "POST")).status).toBe(404);
          for (const path of [
            "agents",
            "agents/painter",
            "openai/v1/files",
            "openai/v1/vector_stores",
            "openai/v1/images/generations",
            "openai/v1/models",
            "connections",
          ]) {
            expect((await ask(server.origin, `/api/azure/api/projects/my-project/${path}`, "GET")).status, path).toBe(404);
          }
          expect(simulator.requests).toEqual([]);
        });
      });

      test.describe("opened for administrators", () => {
        test.use({ setup: { project: true, opened: true } });

        test("manages agents and files", async ({ page, server, simulator }) => {
          const { agents, files, left } = await page.evaluate(async ({ name, definition }) => {
            const client = new azure.AzureImageClient("/api/azure/api/projects/my-project", null);
            await client.agents.createVersion(name, definition);
            await client.agents.createVersion(name, { ...definition, instructions: "Draw." });
            const agents = [(await client.agents.get(name)).name, (await client.agents.getVersion(name, "2")).version];
            for await (const { version } of client.agents.listVersions(name)) agents.push(version);
            await client.agents.deleteVersion(name, "1");
            for await (const agent of client.agents.list()) agents.push(agent.name);
            await client.agents.delete(name);
            const { id } = await client.files.upload(new File(["the words"], "notes.txt"));
            const files = [];
            for await (const file of client.files.list()) files.push(file.id === id);
            files.push((await (await client.files.content(id)).text()) === "the words");
            await client.files.delete(id);
            const left = [];
            for await (const file of client.files.list()) left.push(file.id);
            return { agents, files, left };
          }, agent);
          expect(agents).toEqual(["painter", "2", "2", "1", "painter"]);
          expect(files).toEqual([true, true]);
          expect(left).toEqual([]);
          const asked = simulator.requests.length;
          for (const path of [
            "agents/painter/versions/1/x",
            "agents/painter/other",
            "agents/..",
            "agents/a%2Fb",
            "openai/v1/files/file-1/other",
            "openai/v1/vector_stores",
          ]) {
            expect([400, 404], path).toContain((await ask(server.origin, `/api/azure/api/projects/my-project/${path}`, "GET")).status);
          }
          expect(simulator.requests).toHaveLength(asked);
        });
      });
    });

    for (const [status, passed] of [
      // A 408 is repeated over connections that have served before. nginx has none, and cannot change this status.
      [408, name === "Node" ? 504 : 408],
      [421, 502],
      [429, 429],
      [503, 503],
    ] as const) {
      test(`answers ${passed} where Azure answers ${status}, and Chromium repeats nothing`, async ({ startProxy, folder, setup, browser }) => {
        const azure = await answerWith(bodyOf(`${status} X`));
        const server = await startProxy(azure.url, folder, setup);
        const context = await browser.newContext();
        const page = await context.newPage();
        await page.goto(server.origin);
        const seen = await page.evaluate(
          async (path) => (await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" })).status,
          GENERATIONS,
        );
        await context.close();
        await server.close();
        await azure.close();
        expect(seen).toBe(passed);
        expect(azure.count()).toBe(1);
      });
    }

    test("closes the connection behind its answer", async ({ server }) => {
      expect((await ask(server.origin, GENERATIONS, "POST", { connection: "keep-alive" })).headers).toMatchObject({ connection: "close" });
    });

    test("answers 502 when the service cannot be reached", async ({ startProxy, folder, setup }) => {
      const server = await startProxy(`http://127.0.0.1:${await freePort()}`, folder, setup);
      const { status, headers, body } = await ask(server.origin, GENERATIONS, "POST");
      await server.close();
      expect(status).toBe(502);
      expect(JSON.stringify(headers) + body).not.toContain(KEY);
      if (name === "Node")
        expect(JSON.parse(body)).toEqual({ error: { code: "proxy_upstream", message: "Azure cannot be reached (ECONNREFUSED)." } });
    });
  });
}

test("the proxy with Node is a program of its own, too", async ({ simulator }) => {
  const port = await freePort();
  const env = { ...process.env, AZURE_ENDPOINT: simulator.url, AZURE_KEY: KEY, PORT: String(port) };
  const child = spawn(process.execPath, [join(root, "examples/proxy/node.mjs")], { env, stdio: "inherit" });
  const ended = once(child, "exit");
  await expect.poll(() => listens(port)).toBe(true);
  for (const path of ["/", "//", "/api/azure/../"]) expect([400, 404]).toContain((await ask(`http://127.0.0.1:${port}`, path, "GET")).status);
  expect((await ask(`http://127.0.0.1:${port}`, GENERATIONS, "POST")).status).toBe(400);
  expect(simulator.requests).toHaveLength(1);
  child.kill();
  await ended;
});

/** Starts the program, waits for its end, and returns the error output. */
async function refusedStart(env: Record<string, string>): Promise<string> {
  const { AZURE_ENDPOINT: _endpoint, AZURE_KEY: _key, AZURE_TOKEN: _token, PORT: _port, ...others } = process.env;
  const child = spawn(process.execPath, [join(root, "examples/proxy/node.mjs")], { env: { ...others, ...env }, stdio: ["ignore", "ignore", "pipe"] });
  let printed = "";
  child.stderr.on("data", (text) => (printed += text));
  const [code] = await once(child, "close");
  expect(code).toBe(1);
  return printed;
}

const RESOURCE = "https://my-resource.openai.azure.com";
const SECRET = "s3cret";
for (const [what, env, message] of [
  ["no endpoint", { AZURE_KEY: SECRET }, "Set AZURE_ENDPOINT"],
  ["no credential", { AZURE_ENDPOINT: RESOURCE }, "AZURE_KEY or AZURE_TOKEN"],
  ["an empty credential", { AZURE_ENDPOINT: RESOURCE, AZURE_KEY: " \n" }, "credential.key is empty"],
  ["a key of two lines", { AZURE_ENDPOINT: RESOURCE, AZURE_KEY: `${SECRET}\n${SECRET}` }, "credential.key contains characters"],
  ["a key that is no ASCII", { AZURE_ENDPOINT: RESOURCE, AZURE_KEY: `${SECRET}\u2026` }, "credential.key contains characters"],
  ["an endpoint without a scheme", { AZURE_ENDPOINT: "my-resource.openai.azure.com", AZURE_KEY: SECRET }, "must begin with https://"],
  ["an endpoint with a port and no scheme", { AZURE_ENDPOINT: "localhost:8787", AZURE_KEY: SECRET }, "must begin with https://"],
  ["http to another machine", { AZURE_ENDPOINT: "http://my-resource.openai.azure.com", AZURE_KEY: SECRET }, "must begin with https://"],
  ["another scheme", { AZURE_ENDPOINT: "file:///etc", AZURE_KEY: SECRET }, "must begin with https://"],
  ["a path", { AZURE_ENDPOINT: `${RESOURCE}/openai/v1/`, AZURE_KEY: SECRET }, "must have no path"],
  ["a path behind a project", { AZURE_ENDPOINT: `${RESOURCE}/api/projects/my-project/openai`, AZURE_KEY: SECRET }, "must have no path"],
  ["a query", { AZURE_ENDPOINT: `${RESOURCE}?api-key=${SECRET}`, AZURE_KEY: SECRET }, "must have no user name"],
  ["a user name", { AZURE_ENDPOINT: `https://user:${SECRET}@my-resource.openai.azure.com`, AZURE_KEY: SECRET }, "must have no user name"],
  ["a port that is none", { AZURE_ENDPOINT: RESOURCE, AZURE_KEY: SECRET, PORT: "http" }, "options.port should be"],
  ["a port beyond the last", { AZURE_ENDPOINT: RESOURCE, AZURE_KEY: SECRET, PORT: "65536" }, "options.port should be"],
] as const) {
  test(`the proxy with Node does not start with ${what}`, async () => {
    const printed = await refusedStart(env);
    expect(printed).toContain(message);
    expect(printed).not.toContain(SECRET);
  });
}

test("the proxy with Node lives on, whatever Azure answers", async () => {
  const cut = bodyOf("200 OK").slice(0, -1);
  for (const [what, bytes, status] of [
    ["a status below 100", bodyOf("099 X"), 502],
    ["a status of no digits", bodyOf("abc X"), 502],
    ["a status above 599", bodyOf("600 X"), 502],
    ["the last status", bodyOf("999 X"), 502],
    ["a change of the protocol", "HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n", 502],
    ["a change of no protocol", "HTTP/1.1 101 X\r\n\r\n", 502],
    ["a hint, then an answer", `HTTP/1.1 103 X\r\nlink: <a>\r\n\r\n${bodyOf("200 OK")}`, 200],
    ["a 100, then an answer", `HTTP/1.1 100 Continue\r\n\r\n${bodyOf("400 X")}`, 400],
    ["a header without a colon", bodyOf("200 OK", "header\r\n"), 502],
    ["a header with a control character", bodyOf("200 OK", "content-type: a\x01b\r\n"), 502],
    ["a header in Latin-1", bodyOf("200 OK", "content-type: a\xe4b\r\n"), 200],
    ["no HTTP", "hello\r\n\r\n", 502],
    ["a reset", "", 502],
    ["408", bodyOf("408 X"), 504],
    ["421", bodyOf("421 X"), 502],
    ["a body that is cut", cut, 200],
  ] as const) {
    const azure = await answerWith(bytes);
    const port = await freePort();
    const env = { ...process.env, AZURE_ENDPOINT: ` ${azure.url}/\n`, AZURE_KEY: `${KEY}\n`, PORT: String(port) };
    const child = spawn(process.execPath, [join(root, "examples/proxy/node.mjs")], { env, stdio: "inherit" });
    await expect.poll(() => listens(port)).toBe(true);
    for (const _ of ["first", "second"]) {
      const headers = { "sec-fetch-site": "same-origin", "content-type": "application/json" };
      const sending = request({ port, host: "127.0.0.1", path: GENERATIONS, method: "POST", headers }).end("{}");
      const [answer] = (await once(sending, "response")) as [import("node:http").IncomingMessage];
      expect(answer.statusCode, what).toBe(status);
      answer.on("error", () => {});
      answer.destroy();
    }
    // A page that goes away ends nothing else.
    const leaving = request({ port, host: "127.0.0.1", path: GENERATIONS, method: "POST", headers: { "sec-fetch-site": "same-origin" } });
    leaving.on("error", () => {}).write("{");
    leaving.destroy();
    expect((await ask(`http://127.0.0.1:${port}`, "/%", "GET")).status, what).toBe(404);
    expect(child.exitCode, what).toBeNull();
    expect(azure.count(), what).toBeGreaterThanOrEqual(2);
    child.kill();
    await once(child, "exit");
    await azure.close();
  }
});
