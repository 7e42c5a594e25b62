import { existsSync } from "node:fs";
import type { Page } from "@playwright/test";
import type { EngineName } from "./engines/start.js";
import { expect, test, type Outcome } from "./fixtures.js";
import { MEBIBYTE } from "./held.js";
import { FOLDERS, startPageServer } from "./page-server.js";
import type { Credential } from "../../js/index.js";

const { DRILL } = (await import(String(new URL("../../scripts/build.mjs", import.meta.url)))) as { DRILL: string };

/** With a build of the engine that panics when it is told to. */
const drill = test.extend({
  pages: [
    async ({}, use) => {
      if (!existsSync(DRILL)) throw new Error("The engine that panics is not there: node scripts/build.mjs drill");
      const server = await startPageServer([["/azure-image-client/wasm/", DRILL], ...FOLDERS]);
      await use(server);
      await server.close();
    },
    { scope: "worker" },
  ],
});

/** Counts, from now on, the clients of an engine that is gone whose finalizers have run. */
async function watchFinalizers(page: Page): Promise<void> {
  await page.evaluate(() => {
    globalThis.finalizedClients = 0;
    let newest = 0;
    const { register } = FinalizationRegistry.prototype;
    // The glue's finalizers look first at the instance that an object belongs to, and free it only there.
    FinalizationRegistry.prototype.register = function (target, held: { instance: number; ptr?: number }, ...token) {
      newest = Math.max(newest, held.instance);
      const watched = {
        ...held,
        get instance() {
          if (held.ptr && held.instance < newest) finalizedClients += 1;
          return held.instance;
        },
      };
      register.call(this, target, held.ptr ? watched : held, ...token);
    };
  });
}

/**
 * Calls once more by clients that had calls in the engine that died, so many, which the page keeps as `survivors`; and again when
 * what they had there is collected.
 */
async function callAgain(page: Page, engine: EngineName, count: number): Promise<void> {
  const call = () => page.evaluate(() => Promise.all(survivors.map((client) => helpers.outcome(client.generate({ prompt: "a" })))));
  const pictures = (outcomes: Outcome[]) => outcomes.map(({ ok, error }) => error?.message ?? ok?.images.length);
  const each = Array(count).fill(1);
  expect(pictures(await call())).toEqual(each);
  // The others collect when they like.
  if (engine !== "chromium") return;
  const collect = () =>
    page.evaluate(async () => {
      // From a task: a collection within a call takes every value on the stack for a reference.
      await globalThis.gc?.({ type: "major", execution: "async" });
      return finalizedClients;
    });
  await expect.poll(collect, "clients that were collected").toBeGreaterThanOrEqual(count);
  expect(pictures(await call())).toEqual(each);
}

