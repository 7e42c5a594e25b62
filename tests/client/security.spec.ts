// Promises of SECURITY.md that are not those of one part.

import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AzureImageClient, ClientOptions } from "../../js/index.js";
import { expect, test as base } from "./fixtures.js";
import { defineTrials } from "./options.js";
import { listen } from "../ports.js";

const KEY = "a-secret-key-0123456789";

/** Everything that sends. */
function defineWays(): void {
  const image = new Blob([Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91Jpz"), (letter) => letter.charCodeAt(0))], {
    type: "image/png",
  });
  const first = async (list: AsyncIterable<unknown>) => {
    for await (const item of list) return item;
    return undefined;
  };
  globalThis.ways = {
    generate: (client) => client.generate({ prompt: "a" }),
    generateStream: (client) => client.generateStream({ prompt: "a" }).result(),
    edit: (client) => client.edit({ prompt: "a", image }),
    "responses.create": (client) => client.responses.create({ model: "gpt-4.1", input: "a" }),
    "responses.stream": (client) => client.responses.stream({ model: "gpt-4.1", input: "a" }).result(),
    "responses.start": (client) => client.responses.start({ model: "gpt-4.1", input: "a" }).then((job) => job.result()),
    "responses.get": (client) => client.responses.get("resp_1"),
    "responses.cancel": (client) => client.responses.cancel("resp_1"),
    "responses.delete": (client) => client.responses.delete("resp_1"),
    "conversations.create": (client) => client.conversations.create(),
    "files.upload": (client) => client.files.upload(image),
    "files.list": (client) => first(client.files.list()),
    "agents.createVersion": (client) => client.agents.createVersion("painter", { model: "gpt-4.1" }),
    "agents.list": (client) => first(client.agents.list()),
    probe: (client) => client.probe(),
  };
}

declare global {
  var ways: Record<string, (client: AzureImageClient) => Promise<unknown>>;
  var injected: boolean | undefined;
  var ran: string[];
  var polluted: unknown;
}

/** A request, as it came. */
interface Received {
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** A server that writes down what it is asked, and what a preflight asks for it permits. */
interface Server {
  origin: string;
  received: Received[];
  answer(response: ServerResponse): void;
}

const test = base.extend<{ server: Server; other: Server }>({
  page: async ({ page }, use) => {
    await page.evaluate(defineWays);
    await use(page);
  },
  server: async ({}, use) => serveTo(use),
  other: async ({}, use) => serveTo(use),
});

async function serveTo(use: (server: Server) => Promise<void>): Promise<void> {
  const recording: Server = { origin: "", received: [], answer: (response) => void response.end("{}") };
  const server = createServer(async (request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("access-control-allow-headers", request.headers["access-control-request-headers"] ?? "");
    response.setHeader("access-control-allow-methods", "GET, POST, DELETE");
    response.setHeader("cache-control", "no-store");
    if (request.method === "OPTIONS") return void response.end();
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    recording.received.push({ url: request.url ?? "", headers: request.headers, body: Buffer.concat(parts).toString("latin1") });
    recording.answer(response);
  });
  recording.origin = `http://127.0.0.1:${await listen(server)}`;
  await use(recording);
  server.closeAllConnections();
  server.close();
}

test("nothing that is fetched is told from the cache of the browser", { tag: "@browser" }, async ({ page, server }) => {
  server.answer = (response) => {
    response.setHeader("cache-control", "max-age=3600");
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ id: "resp_1", object: "response", status: "in_progress", output: [] }));
  };
  const statuses = await page.evaluate(async (origin) => {
    const client = new azure.AzureImageClient(origin, null);
    const statuses: unknown[] = [];
    for (let asked = 0; asked < 2; asked++) statuses.push((await client.responses.get("resp_1")).status);
    return statuses;
  }, server.origin);
  expect(statuses).toEqual(["in_progress", "in_progress"]);
  expect(server.received.map(({ url }) => url)).toEqual(Array(2).fill("/openai/v1/responses/resp_1?api-version=preview"));
});

