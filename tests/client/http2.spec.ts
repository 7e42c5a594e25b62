// As Azure and most proxies are spoken to: over TLS, by HTTP/2, where all requests of a page share one connection.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { constants, createSecureServer, type ServerHttp2Stream } from "node:http2";
import { json } from "node:stream/consumers";
import type { AzureImageErrorCode } from "../../js/index.js";
import { nginx, WITHOUT_NGINX } from "../nginx.js";
import { listen } from "../ports.js";
import { expect, type Outcome, sent } from "./fixtures.js";
import { MEBIBYTE, watchHeld } from "./held.js";
import { openssl, PREVIEW, test as base, WITHOUT_OPENSSL } from "./proxied.js";
import { STREAM } from "./samples.js";

/** The beginning of one, with its size. */
const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452000004000000040008060000007f1d2b83", "hex");

/** What a server of the test does with a request for a picture. */
type Serve = (stream: ServerHttp2Stream, body: { prompt: string }) => void;

declare global {
  var calls: { types: string[]; outcome: Promise<Outcome> }[];
}

const test = base.extend<{ serve(serve: Serve): Promise<string> }>({
  // Starts a server, and gives its address.
  serve: async ({ certificate }, use) => {
    const [cert, key] = await Promise.all([readFile(certificate.cert), readFile(certificate.key)]);
    const cors = { "access-control-allow-origin": "*", "access-control-allow-headers": "api-key, content-type" };
    const server = createSecureServer({ cert, key });
    await use(async (serve) => {
      server.on("stream", (stream, { ":method": method }) => {
        // A page that goes away is no fault of the server's.
        stream.on("error", () => {});
        stream.respond({ ":status": 200, ...cors });
        if (method !== "POST") return stream.end();
        void json(stream).then((body) => serve(stream, body as { prompt: string }));
      });
      return `https://127.0.0.1:${await listen(server)}`;
    });
    server.close();
  },
});

/** It is left to idleTimeoutInMs. */
const NOT_TOLD = "WebKitGTK tells of no stream of HTTP/2 that breaks";

test.skip(!openssl, WITHOUT_OPENSSL);

