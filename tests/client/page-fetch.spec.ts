import { expect, test } from "./fixtures.js";

declare global {
  /** A generated image as JSON. */
  var answer: string;
  /** Makes a call with a `fetch` while another one is running. Returns the outcomes of both. */
  var beside: (fetch: (request: Request) => unknown) => Promise<{ error: unknown; images: unknown; other: unknown; restarts: number }>;
}

test.beforeEach(async ({ page, simulator }) => {
  await page.evaluate(async (endpoint) => {
    const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";
    globalThis.answer = JSON.stringify({ data: [{ b64_json: png }] });
    await azure.init();
    // In Node, the first fetch loads another WebAssembly.
    await fetch(endpoint);
    const make = (options: object) => new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", ...options });
    globalThis.beside = async (given) => {
      let started!: () => void;
      let end!: () => void;
      const running = new Promise<void>((resolve) => (started = resolve));
      const ended = new Promise<void>((resolve) => (end = resolve));
      const slow = async (request: Request) => {
        started();
        await ended;
        return fetch(request);
      };
      const before = helpers.memories.length;
      const other = helpers.outcome(make({ fetch: slow }).generate({ prompt: "a lake" }));
      await running;
      const { ok, error } = await helpers.outcome(make({ fetch: given }).generate({ prompt: "a lake" }));
      end();
      const { ok: second, error: reason } = await other;
      return {
        error: error && [error.code, error.param, error.billed, error.message, error.cause],
        images: ok?.images.length,
        other: second?.images.length ?? reason?.message,
        restarts: helpers.memories.length - before,
      };
    };
  }, simulator.url);
});

test("a response that throws, in whatever place, ends its own call only", async ({ page }) => {
  const reports = await page.evaluate(async () => {
    const fail = (): never => {
      throw new Error("mistake");
    };
    const real = () => new Response(answer, { headers: { "content-type": "application/json" } });
    const broken = (name: string) => Object.defineProperty(real(), name, { get: fail });
    const bodyOf = (reader: object) => Object.defineProperty(real(), "body", { value: { locked: false, getReader: () => reader } });
    const rejects = () => Promise.reject(new Error("mistake"));
    const chunk = (value: unknown) => ({ read: async () => ({ done: false, value }), cancel: async () => {} });
    const cases: Record<string, () => unknown> = {
      status: () => broken("status"),
      body: () => broken("body"),
      bodyUsed: () => broken("bodyUsed"),
      "a text as status": () => Object.defineProperty(real(), "status", { value: "200" }),
      "status out of range": () => Object.defineProperty(real(), "status", { value: 70_000 }),
      "negative status": () => ({ status: -1, body: null, arrayBuffer: async () => new ArrayBuffer(0) }),
      "no body": () => ({ status: 200, ok: true, headers: new Headers() }),
      getReader: () => Object.defineProperty(real(), "body", { value: { locked: false, getReader: fail } }),
      locked: () => {
        const response = real();
        void response.body?.getReader().cancel();
        return response;
      },
      "a proxy": () => new Proxy(real(), { get: fail }),
      then: () => Object.defineProperty({}, "then", { get: fail }),
      read: () => bodyOf({ read: fail, cancel: fail }),
      "a read that rejects": () => bodyOf({ read: rejects, cancel: rejects }),
      "a read that is none": () => bodyOf({}),
      "a read of nothing": () => bodyOf({ read: () => null, cancel: fail }),
      done: () => bodyOf({ read: async () => Object.defineProperty({}, "done", { get: fail }), cancel: fail }),
      value: () => bodyOf({ read: async () => Object.defineProperty({ done: false }, "value", { get: fail }), cancel: fail }),
      "a chunk of text": () => bodyOf(chunk(answer)),
      "a chunk that lies": () => bodyOf(chunk({ length: 5, BYTES_PER_ELEMENT: 1, subarray: () => ({ length: 7 }) })),
      "a chunk that throws": () => bodyOf(chunk(new Proxy(new Uint8Array(5), { get: fail }))),
      "a number": () => 7,
      null: () => null,
      "a text alone": () => answer,
    };
    const reports: Record<string, unknown> = {};
    for (const [name, make] of Object.entries(cases)) reports[name] = await beside(async () => make());
    reports["thrown at once"] = await beside(fail);
    return reports as Record<string, { error: unknown[]; images: unknown; other: unknown; restarts: number }>;
  });
  const lost = [
    "status",
    "body",
    "bodyUsed",
    "getReader",
    "a proxy",
    "a chunk that throws",
    "then",
    "read",
    "a read that rejects",
    "a read that is none",
    "done",
    "value",
    "thrown at once",
  ];
  for (const [name, { error, images, ...rest }] of Object.entries(reports)) {
    const [code, param, billed] = error ?? [];
    const expected = lost.includes(name) ? ["connection", undefined] : ["invalid_request", "fetch"];
    if (name === "a read of nothing") expected.splice(0, 2, "stream_truncated", undefined as never);
    expect.soft([code, param, billed], name).toEqual([...expected, "unknown"]);
    expect.soft({ images, ...rest }, name).toEqual({ images: undefined, other: 1, restarts: 0 });
  }
  expect(reports["status"]?.error[4], "the cause").toContain("mistake");
});