test.describe("the way", () => {
  test("no credential goes over plain http, but to this machine and the page's own origin: nothing is sent, and no token asked for", async ({
    page,
  }) => {
    const report = await page.evaluate(async (key) => {
      const told: string[] = [];
      const fetch = async ({ url }: Request) => (told.push(url), new Response("{}"));
      const token = () => (told.push("asked"), "a-token");
      const outcomes: Record<string, string | undefined> = {};
      for (const host of ["my-resource.openai.azure.com", "127.0.0.1.example", "localhost.example", "10.0.0.1"]) {
        for (const credential of [{ key }, token, null]) {
          for (const [name, way] of Object.entries(ways)) {
            const client = new azure.AzureImageClient(`http://${host}/api/projects/mine`, credential, {
              deployment: "d",
              fetch,
              dangerouslyAllowApiKeyInBrowser: true,
            });
            const { error } = await helpers.settled(() => way(client));
            if (error?.param !== "endpoint" || !/Use https/.test(error.message)) outcomes[`${name} to ${host}`] = error?.message ?? "no error";
          }
        }
      }
      return { told, outcomes };
    }, KEY);
    expect(report).toEqual({ told: [], outcomes: {} });
  });

  test("no credential follows a redirect, to the same origin or another, whatever is asked", { tag: "@browser" }, async ({ page, server, other }) => {
    for (const to of [server, other]) {
      for (const status of [301, 302, 303, 307, 308]) {
        server.received.length = 0;
        server.answer = (response) => void response.writeHead(status, { location: `${to.origin}/elsewhere` }).end();
        const report = await page.evaluate(
          async ([endpoint, key]) => {
            const options = { deployment: "d", retryOptions: { maxRetries: 0 }, totalTimeoutInMs: 5000 };
            const client = new azure.AzureImageClient(`${endpoint}/api/projects/mine`, { key }, options);
            const ended = async ([name, way]: [string, (typeof ways)[string]]) => {
              const { ok, error } = await helpers.settled(() => way(client));
              return [name, name === "probe" ? (ok as { reachable: string }).reachable : error?.code] as const;
            };
            return Object.fromEntries(await Promise.all(Object.entries(ways).map(ended)));
          },
          [server.origin, KEY] as const,
        );
        const { probe, ...others } = report;
        expect(new Set(Object.values(others)), JSON.stringify(report)).toEqual(new Set(["connection"]));
        expect(server.received.length, server.received.map(({ url }) => url).join()).toBeGreaterThanOrEqual(Object.keys(others).length);
        // A last question of the probe, which has no credential, may.
        const behind = [...server.received.filter(({ url }) => url === "/elsewhere"), ...other.received];
        for (const { headers } of behind) expect([headers["api-key"], headers.authorization]).toEqual([undefined, undefined]);
      }
    }
  });

  test("no credential goes to another origin or path, whatever ids and addresses the service gives", async ({ page }) => {
    const urls = await page.evaluate(async (key) => {
      const urls: string[] = [];
      const names = ["https://other.example/x", "//other.example/x", "../../../other", "..", "a?b=c#d", "a\\..\\..\\b", "%2e%2e%2f%2e%2e"];
      const tell = async (id: string) => {
        const abort = new AbortController();
        const fetch = async (request: Request) => {
          urls.push(request.url);
          // A job is left as soon as it is asked for behind its start.
          if (request.method === "GET" && request.url.includes("/responses")) abort.abort();
          const body = {
            ...{ id, status: "queued", object: "response", next: id, url: id, Location: id, location: id },
            ...{ data: [{ id, url: `https://other.example/${id}`, name: id }], has_more: urls.length < 100, last_id: id },
          };
          return Response.json(body, { headers: { location: "https://other.example/", "operation-location": "https://other.example/" } });
        };
        const options = { deployment: "d", fetch, dangerouslyAllowApiKeyInBrowser: true };
        const client = new azure.AzureImageClient("https://my-resource.services.ai.azure.com/api/projects/mine", { key }, options);
        const two = async (list: AsyncIterable<unknown>) => {
          let count = 0;
          for await (const _ of list) if (++count === 2) return;
        };
        const started = client.responses.start({ model: "gpt-4.1", input: "a" }, { abortSignal: abort.signal });
        const calls: (() => Promise<unknown>)[] = [
          async () => (await started).result(),
          () => two(client.files.list()),
          () => two(client.agents.list()),
          () => client.responses.get(id),
          () => client.files.delete(id),
          () => client.conversations.get(id),
          () => client.agents.get(id),
        ];
        await Promise.all(calls.map((call) => helpers.settled(call)));
        // Named, and not fetched.
        const { images } = await client.generate({ prompt: "a" });
        if (images[0]?.url === undefined) throw new Error("no URL came");
      };
      await Promise.all(names.map(tell));
      return [...new Set(urls)];
    }, KEY);
    // Behind the start of a job.
    expect(urls.filter((url) => url.includes("/responses/https%3A%2F%2Fother.example%2Fx"))).not.toEqual([]);
    for (const url of urls) {
      const { origin, pathname, hash } = new URL(url);
      expect([origin, hash], url).toEqual([expect.stringMatching(/^https:\/\/my-resource\.(services\.ai|openai)\.azure\.com$/), ""]);
      expect(pathname, url).toMatch(/^(\/api\/projects\/mine)?(\/openai\/v1)?\/(images|responses|files|agents|conversations)(\/|$)/);
      // One segment each, with nothing in it that leads out of it.
      expect(pathname.split("/").length, url).toBeLessThanOrEqual(8);
    }
  });

  test("no option gets a header, or a second request, into what is sent", { tag: "@nightly" }, async ({ page, server }) => {
    server.answer = (response) => void response.writeHead(400).end("{}");
    await page.evaluate(defineTrials);
    // The last one breaks lines where only the lower half of each character is kept.
    const breaks = ["\r\n\r\nPOST /injected HTTP/1.1\r\nx-injected: 1\r\n\r\n", "\nx-injected: 1", "\rx-injected: 1", "\u010d\u010ax-injected: 1"];
    const came = new Map<string, Received[]>();
    /** What neither came nor was refused. */
    const lost = new Set<string>();
    const inJson: number[] = [];
    for (const [round, end] of [breaks.join(""), ...breaks].entries()) {
      const tried = await page.evaluate(
        async ([origin, key, round, end, inJson]) => {
          const make: Parameters<typeof trials>[1] = ({ endpoint = "/api/projects/mine", credential = { key }, options }) =>
            new azure.AzureImageClient(origin + endpoint, credential as never, { deployment: "d", validation: "off", ...options });
          const run = async (index: number) => {
            // By its letters it is found again in what is sent.
            const mark = `t${round}x${index}_`;
            const [option, call] = trials(mark + end, make)[index]!;
            const { error } = await helpers.settled(() => call(make({})));
            return { index, option, mark, isRefused: error?.param !== undefined || error?.code === "authentication" };
          };
          const indices = [...trials("", make).keys()].filter((index) => !inJson.includes(index));
          return Promise.all(indices.map(run));
        },
        [server.origin, KEY, round, end, inJson] as const,
      );
      expect(tried.length).toBeGreaterThan(round === 0 ? 200 : 90);
      for (const received of server.received.splice(0)) {
        const { url, headers, body } = received;
        const [mark = ""] = /t\d+x\d+_/.exec([url, body, ...Object.values(headers)].join(" ")) ?? [];
        came.set(mark, [...(came.get(mark) ?? []), received]);
      }
      const forms: Record<string, number[]> = {};
      for (const { index, option, mark, isRefused } of tried) {
        const requests = came.get(mark) ?? [];
        if (requests.length === 0 && !isRefused) lost.add(option);
        // There all breaks are written in the same way.
        if (requests.some(({ headers, body }) => headers["content-type"] === "application/json" && body.includes(mark))) inJson.push(index);
        if (option.startsWith("constructor ")) continue;
        for (const received of requests.filter(isForm)) (forms[option] ??= []).push(partsOf(received).length);
      }
      expect(forms).toEqual(FORMS);
    }
    expect(came.size).toBeGreaterThan(300);
    expect([...came.values()].flat().flatMap(strangeIn)).toEqual([]);
    expect([...lost]).toEqual(NOT_SENT);
  });
});