test.describe("behind a proxy", () => {
  test.skip(!nginx, WITHOUT_NGINX);

  test("each fault of the service behind it is what it is, is asked for once, and the next call works", { tag: "@nightly" }, async ({
    page,
    proxied,
    simulator,
    engine,
  }) => {
    test.skip(engine === "webkit", NOT_TOLD);
    for (const [words, expected] of [
      ["truncate=50%", { code: "stream_truncated" }],
      ["reset=50%", { code: "connection" }],
      // The proxy's own 502 allows no page to read it.
      ["reset=before-headers", { code: "connection" }],
      ["status=504", { code: "service", status: 504 }],
      ["content-policy", { code: "content_filter", status: 400 }],
    ] as const) {
      simulator.reset();
      const report = await page.evaluate(
        async ([endpoint, words]) => {
          const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
          const { error } = await helpers.outcome(client.generateStream({ prompt: `a lake [${words}]`, partialImages: 1 }).result());
          return { error, next: await helpers.outcome(client.generate({ prompt: "a lake" })) };
        },
        [proxied, words] as const,
      );
      expect(report.error, words).toMatchObject(expected);
      expect(report.next.ok?.images, words).toHaveLength(1);
      expect(simulator.requests.filter(({ method }) => method === "POST")).toHaveLength(2);
    }
  });

  test("a cancelled stream ends the request at the service, and leaves the others of its connection alone", { tag: "@nightly" }, async ({
    page,
    proxied,
    simulator,
  }) => {
    const report = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      const other = client.generateStream({ prompt: "a lake [chunk=50000] [delay=1]", partialImages: 2 });
      const stream = client.generateStream({ prompt: "a sea [stall]", partialImages: 2 });
      for await (const _ of stream) break;
      return { left: await helpers.outcome(stream.result()), other: await helpers.outcome(other.result()) };
    }, proxied);
    expect(report.left.error).toMatchObject({ code: "cancelled", billed: "unknown" });
    expect(report.other.ok?.images).toHaveLength(1);
    await expect.poll(() => simulator.activeRequests).toBe(0);
    expect(simulator.requests.filter(({ aborted }) => aborted)).toHaveLength(1);
  });

  test("a proxy that holds the answer back costs no event, no picture and no memory", { tag: "@nightly" }, async ({ page, proxied, holding }) => {
    const begin = (endpoint: string) => {
      const client = new azure.AzureImageClient(endpoint, { key: "a-key" }, { deployment: "gpt-image-1" });
      const stream = client.generateStream({ prompt: "a lake", partialImages: 2 });
      const call = { types: [] as string[], outcome: helpers.outcome(stream.result()) };
      void (async () => {
        for await (const { type } of stream) call.types.push(type);
      })();
      (globalThis.calls ??= []).push(call);
    };
    const types = () => page.evaluate(() => calls.map(({ types }) => types));
    // One after the other: when the preview of the second is there, that of the first has long been sent.
    for (const [index, path] of ["/buffered/holding", "/holding"].entries()) {
      await page.evaluate(begin, proxied + path);
      await expect.poll(() => holding.held.length).toBe(index + 1);
    }
    await expect.poll(types).toEqual([[], ["partialImage"]]);
    for (const response of holding.held) response.end(STREAM.slice(PREVIEW.length));
    const outcomes = await page.evaluate(() => Promise.all(calls.map(({ outcome }) => outcome)));
    expect(await types()).toEqual(Array(2).fill(["partialImage", "partialImage", "image"]));
    const { b64_json } = JSON.parse(STREAM.slice(STREAM.lastIndexOf("data: ") + 6)) as { b64_json: string };
    const sha256 = createHash("sha256").update(b64_json, "base64").digest("hex");
    for (const { ok } of outcomes) expect(ok?.images).toMatchObject([{ sha256 }]);
    expect(await page.evaluate(() => helpers.memory())).toBeLessThanOrEqual(4 * MEBIBYTE);
  });

  test("a proxy that holds back what does not end is named when nothing more comes", { tag: "@nightly" }, async ({ page, proxied, simulator }) => {
    // Of the preview its end is held back, since no buffer is full with it.
    for (const path of ["/buffered", ""]) {
      simulator.reset();
      const { error } = await page.evaluate(async (endpoint) => {
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", idleTimeoutInMs: 1000 });
        return helpers.outcome(client.generateStream({ prompt: "a lake [stall=after-first-preview]", partialImages: 2 }).result());
      }, proxied + path);
      expect(error, path).toMatchObject({ code: "timeout", billed: "unknown" });
      const [preview, ...more] = sent(simulator, "partial");
      expect([typeof preview, more], path).toEqual(["string", []]);
      expect(error?.lastPartialImage?.sha256, path).toBe(path === "/buffered" ? undefined : preview);
      expect(error?.message, path).toMatch(/idleTimeout.*proxy/s);
      await expect.poll(() => simulator.activeRequests).toBe(0);
    }
  });
});

/** What a server does with a stream of HTTP/2 that no proxy would. */
const FAULTS: Record<string, { fail(stream: ServerHttp2Stream): void; code: AzureImageErrorCode }> = {
  "resets the stream behind a preview": {
    fail: (stream) => stream.write(PREVIEW, () => stream.destroy(new Error("of the server"))),
    code: "connection",
  },
  "ends the stream behind a preview": { fail: (stream) => stream.end(PREVIEW), code: "stream_truncated" },
  "goes away behind a preview, and closes the connection": {
    fail: (stream) =>
      stream.write(PREVIEW, () => {
        stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
        stream.session?.destroy();
      }),
    code: "connection",
  },
};

