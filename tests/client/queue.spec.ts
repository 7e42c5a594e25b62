import { createServer, type ServerResponse } from "node:http";
import { expect, test as base } from "./fixtures.js";
import { listen } from "../ports.js";

/** A service over HTTP/1.1 that starts each image response at once and ends it when told to. */
interface Service {
  origin: string;
  /** The most requests that were open at the same time. */
  most: () => number;
}

const IMAGE = JSON.stringify({
  data: [{ b64_json: "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=" }],
});

const test = base.extend<{ service: Service }>({
  service: async ({}, use) => {
    const open = new Set<ServerResponse>();
    let most = 0;
    let holds = true;
    const end = (response: ServerResponse) => {
      open.delete(response);
      response.end(IMAGE);
    };
    const server = createServer((request, response) => {
      response.setHeaders(
        new Map([
          ["access-control-allow-origin", "*"],
          ["access-control-allow-methods", "*"],
          ["access-control-allow-headers", "*"],
          ["access-control-max-age", "600"],
        ]),
      );
      response.on("error", () => {});
      request.resume();
      if (request.url?.includes("/files")) return void response.end('{"object":"list","data":[],"has_more":false}');
      if (request.url === "/end") {
        holds = false;
        for (const held of open) end(held);
        return void response.end();
      }
      if (request.method !== "POST") return void response.end();
      open.add(response);
      response.on("close", () => open.delete(response));
      most = Math.max(most, open.size);
      // Firefox reports a response with its first byte, not with its headers.
      response.writeHead(200, { "content-type": "application/json" }).write(" ");
      if (!holds) setImmediate(() => end(response));
    });
    await use({ origin: `http://127.0.0.1:${await listen(server)}`, most: () => most });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
});

test("a request that waits for others uses up no timeout, shares the token of the others, and short requests pass it", { tag: "@browser" }, async ({
  page,
  service,
}) => {
  const report = await page.evaluate(async (endpoint) => {
    await azure.init();
    let tokens = 0;
    const timeoutInMs = 1000;
    const credential = () => `token-${(tokens += 1)}`;
    const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1", timeoutInMs });
    const stages = new Map<number, string[]>();
    let started!: () => void;
    const running = new Promise<void>((resolve) => (started = resolve));
    const calls = Array.from({ length: 9 }, (_, call) => {
      const seen: string[] = [];
      stages.set(call, seen);
      const onProgress = ({ stage }: { stage: string }) => {
        if (seen.at(-1) !== stage) seen.push(stage);
        if ([...stages.values()].filter((all) => all.includes("receiving")).length === 5) started();
      };
      return helpers.outcome(client.generate({ prompt: "a lake" }, { onProgress }));
    });
    await running;
    const queued = [...stages.values()].map((seen) => seen.at(-1));
    // One of the browser's six connections is free.
    let files = 0;
    for await (const _ of client.files.list()) files += 1;
    // The timeout passes for the waiting calls.
    await new Promise((resolve) => setTimeout(resolve, 2 * timeoutInMs));
    await fetch(`${endpoint}/end`);
    const outcomes = await Promise.all(calls);
    return { queued, files, tokens, errors: outcomes.map(({ error }) => error?.message), last: stages.get(8) };
  }, service.origin);
  expect(report.errors).toEqual(Array(9).fill(undefined));
  expect(report.queued).toEqual([...Array(5).fill("receiving"), ...Array(4).fill("queued")]);
  expect(report).toMatchObject({ files: 0, tokens: 2, last: ["authenticating", "queued", "waiting", "receiving", "completed"] });
  expect(service.most()).toBe(5);
});

test("a waiting call can be aborted at once, is free, and does not hold up the ones behind it", async ({ page, service }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "a-key" }, { deployment: "gpt-image-1", maxParallelRequests: 1 });
    const start = (abortSignal?: AbortSignal, totalTimeoutInMs = 0) => {
      let reach!: (stage: string) => void;
      const reached = new Promise<string>((resolve) => (reach = resolve));
      const onProgress = ({ stage }: { stage: string }) => ["queued", "receiving"].includes(stage) && reach(stage);
      const options = {
        onProgress: (progress: { stage: string }) => void onProgress(progress),
        totalTimeoutInMs,
        ...(abortSignal && { abortSignal }),
      };
      return { reached, outcome: helpers.outcome(client.generate({ prompt: "a lake" }, options)) };
    };
    const first = start();
    await first.reached;
    const controller = new AbortController();
    const aborted = start(controller.signal);
    const late = start(undefined, 100);
    const last = start();
    const stages = await Promise.all([aborted, late, last].map(({ reached }) => reached));
    controller.abort();
    const errors = await Promise.all([aborted, late].map(async ({ outcome }) => (await outcome).error));
    await fetch(`${endpoint}/end`);
    return { stages, errors, images: [(await first.outcome).ok?.images.length, (await last.outcome).ok?.images.length] };
  }, service.origin);
  expect(report).toMatchObject({ stages: ["queued", "queued", "queued"], images: [1, 1] });
  expect(report.errors.map((error) => [error?.code, error?.billed])).toEqual([
    ["cancelled", "no"],
    ["timeout", "no"],
  ]);
  for (const error of report.errors) expect(error?.message).toContain("before anything was sent");
  expect(service.most()).toBe(1);
});

test("each client has a queue of its own, and runs at least one request", async ({ page, service }) => {
  await page.evaluate(async (endpoint) => {
    const outcomes: Promise<unknown>[] = [];
    const receiving = [0, 1].map((maxParallelRequests) => {
      const client = new azure.AzureImageClient(endpoint, { key: "a-key" }, { deployment: "gpt-image-1", maxParallelRequests });
      return new Promise<void>((resolve) => {
        outcomes.push(client.generate({ prompt: "a lake" }, { onProgress: ({ stage }) => stage === "receiving" && resolve() }));
      });
    });
    await Promise.all(receiving);
    await fetch(`${endpoint}/end`);
    await Promise.all(outcomes);
  }, service.origin);
  expect(service.most()).toBe(2);
});