/** How many parts there are in each form that has the text. Others than the model, the prompt and the picture of an edit are one more. */
const FORMS = {
  ...Object.fromEntries(
    ["size", "quality", "background", "outputFormat", "moderation", "user", "inputFidelity"].map((name) => [`edit ${name}`, [4]]),
  ),
  ...{ "edit prompt": [3], "edit deployment": [3], "edit extraBody": [4, 4] },
  ...{ "files.upload file": [2, 2], "files.upload purpose": [2], "files.upload fileName": [2] },
};

/**
 * Options that are neither sent in some form nor refused: fragments, options that the page itself reads, names of files whose bytes are sent,
 * and options of other services.
 */
const NOT_SENT = [
  "constructor endpoint",
  "constructor scopes",
  "constructor model",
  "generate aspectRatio",
  "generate model",
  "edit aspectRatio",
  "edit model",
  "edit image",
  "edit mask",
  "responses.create input",
  "responses.create tool",
  "responses.runTools input",
  "responses.runTools tool",
];

/** What a request or a part of it has that it should not have. */
function strangeIn(received: Received): string[] {
  const { url, headers } = received;
  const own = ["api-key", "content-type", "x-team", "x-ms-oai-image-generation-deployment"];
  const browsers =
    /^(host|connection|content-length|transfer-encoding|user-agent|accept|accept-.*|origin|referer|sec-.*|cache-control|pragma|priority|dnt|te)$/;
  const strange = Object.keys(headers).filter((name) => !own.includes(name) && !browsers.test(name));
  // The endpoint of some has another path.
  if (!/^\/(api\/projects\/|openai\/|t\d+x\d+_)/.test(url)) strange.push(url);
  const name = '"[^"\r\n]*"';
  const part = new RegExp(`^content-disposition: form-data; name=${name}(; filename=${name}\r\ncontent-type: [\\w/-]+)?$`, "i");
  if (isForm(received)) strange.push(...partsOf(received).filter((headers) => !part.test(headers)));
  return strange;
}