test("a response of another implementation of fetch is read if it has what it takes", async ({ page }) => {
  const reports = await page.evaluate(async () => {
    const bytes = () => new TextEncoder().encode(answer);
    const stream = (chunk: unknown) => new ReadableStream({ start: (controller) => (controller.enqueue(chunk), controller.close()) });
    const headers = { get: (name: string) => (name === "x-request-id" ? "id" : null) };
    const fail = (): never => {
      throw new Error("mistake");
    };
    const shared = () => {
      const view = new Uint8Array(new SharedArrayBuffer(bytes().length));
      view.set(bytes());
      return view;
    };
    const cases: Record<string, () => unknown> = {
      "with a stream": () => ({ status: 200, headers, body: stream(bytes()) }),
      "without streams": () => ({ status: 200, headers, arrayBuffer: async () => bytes().buffer }),
      "with a body of its own kind": () => ({ status: 200, headers, body: { pipe() {} }, arrayBuffer: async () => bytes() }),
      "without headers": () => ({ status: 200, body: stream(bytes()) }),
      "headers that throw": () => ({ status: 200, headers: { get: fail }, body: stream(bytes()) }),
      "a subclass": () => new (class extends Response {})(answer),
      "chunks that are buffers": () => ({ status: 200, headers, body: stream(bytes().buffer) }),
      "chunks in shared memory": () => (typeof SharedArrayBuffer === "undefined" ? new Response(answer) : { status: 200, body: stream(shared()) }),
      "chunks that are other views": () => ({ status: 200, headers, body: stream(new DataView(bytes().buffer)) }),
    };
    const reports: Record<string, unknown> = {};
    for (const [name, make] of Object.entries(cases)) reports[name] = await beside(async () => make());
    return reports;
  });
  for (const [name, report] of Object.entries(reports)) expect.soft(report, name).toEqual({ images: 1, other: 1, restarts: 0 });
});

test("a response of another realm is read", { tag: "@browser" }, async ({ page }) => {
  const report = await page.evaluate(async () => {
    const frame = document.body.appendChild(document.createElement("iframe"));
    const { Response } = frame.contentWindow as unknown as typeof globalThis;
    const report = await beside(async () => new Response(answer));
    frame.remove();
    return report;
  });
  expect(report).toEqual({ images: 1, other: 1, restarts: 0 });
});

test("a global fetch that a script has replaced is kept out of the engine as well", async ({ page }) => {
  const report = await page.evaluate(async () => {
    const real = globalThis.fetch;
    const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", null, { deployment: "gpt-image-1" });
    const before = helpers.memories.length;
    globalThis.fetch = async () => Object.defineProperty(new Response(answer), "status", { get: () => JSON.parse("mistake") });
    const { error } = await helpers.outcome(client.generate({ prompt: "a lake" }));
    globalThis.fetch = real;
    return { code: error?.code, param: error?.param, restarts: helpers.memories.length - before };
  });
  expect(report).toEqual({ code: "connection", param: undefined, restarts: 0 });
});