test("a defect of the engine ends every call, leaves nothing behind, and the next call starts afresh", { tag: "@browser" }, async ({
  page,
  simulator,
  engine,
}) => {
  // The page's console shows it too, as it should.
  page.removeAllListeners("pageerror");
  await watchFinalizers(page);
  const report = await page.evaluate(async (endpoint) => {
    let crashes = true;
    const fetchCrash = async (request: Request) => {
      if (!crashes) return fetch(request);
      crashes = false;
      return helpers.crashingResponse();
    };
    const make = (options = {}) => new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", ...options });
    const signals = Array.from({ length: 3 }, () => new AbortController().signal);

    const until = (is: (progress: import("../../js/index.js").Progress) => boolean) => {
      let onProgress!: (progress: import("../../js/index.js").Progress) => void;
      const reached = new Promise<void>((resolve) => (onProgress = (progress) => is(progress) && resolve()));
      return { onProgress, reached };
    };
    const inWait = until(({ retry }) => retry !== undefined);
    const withPreview = until(({ partialImages }) => partialImages > 0);
    const dyer = make({ fetch: fetchCrash });
    const [waiter, streamer] = [make(), make()];
    const waiting = helpers.outcome(
      waiter.generate({ prompt: "a [status=429] [retry-after=60]" }, { abortSignal: signals[0]!, onProgress: inWait.onProgress }),
    );
    const streaming = helpers.outcome(
      streamer
        .generateStream(
          { prompt: "a [stall=after-first-preview]", partialImages: 2 },
          { abortSignal: signals[1]!, onProgress: withPreview.onProgress },
        )
        .result(),
    );
    let probeAborted = false;
    const asked = new Promise<void>((resolve) => {
      const fetch = (request: Request) => {
        request.signal.addEventListener("abort", () => (probeAborted = true));
        resolve();
        return new Promise<never>(() => {});
      };
      probing = make({ fetch })
        .probe({ abortSignal: signals[2]! })
        .then(() => undefined, helpers.describeError);
    });
    await Promise.all([inWait.reached, withPreview.reached, asked]);

    const dying = await helpers.outcome(dyer.generate({ prompt: "a" }));
    const errors = [dying.error, (await waiting).error, (await streaming).error, await probing];
    const next = await helpers.outcome(make().generate({ prompt: "a" }));
    globalThis.survivors = [dyer, waiter, streamer];
    return { errors, next: next.ok?.images.length, probeAborted, listeners: signals.map(helpers.listenersOf) };
  }, simulator.url);
  expect(report.errors.map((error) => error?.code)).toEqual(Array(4).fill("internal"));
  expect(report.errors.map((error) => error?.billed)).toEqual(["unknown", "no", "unknown", "no"]);
  expect(report.errors[0]?.message).toMatch(/bug in azure-image-client/i);
  expect(report.errors[2]?.lastPartialImage).toBeDefined();
  expect(report).toMatchObject({ next: 1, probeAborted: true, listeners: [0, 0, 0] });
  await callAgain(page, engine, 3);
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("a failed token request does not hide that another request of the call may be billed", { tag: "@browser" }, async ({ page, simulator }) => {
  page.removeAllListeners("pageerror");
  const billed = await page.evaluate(async (endpoint) => {
    const make = (credential: Credential, fetch: (request: Request) => Promise<Response>) =>
      new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1", maxParallelRequests: 2, fetch });
    // A bare string has no known expiry, so the third request needs another one.
    let asked = 0;
    let hasFailed: () => void;
    const failed = new Promise<void>((resolve) => (hasFailed = resolve));
    const credential = () => {
      asked += 1;
      if (asked === 1) return "simulator-token";
      hasFailed();
      throw new Error("no token");
    };
    let sent = 0;
    const client = make(credential, (request) => ((sent += 1) === 1 ? fetch(request) : new Promise(() => {})));
    const call = helpers.outcome(client.generateStream({ prompt: "a", n: 3, quality: "low" }).result());
    await failed;
    // By the end of this call, the failure has been handled.
    await make({ key: "simulator-key" }, fetch).generate({ prompt: "a", quality: "low" });
    await helpers.outcome(make({ key: "simulator-key" }, async () => helpers.crashingResponse()).generate({ prompt: "a" }));
    const { error } = await call;
    return { asked, sent, code: error?.code, billed: error?.billed };
  }, simulator.url);
  expect(billed).toEqual({ asked: 2, sent: 2, code: "internal", billed: "unknown" });
});

/** Everything that can be under way when the engine dies; each leaves the question of its billing as it is. */
const IN_FLIGHT = {
  generate: "unknown",
  generateStream: "unknown",
  edit: "unknown",
  editStream: "unknown",
  "responses.create": "unknown",
  "responses.stream": "unknown",
  "responses.start": "unknown",
  "responses.resume": "unknown",
  "responses.get": "no",
  "responses.cancel": "no",
  "responses.delete": "no",
  "files.upload": "no",
  "files.list": "no",
  "conversations.create": "no",
  "agents.createVersion": "no",
  "agents.list": "no",
  probe: "no",
};

/** Where the defect is: a panic or a trap, in what an export does at once, or behind a wait. */
for (const where of ["panicAtOnce", "panicBehindAWait", "generate", "validate", "estimate", "an answer"] as const) {
  const isPanic = where === "panicAtOnce" || where === "panicBehindAWait";
  (isPanic ? drill : test)(
    `a defect of the engine within ${where} ends every kind of call, once each, and the next one starts afresh`,
    { tag: where === "panicBehindAWait" || where === "an answer" ? "@browser" : "@nightly" },
    async ({ page, simulator, engine }) => {
      page.removeAllListeners("pageerror");
      await watchFinalizers(page);
      const report = await page.evaluate(
        async ([endpoint, where]) => {
          let isArmed = false;
          // What the end of the memory or of the stack does, in exports without a way to cause one: it traps, and tells nobody.
          const trapping = (real: WebAssembly.Instance): { exports: WebAssembly.Exports } => {
            const exports = { ...real.exports } as Record<string, (...parameters: unknown[]) => unknown>;
            for (const name of ["client_generate", "client_validate", "client_estimate"].filter((name) => name in exports)) {
              const original = exports[name]!;
              exports[name] = (...parameters) => {
                if (!isArmed) return original(...parameters);
                throw new WebAssembly.RuntimeError("unreachable");
              };
            }
            return { exports };
          };
          const { instantiate, instantiateStreaming } = WebAssembly;
          Object.assign(WebAssembly, {
            instantiate: async (...parameters: [WebAssembly.Module, WebAssembly.Imports]) => trapping(await instantiate(...parameters)),
            instantiateStreaming: async (...parameters: Parameters<typeof instantiateStreaming>) => {
              const { instance, module } = await instantiateStreaming(...parameters);
              return { instance: trapping(instance), module };
            },
          });

          const make = (options = {}) =>
            new azure.AzureImageClient(`${endpoint}/api/projects/mine`, { key: "simulator-key" }, { deployment: "gpt-image-1", ...options });
          const { signal: abortSignal } = new AbortController();
          let asked = 0;
          let aborted = 0;
          let allAsked: () => void = () => {};
          let isDead = false;
          const client = make({
            maxParallelRequests: 20,
            fetch: (request: Request) => {
              if (isDead) return fetch(request);
              const { signal } = request;
              signal.addEventListener("abort", () => (aborted += 1));
              asked += 1;
              allAsked();
              return new Promise(() => {});
            },
          });
          const image = new Blob([Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91Jpz"), (letter) => letter.charCodeAt(0))], {
            type: "image/png",
          });
          const options = { abortSignal };
          const first = (list: AsyncIterable<unknown>) => list[Symbol.asyncIterator]().next();
          const response = { model: "gpt-4.1", input: "a" };
          const calls: Record<string, () => Promise<unknown>> = {
            generate: () => client.generate({ prompt: "a" }, options),
            generateStream: () => client.generateStream({ prompt: "a" }, options).result(),
            edit: () => client.edit({ prompt: "a", image }, options),
            editStream: () => client.editStream({ prompt: "a", image }, options).result(),
            "responses.create": () => client.responses.create(response, options),
            "responses.stream": () => client.responses.stream(response, options).result(),
            "responses.start": () => client.responses.start(response, options),
            "responses.resume": () => client.responses.resume("resp_1", options).result(),
            "responses.get": () => client.responses.get("resp_1", options),
            "responses.cancel": () => client.responses.cancel("resp_1", options),
            "responses.delete": () => client.responses.delete("resp_1", options),
            "files.upload": () => client.files.upload(image, options),
            "files.list": () => first(client.files.list(options)),
            "conversations.create": () => client.conversations.create({}, options),
            "agents.createVersion": () => client.agents.createVersion("painter", { model: "gpt-4.1" }, options),
            "agents.list": () => first(client.agents.list(options)),
            probe: () => client.probe(options),
          };
          const reached = new Promise<void>((resolve) => (allAsked = () => asked === Object.keys(calls).length && resolve()));
          const waiting = Object.entries(calls).map(async ([name, call]) => [name, (await helpers.settled(call)).error] as const);
          await reached;

          const dyer = make({ fetch: async (request: Request) => (isDead || where !== "an answer" ? fetch(request) : helpers.crashingResponse()) });
          isArmed = where !== "an answer";
          const dying = await helpers.settled(async () => {
            if (where === "an answer") await dyer.generate({ prompt: "a" });
            else if (where === "panicAtOnce" || where === "panicBehindAWait") {
              const glue: Record<typeof where, () => Promise<void> | void> = await import(
                `${location.origin}/azure-image-client/wasm/azure_image_client.js`
              );
              // What panics behind a wait never settles.
              void glue[where]();
            } else await dyer[where]({ prompt: "a" });
          });
          isArmed = false;
          isDead = true;
          const ended = await Promise.all(waiting);
          const next = await helpers.outcome(make().generate({ prompt: "a" }));
          // Of a panic that it is told to, no client is the cause.
          globalThis.survivors = where.startsWith("panic") ? [client] : [dyer, client];
          return {
            dying: { code: dying.error?.code, billed: dying.error?.billed },
            codes: [...new Set(ended.map(([, error]) => error?.code))],
            billed: Object.fromEntries(ended.map(([name, error]) => [name, error?.billed])),
            ...{ next: next.ok?.images.length, unclosed: asked - aborted, listeners: helpers.listenersOf(abortSignal) },
          };
        },
        [simulator.url, where] as const,
      );
      expect(report).toEqual({
        // Where nothing was sent, nothing is billed.
        dying: isPanic ? {} : { code: "internal", billed: where === "an answer" ? "unknown" : "no" },
        codes: ["internal"],
        billed: IN_FLIGHT,
        ...{ next: 1, unclosed: 0, listeners: 0 },
      });
      await callAgain(page, engine, isPanic ? 1 : 2);
    },
  );
}

test("the end of the memory ends every call, and the next one starts afresh", { tag: "@browser" }, async ({ page, simulator, engine }) => {
  page.removeAllListeners("pageerror");
  await watchFinalizers(page);
  const report = await page.evaluate(async (endpoint) => {
    const make = (options = {}) => new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", ...options });
    const waiter = make();
    const withPreview = new Promise<void>((resolve) => {
      const call = waiter.generateStream(
        { prompt: "a [stall=after-first-preview]", partialImages: 2 },
        { onProgress: ({ partialImages }) => partialImages > 0 && resolve() },
      );
      waiting = helpers.outcome(call.result());
    });
    await withPreview;
    const [memory] = helpers.memories;
    for (let pages = 65_536; pages >= 1; ) {
      try {
        memory!.grow(pages);
      } catch {
        pages = Math.floor(pages / 2);
      }
    }
    // Of this the engine keeps more than there is room for.
    const delta = JSON.stringify({ type: "response.output_text.delta", delta: "t".repeat(900_000) });
    const talk = async () => new Response(`data: ${delta}\n\n`.repeat(100), { headers: { "content-type": "text/event-stream" } });
    const fetchOrTalk = (request: Request) => (request.url.includes("/responses") ? talk() : fetch(request));
    const dyer = make({ fetch: fetchOrTalk, maxEventBytes: 1_000_000_000 });
    const talking = dyer.responses.stream({ model: "m", input: "a" });
    const dying = await helpers.responseOutcome(talking.result());
    const errors = [dying.error, (await waiting).error];
    const next = await helpers.outcome(make().generate({ prompt: "a" }));
    globalThis.survivors = [dyer, waiter];
    return { errors, next: next.ok?.images.length, memory: helpers.memories.at(-1)!.buffer.byteLength };
  }, simulator.url);
  expect(report.errors.map((error) => error?.code)).toEqual(["internal", "internal"]);
  expect(report.next).toBe(1);
  expect(report.memory).toBeLessThan(16 * MEBIBYTE);
  await callAgain(page, engine, 2);
});

declare global {
  var survivors: import("../../js/index.js").AzureImageClient[];
  var finalizedClients: number;
  var waiting: Promise<import("./fixtures.js").Outcome>;
  var probing: Promise<import("./fixtures.js").ErrorReport | undefined>;
}