function isForm({ headers }: Received): boolean {
  return headers["content-type"]?.startsWith("multipart/") ?? false;
}

/** The headers of each part of a form. */
function partsOf({ headers, body }: Received): string[] {
  const [, boundary = ""] = /boundary=(.+)$/.exec(headers["content-type"] ?? "") ?? [];
  const [before, ...parts] = `\r\n${body}`.split(`\r\n--${boundary}`);
  if (before !== "" || parts.pop() !== "--\r\n") throw new Error(`This is no form: ${body}`);
  return parts.map((part) => part.slice(2, part.indexOf("\r\n\r\n")));
}

test.describe("the server", () => {
  test("nothing that it sends is run or becomes a document: a picture is an image by its bytes, or a type that nothing shows", {
    tag: "@browser",
  }, async ({ page }) => {
    const report = await page.evaluate(async () => {
      const script = "<script>parent.injected = true; globalThis.injected = true</script>";
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="parent.injected = true">${script}</svg>`;
      const texts = {
        html: `<!doctype html>${script}`,
        svg,
        xml: `<?xml version="1.0"?>${svg}`,
        javascript: "globalThis.injected = true",
        pdf: "%PDF-1.7 (app.alert(1))",
        // Pictures by their first bytes, and pages behind them.
        gif: `GIF89a\x28\0\x19\0${script}`,
        png: `\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x28\0\0\0\x19\x08\x06\0\0\0\0\0\0\0${script}`,
      };
      const types: Record<string, string> = {};
      for (const [name, text] of Object.entries(texts)) {
        for (const claimed of ["svg", "html", "image/svg+xml", "text/html"]) {
          const answer = { output_format: claimed, media_type: claimed, data: [{ b64_json: btoa(text), media_type: claimed }] };
          const fetch = async () => Response.json(answer, { headers: { "content-type": claimed } });
          const client = new azure.AzureImageClient("/api", null, { deployment: "x", fetch });
          const [image] = (await client.generate({ prompt: "a" })).images;
          types[name] = [...new Set([types[name], image!.mediaType, image!.blob.type])].filter(Boolean).join(" ");
          if (image!.mediaType.startsWith("image/")) {
            const frame = document.createElement("iframe");
            const loaded = new Promise((resolve) => (frame.onload = resolve));
            frame.src = image!.objectUrl;
            document.body.append(frame);
            await loaded;
            frame.remove();
          }
          image!.dispose();
        }
      }
      return { types, injected: globalThis.injected };
    });
    const unknown = "application/octet-stream";
    expect(report).toEqual({
      types: { html: unknown, svg: unknown, xml: unknown, javascript: unknown, pdf: unknown, gif: "image/gif", png: "image/png" },
      injected: undefined,
    });
  });

  test("an object URL of what is no picture is no document, in a frame or a window: no script of it runs", { tag: "@browser" }, async ({
    page,
    engine,
  }) => {
    test.skip(engine !== "chromium", "In other browsers a page opens no window unasked");
    await page.evaluate(async () => {
      globalThis.ran = [];
      addEventListener("message", ({ data }) => void ran.push(data));
      for (const as of ["a picture", "a page"]) {
        const script = `(opener ?? parent).postMessage((opener ? "a window" : "a frame") + " with ${as}: " + document.contentType, "*")`;
        const texts = {
          "text/html": `<!doctype html><script>${script}</script>`,
          "image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg"><script><![CDATA[${script}]]></script></svg>`,
        };
        for (const [type, text] of Object.entries(texts)) {
          const answer = { output_format: type, data: [{ b64_json: btoa(text), media_type: type }] };
          const fetch = async () => Response.json(answer, { headers: { "content-type": type } });
          const client = new azure.AzureImageClient("/api", null, { deployment: "x", fetch });
          const { blob, objectUrl } = (await client.generate({ prompt: "a" })).images[0]!;
          // The same bytes as what they claim to be show that a script would be seen, and come later.
          const url = as === "a picture" ? objectUrl : URL.createObjectURL(blob.slice(0, blob.size, type));
          const frame = document.createElement("iframe");
          frame.src = url;
          document.body.append(frame);
          open(url);
        }
      }
    });
    await expect
      .poll(() => page.evaluate(() => ran.toSorted()))
      .toEqual(["a frame", "a window"].flatMap((where) => ["image/svg+xml", "text/html"].map((type) => `${where} with a page: ${type}`)));
    for (const opened of page.context().pages()) if (opened !== page) await opened.close();
  });

  test("no URL that it gives is a script or a document of the page's", async ({ page }) => {
    const codes = await page.evaluate(async () => {
      const own = URL.createObjectURL(new Blob(["<script>"], { type: "text/html" }));
      const urls = [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "data:image/svg+xml,x",
        own,
      ];
      const codes = [];
      for (const url of [...urls, "file:///etc/passwd", "//other.example/x", "x.png", "\u0000https://x"]) {
        const fetch = async () => Response.json({ data: [{ url }] });
        const client = new azure.AzureImageClient("/api", null, { deployment: "x", fetch });
        codes.push((await helpers.outcome(client.generate({ prompt: "a" }))).error?.code);
      }
      URL.revokeObjectURL(own);
      return codes;
    });
    expect(codes).toEqual(Array(11).fill("no_image"));
  });

  test("a page of its own changes nothing in the page: it is an error, in words of this package", { tag: "@browser" }, async ({ page }) => {
    const report = await page.evaluate(async () => {
      const html = "<!doctype html><script>globalThis.injected = true</script><img src=x onerror='globalThis.injected = true'>";
      const before = document.documentElement.outerHTML;
      const messages = [];
      for (const status of [200, 400, 401, 404, 429, 500, 502]) {
        const fetch = async () => new Response(html, { status, headers: { "content-type": "text/html" } });
        const options = { deployment: "x", fetch, retryOptions: { maxRetries: 0 } };
        const client = new azure.AzureImageClient(`${location.origin}/api/projects/mine`, null, options);
        for (const way of Object.values(ways)) messages.push(JSON.stringify(await helpers.settled(() => way(client))));
      }
      return { messages: messages.filter((message) => /[<>]|onerror|script>/.test(message)), same: before === document.documentElement.outerHTML };
    });
    expect(report).toEqual({ messages: [], same: true });
    expect(await page.evaluate(() => globalThis.injected)).toBeUndefined();
  });

  test("no answer pollutes an object, of the page or of the answer", async ({ page }) => {
    const report = await page.evaluate(async () => {
      const evil = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"prototype":{"polluted":1},"toString":1,"hasOwnProperty":1';
      const picture = `{${evil},"b64_json":"iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91Jpz"}`;
      const usage = `{${evil},"input_tokens":1,"output_tokens":1,"total_tokens":2}`;
      const call = `{${evil},"type":"image_generation_call","id":"__proto__","status":"completed","result":"iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91Jpz"}`;
      const message = `{${evil},"type":"message","content":[{${evil},"type":"output_text","text":"__proto__"}]}`;
      const document = `{${evil},"id":"__proto__","name":"__proto__","version":"__proto__","definition":{${evil}},"versions":{${evil},"latest":{${evil},"id":"a"}},
        "metadata":{${evil}},"status":"completed","created":1,"created_at":1,"usage":${usage},"data":[${picture}],"output":[${call},${message}],"deleted":true}`;
      const error = `{${evil},"error":{${evil},"code":"__proto__","message":"__proto__","param":"__proto__","inner_error":{${evil},"content_filter_results":
        {${evil},"__proto__":{"filtered":true,"severity":"__proto__"}}}}}`;
      const found: string[] = [];
      const seen = new Set<unknown>();
      const look = (value: unknown, path: string): void => {
        if (typeof value !== "object" || value === null || seen.has(value)) return;
        seen.add(value);
        // A member of that name is what came; one that is inherited is not.
        if ("polluted" in value && !Object.hasOwn(value, "polluted")) found.push(path);
        for (const name of Object.getOwnPropertyNames(value)) look(Object.getOwnPropertyDescriptor(value, name)?.value, `${path}.${name}`);
      };
      const ok = [];
      for (const [status, body] of [
        [200, document],
        [200, `data: ${document}\n\n`],
        [200, error],
        [400, error],
        [429, error],
      ] as const) {
        const fetch = async () => new Response(body, { status, headers: { "x-request-id": "__proto__", "apim-request-id": "__proto__" } });
        const options = { deployment: "x", fetch, retryOptions: { maxRetries: 0 } };
        const client = new azure.AzureImageClient(`${location.origin}/api/projects/mine`, null, options);
        for (const [name, way] of Object.entries(ways)) {
          try {
            look(await way(client), name);
            ok.push(name);
          } catch (error) {
            look(error, name);
            if (!(error instanceof azure.AzureImageError)) found.push(`${name} throws ${error}`);
          }
        }
      }
      look(globalThis.azure, "azure");
      return {
        found,
        ok: new Set(ok).size,
        polluted: [({} as { polluted?: unknown }).polluted, ([] as { polluted?: unknown }).polluted, globalThis.polluted],
      };
    });
    expect(report).toMatchObject({ found: [], polluted: [undefined, undefined, undefined] });
    // So that it was read, and not only refused.
    expect(report.ok).toBeGreaterThan(8);
  });
});