test("a token, a signal or a listener that throws ends or disturbs no other call", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const fail = (): never => {
      throw new Error("mistake");
    };
    const thrown = (name: string, object: object = {}) => Object.defineProperty(object, name, { get: fail, enumerable: true });
    const before = helpers.memories.length;
    const tokens = [
      () => thrown("token"),
      () => thrown("expiresOnTimestamp", { token: "a" }),
      () => thrown("accessToken"),
      () => ({ accessToken: "a", expiresOn: thrown("getTime") }),
      () => ({ accessToken: "a", expiresOn: { getTime: fail } }),
      () => new Proxy({}, { get: fail, getOwnPropertyDescriptor: fail, getPrototypeOf: fail }),
    ];
    const codes = [];
    for (const credential of [...tokens, thrown("getToken"), { getToken: fail }, new Proxy({}, { getOwnPropertyDescriptor: fail })]) {
      const client = new azure.AzureImageClient(endpoint, credential as never, { deployment: "gpt-image-1" });
      codes.push((await helpers.outcome(client.generate({ prompt: "a lake" }))).error?.code);
    }
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const { signal } = new AbortController();
    const signals = [
      Object.defineProperty(new AbortController().signal, "addEventListener", { value: fail }),
      Object.defineProperty(new AbortController().signal, "aborted", { get: fail }),
      Object.defineProperty(new AbortController().signal, "removeEventListener", { value: fail }),
    ];
    const bySignal = [];
    for (const abortSignal of signals) {
      const { ok, error } = await helpers.outcome(client.generate({ prompt: "a lake" }, { abortSignal }));
      bySignal.push(ok?.images.length ?? `${error?.code} ${error?.param}`);
    }
    await client.generate({ prompt: "a lake" }, { abortSignal: signal });
    return { codes, bySignal, restarts: helpers.memories.length - before };
  }, simulator.url);
  expect(report.codes).toEqual([...Array(8).fill("authentication"), "invalid_request"]);
  expect(report).toMatchObject({ bySignal: ["invalid_request abortSignal", "invalid_request abortSignal", 1], restarts: 0 });
});

test("chunks that have already arrived are read together, and an error behind them is not lost", async ({ page }) => {
  const reports = await page.evaluate(async () => {
    const image = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91Jpz".repeat(2000);
    const text = JSON.stringify({ created: 1, data: [{ b64_json: image }] });
    const chunks = text.match(/[^]{1,1000}/g)?.map((part) => new TextEncoder().encode(part)) ?? [];
    const ask = async (sent: Uint8Array[], isBroken: boolean) => {
      const fetch = async () => {
        let index = 0;
        const pull = (controller: ReadableStreamDefaultController) => {
          if (index < sent.length) controller.enqueue(sent[index++]);
          else if (isBroken) controller.error(new TypeError("network error"));
          else controller.close();
        };
        return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { headers: { "content-type": "application/json" } });
      };
      const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", {
        deployment: "gpt-image-1",
        fetch,
        retryOptions: { maxRetries: 0 },
      });
      const received = new Set<number>();
      const { ok, error } = await helpers.outcome(
        client.generate({ prompt: "a lake" }, { onProgress: ({ receivedBytes }) => void received.add(receivedBytes) }),
      );
      return { size: ok?.images[0]?.byteLength, code: error?.code, steps: received.size, most: Math.max(...received) };
    };
    return { whole: await ask(chunks, false), broken: await ask(chunks.slice(0, 40), true), empty: await ask([new Uint8Array(0), ...chunks], false) };
  });
  const whole = { size: 66_000, code: undefined };
  expect(reports.whole).toMatchObject(whole);
  expect(reports.whole.steps).toBeLessThan(12);
  expect(reports.empty).toMatchObject(whole);
  expect(reports.broken).toMatchObject({ code: "connection", most: 40_000 });
});
