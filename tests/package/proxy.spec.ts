import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, request, type RequestListener } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test as base, expect, type Page } from "@playwright/test";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { sent } from "../browser/fixtures.js";
import { startPageServer, type PageServer } from "../browser/page-server.js";
import { root } from "./installed.js";

/** The address of a module that has no types. */
const module = (path: string): string => pathToFileURL(join(root, path)).href;

const KEY = "a-key-that-no-browser-may-see";
const GENERATIONS = "/api/azure/openai/v1/images/generations?api-version=preview";
const { installedNginx } = (await import(module("scripts/nginx.mjs"))) as { installedNginx(): string | undefined };
const nginx = installedNginx();

/** A proxy, with the page that uses it on the same origin. */
interface Proxy {
  origin: string;
  close(): Promise<void>;
}

/** Starts a proxy of an example; `folder` holds the page. */
type StartProxy = (endpoint: string, folder: string) => Promise<Proxy>;

let copies = 0;

async function startNode(endpoint: string, folder: string): Promise<Proxy> {
  Object.assign(process.env, { AZURE_ENDPOINT: endpoint, AZURE_KEY: KEY });
  // The number makes each import read the environment anew.
  const { handle } = (await import(`${module("examples/proxy/node.mjs")}?${copies++}`)) as { handle: RequestListener };
  const pages = await startPageServer([["/", folder]]);
  // The app's own server: it keeps its connections alive, as most do.
  const server = createServer((incoming, response) => {
    if (incoming.url?.startsWith("/api/azure")) return handle(incoming, response);
    request(`${pages.origin}${incoming.url}`, (answer) => {
      response.writeHead(answer.statusCode ?? 500, { "content-type": answer.headers["content-type"] ?? "text/plain" });
      answer.pipe(response);
    }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await pages.close();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });

async function startNginx(endpoint: string, folder: string): Promise<Proxy> {
  const port = await freePort();
  const prefix = await mkdtemp(join(tmpdir(), "azure-image-client-nginx-"));
  const replacements = {
    "127.0.0.1:3000": `127.0.0.1:${port}`,
    "/var/www/my-app": folder,
    "https://my-resource.openai.azure.com": endpoint,
    "my-key": KEY,
    // Not on every machine, and of no use for the simulator.
    "proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;": "",
  };
  const example = await readFile(join(root, "examples/proxy/nginx.conf"), "utf8");
  const server = Object.entries(replacements).reduce((text, [from, to]) => {
    expect(text, `${from} is in the example`).toContain(from);
    return text.replaceAll(from, to);
  }, example);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${name};`).join(" ");
  // One process, which the test can end and which stays the user that it was started by.
  await writeFile(
    join(prefix, "nginx.conf"),
    `daemon off; master_process off; pid nginx.pid; error_log stderr;
    events {}
    http { access_log off; ${temporary} types { text/html html; text/javascript js; application/wasm wasm; } ${server} }`,
  );
  const child = spawn(nginx ?? "nginx", ["-p", prefix, "-c", join(prefix, "nginx.conf"), "-e", "stderr"], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (text) => (log += text));
  const ended = once(child, "exit");
  await expect.poll(() => child.exitCode !== null || listens(port)).toBe(true);
  expect(child.exitCode, log).toBeNull();
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      child.kill();
      await ended;
      await rm(prefix, { recursive: true });
    },
  };
}

const test = base.extend<{ page: Page; simulator: Simulator; server: Proxy; startProxy: StartProxy }, { folder: string; other: PageServer }>({
  folder: [
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), "azure-image-client-proxy-"));
      for (const name of ["index.html", "helpers.js"]) await symlink(join(root, "tests/browser/page", name), join(folder, name));
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
  simulator: async ({}, use) => {
    const simulator = await startSimulator({ apiKey: KEY });
    await use(simulator);
    await simulator.close();
  },
  server: async ({ startProxy, simulator, folder }, use) => {
    const server = await startProxy(simulator.url, folder);
    await use(server);
    await server.close();
  },
  page: async ({ page, server }, use) => {
    const received: Promise<string>[] = [];
    page.on("response", (response) => {
      received.push((async () => JSON.stringify(await response.headersArray()) + (await response.body().catch(() => "")))());
    });
    await page.goto(server.origin);
    await page.waitForFunction(() => "helpers" in globalThis);
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
async function ask(origin: string, path: string, method: string, headers: Record<string, string> = {}): Promise<{ status: number; headers: object; body: string }> {
  const { hostname, port } = new URL(origin);
  const sending = request({ hostname, port, path, method, headers: { "sec-fetch-site": "same-origin", ...headers } }).end();
  const [answer] = (await once(sending, "response")) as [import("node:http").IncomingMessage];
  let body = "";
  for await (const text of answer.setEncoding("utf8")) body += text;
  return { status: answer.statusCode ?? 0, headers: answer.headers, body };
}

for (const [name, startProxy] of [["Node", startNode], ["nginx", startNginx]] as const) {
  test.describe(`the proxy with ${name}`, () => {
    test.use({ startProxy: async ({}, use) => use(startProxy) });
    test.skip(name === "nginx" && !nginx, "nginx is not there and could not be installed: sudo apt-get install nginx-light");

    test("makes a picture, and the key stays where it is", async ({ page, simulator }) => {
      await page.context().addCookies([{ name: "session", value: "of-the-page", url: page.url() }]);
      const { ok } = await generate(page, "a lake");
      expect(ok?.images.map((image) => image.sha256)).toEqual(sent(simulator, "final"));
      const { headers } = simulator.requests[0]!;
      expect(headers).toMatchObject({ "api-key": KEY, "content-type": "application/json" });
      for (const header of ["cookie", "authorization", "origin", "referer", "user-agent", "sec-fetch-site"]) expect(headers).not.toHaveProperty(header);
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
        for await (const { type, image } of client.generateStream({ prompt: "a lake", partialImages: 2 })) events.push([type, await helpers.sha256(image.blob)]);
        return events;
      });
      const [first, second] = sent(simulator, "partial");
      expect(events).toEqual([["partialImage", first], ["partialImage", second], ["completed", sent(simulator, "final")[0]]]);
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

    test("sends an upload on as it comes, and ends it with the page", async ({ server, simulator }) => {
      const { hostname, port } = new URL(server.origin);
      const headers = { "sec-fetch-site": "same-origin", "content-type": "application/json", "content-length": 1000 };
      const sending = request({ hostname, port, path: GENERATIONS, method: "POST", headers }).on("error", () => {});
      sending.write("{");
      // It arrives although 999 bytes are still to come.
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

    // Chromium repeats a POST on a connection that served the page before, behind everybody's back.
    for (const words of ["status=408", "reset=before-headers", "truncate=before-headers", "status=500"]) {
      test(`asks once when the service fails with [${words}]`, async ({ page, simulator }) => {
        const { error } = await generate(page, `a lake [${words}]`);
        expect(error).toMatchObject({ isAzureImageError: true, billed: "unknown" });
        expect(simulator.requests).toHaveLength(1);
      });
    }

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
        await page.evaluate((url) => void fetch(url, { method: "POST", mode: "no-cors", body: '{"model":"gpt-image-1","prompt":"a lake"}' }), server.origin + GENERATIONS);
        expect((await refusal).status()).toBe(403);
        expect(simulator.requests).toEqual([]);
      });
    }

    test("says why it refuses", async ({ server, simulator }) => {
      for (const site of ["cross-site", "same-site", "none", ""]) {
        const { status, body } = await ask(server.origin, GENERATIONS, "POST", { "sec-fetch-site": site });
        expect([status, JSON.parse(body)]).toEqual([403, { error: { code: "proxy", message: expect.stringContaining("this site") } }]);
      }
      for (const method of ["PUT", "DELETE", "OPTIONS"]) expect((await ask(server.origin, GENERATIONS, method)).status).toBe(405);
      expect(simulator.requests).toEqual([]);
    });

    test("passes on no other path", async ({ server, simulator }) => {
      for (const path of [
        "/api/azure",
        "/api/azure/",
        "/api/azure/../",
        "/api/azure/openai/",
        "/api/azure/openai/v1/files",
        "/api/azure/openai/v1/chat/completions",
        "/api/azure/openai/v1/images/generations/../../files",
        "/api/azure/openai/v1/models/../files",
        "/api/azure/openai/v1/%2e%2e/files",
        "/api/azure/openai/deployments/../images/x",
        "/api/azure/openai/deployments/a%2Fb/images/x",
        "/api/azure@127.0.0.1/openai/v1/models",
        "//127.0.0.1/openai/v1/models",
      ]) {
        for (const method of ["GET", "POST"]) expect((await ask(server.origin, path, method)).status, `${method} ${path}`).not.toBe(502);
      }
      expect((await ask(server.origin, "/", "GET")).status).toBe(200);
      expect(simulator.requests).toEqual([]);
      await ask(server.origin, "/api/azure/openai/v1/models?api-version=preview", "GET");
      expect(simulator.requests).toMatchObject([{ method: "GET", path: "/openai/v1/models", query: { "api-version": "preview" } }]);
    });

    test("closes the connection behind its answer", async ({ server }) => {
      expect((await ask(server.origin, GENERATIONS, "POST", { connection: "keep-alive" })).headers).toMatchObject({ connection: "close" });
    });

    test("answers 502 when the service cannot be reached", async ({ server, simulator }) => {
      await simulator.close();
      const { status, headers, body } = await ask(server.origin, GENERATIONS, "POST");
      expect(status).toBe(502);
      expect(JSON.stringify(headers) + body).not.toContain(KEY);
      if (name === "Node") expect(JSON.parse(body)).toEqual({ error: { code: "proxy", message: "Azure cannot be reached (ECONNREFUSED)." } });
    });
  });
}

test("the proxy with Node is a program of its own, too", async ({ simulator }) => {
  const port = await freePort();
  const env = { ...process.env, AZURE_ENDPOINT: simulator.url, AZURE_KEY: KEY, PORT: String(port) };
  const child = spawn(process.execPath, [join(root, "examples/proxy/node.mjs")], { env, stdio: "inherit" });
  const ended = once(child, "exit");
  await expect.poll(() => listens(port)).toBe(true);
  for (const path of ["/", "//", "/api/azure/../"]) expect((await ask(`http://127.0.0.1:${port}`, path, "GET")).status).toBe(404);
  expect((await ask(`http://127.0.0.1:${port}`, GENERATIONS, "POST")).status).toBe(400);
  expect(simulator.requests).toHaveLength(1);
  child.kill();
  await ended;
});