test.describe("the page", () => {
  test("a credential stays in memory: it is in no storage, cookie, address, entry or description", { tag: "@browser" }, async ({
    page,
    simulator,
  }) => {
    const report = await page.evaluate(async (endpoint) => {
      const key = "simulator-key";
      const options = { deployment: "gpt-image-1" } as ClientOptions;
      const client = new azure.AzureImageClient(endpoint, { key }, options);
      const wrong = new azure.AzureImageClient(endpoint, { key: `${key}-wrong` }, options);
      const outcomes = [await helpers.outcome(client.generate({ prompt: "a lake" })), await helpers.outcome(wrong.generate({ prompt: "a lake" }))];
      const databases = await indexedDB.databases();
      const caches_ = "caches" in globalThis ? await caches.keys() : [];
      const entries = performance.getEntries().map(({ name }) => name);
      const described = [client, client.getEndpoint(), client.responses, client.files].map(
        (value) => `${value} ${JSON.stringify(value)} ${Object.keys(value)}`,
      );
      const texts = [
        { ...localStorage },
        { ...sessionStorage },
        document.cookie,
        location.href,
        history.state,
        databases,
        caches_,
        entries,
        described,
        options,
      ];
      return { found: JSON.stringify(texts).includes(key), codes: outcomes.map(({ error }) => error?.code), entries: entries.length };
    }, simulator.url);
    expect(report).toMatchObject({ found: false, codes: [undefined, "authentication"] });
    expect(report.entries).toBeGreaterThan(0);
  });
});