test("what breaks a stream is no success, is asked for once, and the next call works", { tag: "@nightly" }, async ({ page, serve, engine }) => {
  let fail: ((stream: ServerHttp2Stream) => void) | undefined;
  let posts = 0;
  const endpoint = await serve((stream) => {
    posts += 1;
    if (fail) fail(stream);
    else stream.end(STREAM);
    fail = undefined;
  });
  for (const [what, fault] of Object.entries(FAULTS)) {
    [posts, fail] = [0, fault.fail];
    const isTold = engine !== "webkit" || fault.code !== "connection";
    const report = await page.evaluate(
      async ([endpoint, isTold]) => {
        const options = { deployment: "gpt-image-1", ...(!isTold && { idleTimeoutInMs: 1000 }) };
        const client = new azure.AzureImageClient(endpoint, { key: "a-key" }, options);
        const call = () => helpers.outcome(client.generateStream({ prompt: "a lake", partialImages: 1 }).result());
        return { first: await call(), next: await call(), memory: helpers.memory() };
      },
      [endpoint, isTold] as const,
    );
    expect(report.first.error, what).toMatchObject({ code: isTold ? fault.code : "timeout", billed: "unknown" });
    // What a page has not read yet when its connection breaks, the browser drops.
    if (fault.code !== "connection") expect(report.first.error?.lastPartialImage, what).toBeDefined();
    expect(report.next.ok?.images, what).toHaveLength(1);
    expect(posts, what).toBe(2);
    expect(report.memory, what).toBeLessThanOrEqual(4 * MEBIBYTE);
  }
});

test("64 streams at once share one connection, each with its own picture, and little memory", { tag: "@nightly" }, async ({
  page,
  serve,
  engine,
}) => {
  test.skip(engine === "webkit", "WebKitGTK does not send 64 requests at the same time");
  const waiting: { stream: ServerHttp2Stream; rest: Buffer }[] = [];
  const sessions = new Set<unknown>();
  const endpoint = await serve((stream, { prompt }) => {
    sessions.add(stream.session);
    const picture = Buffer.concat([PNG, Buffer.alloc(200_000, Number(prompt))]);
    const event = { type: "image_generation.completed", b64_json: picture.toString("base64") };
    waiting.push({ stream, rest: Buffer.from(`${PREVIEW}data: ${JSON.stringify(event)}\n\n`) });
    if (waiting.length < 64) return;
    // Only now, so that all are there at once; and all in small pieces, so that they stay so.
    for (let start = 0; start < 300_000; start += 20_000) for (const { stream, rest } of waiting) stream.write(rest.subarray(start, start + 20_000));
    for (const { stream } of waiting) stream.end();
  });
  const held = engine === "chromium" ? await watchHeld(page) : undefined;
  const before = await held?.();
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "a-key" }, { deployment: "gpt-image-1", maxParallelRequests: 64 });
    const { signal: ofTheTest } = new AbortController();
    const abortSignal = globalThis.signal ?? ofTheTest;
    const one = async (_: unknown, index: number) => {
      const types = [];
      const stream = client.generateStream({ prompt: String(index), partialImages: 1 }, { abortSignal });
      for await (const { type, image } of stream) {
        void image.objectUrl;
        types.push(type);
      }
      const [image] = (await stream.result()).images;
      const last = (await image?.bytes())?.at(-1);
      image?.dispose();
      return [...types, image?.byteLength, last];
    };
    const streams = await Promise.all(Array.from({ length: 64 }, one));
    return { streams, memory: helpers.memory() };
  }, endpoint);
  expect(report.streams).toEqual(Array.from({ length: 64 }, (_, index) => ["partialImage", "image", PNG.length + 200_000, index]));
  expect(sessions.size).toBe(1);
  // As memory.spec.ts has it: each further picture at the same time takes a quarter of a mebibyte.
  expect(report.memory).toBeLessThanOrEqual((4 + 63 / 4) * MEBIBYTE);
  const after = await held?.();
  if (!before || !after) return;
  expect(after).toMatchObject({ urls: 0, signalListeners: 0, listeners: before.listeners });
  expect(after.heap).toBeLessThan(before.heap + MEBIBYTE);
});