interface Locked {
  integrity?: string;
  resolved?: string;
  link?: boolean;
  inBundle?: boolean;
}

test.describe("the dependencies", () => {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const read = (path: string) => readFileSync(join(root, path), "utf8");

  test("what builds and tests it is written down by its hash, and comes from the registries", () => {
    for (const path of ["package-lock.json", "tests/packaging/everyday/package-lock.json", "tests/packaging/nightly/package-lock.json"]) {
      const { packages } = JSON.parse(read(path)) as { packages: Record<string, Locked> };
      const foreign = Object.entries(packages).filter(([path, { integrity, resolved, link, inBundle }]) => {
        // A bundled package is part of another one, and covered by its hash.
        const isOurs = !path.includes("node_modules/") || link || inBundle;
        return !isOurs && (!integrity?.startsWith("sha512-") || (resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/")));
      });
      expect(foreign, path).toEqual([]);
    }
    for (const [path, names] of [
      ["Cargo.lock", ["azure-image-client", "xtask"]],
      ["tests/fuzz/Cargo.lock", ["azure-image-client", "azure-image-client-fuzz"]],
    ] as const) {
      const crates = read(path).split("[[package]]").slice(1);
      const ours = crates.filter((crate) => !/^source = "registry\+https:\/\/github\.com\/rust-lang\/crates\.io-index"$/m.test(crate));
      expect(ours.map((crate) => /^name = "(.+)"$/m.exec(crate)?.[1])).toEqual(names);
      for (const crate of crates) if (!ours.includes(crate)) expect(crate).toMatch(/^checksum = "[0-9a-f]{64}"$/m);
    }
    const python = read("scripts/requirements.lock").split(/^(?=[a-z])/m);
    for (const entry of python.slice(1)) expect(entry).toMatch(/^\S+==\S+( ; .+)? \\\n {4}--hash=sha256:[0-9a-f]{64}/);
    for (const path of ["scripts/requirements.txt", "simulator/tests/requirements.txt"]) {
      const asked = read(path).match(/^[a-z].*$/gm);
      for (const requirement of asked!)
        expect(
          python.some((entry) => entry.startsWith(`${requirement} `)),
          requirement,
        ).toBe(true);
    }
  });

  test("nothing runs when it is installed", () => {
    for (const path of ["package.json", "simulator/package.json"]) {
      const { scripts = {} } = JSON.parse(read(path)) as { scripts?: Record<string, string> };
      expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
    }
  });

  test("no code of ours is unsafe", () => {
    const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".rs"));
    expect(files.length).toBeGreaterThan(40);
    for (const path of files)
      expect(read(join("src", path)).replace('#![cfg_attr(not(target_arch = "wasm32"), forbid(unsafe_code))]', ""), path).not.toMatch(
        /\bunsafe(_code)?\b/,
      );
    expect(read("src/lib.rs")).toContain("forbid(unsafe_code)");
    expect(read("Cargo.toml")).toContain('unsafe_code = "deny"');
  });
});
