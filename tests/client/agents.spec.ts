import type { Simulator } from "azure-image-simulator";
import { exchanges, expect, test } from "./fixtures.js";
import { MEBIBYTE } from "./held.js";
import type { AgentDefinition, AzureImageClient, ClientOptions, ImageGenTool } from "../../js/index.js";

type Report = Awaited<ReturnType<typeof helpers.settled>>;

declare global {
  var abortion: () => Promise<{ early: Report; late: Report[]; next: Report; running: { timers: number }; listeners: number }>;
}

const project = (simulator: Simulator) => `${simulator.url}/api/projects/demo`;

/** Makes a version of an agent. */
async function createVersion({
  endpoint,
  name,
  definition,
  options,
}: {
  endpoint: string;
  name: unknown;
  definition: unknown;
  options?: ClientOptions;
}) {
  const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, options);
  return helpers.settled(() => client.agents.createVersion(name as string, definition as AgentDefinition));
}

/** Every option that the image tool has on Azure. */
const TOOL: Required<ImageGenTool> = {
  type: "image_generation",
  model: "gpt-image-1",
  quality: "low",
  size: "1024x1024",
  outputFormat: "webp",
  outputCompression: 80,
  moderation: "low",
  background: "opaque",
  inputFidelity: "high",
  inputImageMask: { imageUrl: "data:image/png;base64,AAAA", fileId: "file-1" },
  partialImages: 2,
  action: "edit",
};

test("a definition becomes the body that the service wants, with every option of the image tool", { tag: "@browser" }, async ({
  page,
  simulator,
}) => {
  const definition: AgentDefinition = {
    model: "gpt-4.1",
    instructions: "You paint.",
    tools: [TOOL, { type: "function", name: "f", strictMode: true, parameters: { maxItems: 1 } }],
    description: "Paints",
    metadata: { madeBy: "studio" },
    temperature: 0.5,
    topP: 0.9,
    tool_choice: "auto",
    raiConfig: { raiPolicyName: "p" },
  };
  const { ok } = await page.evaluate(createVersion, { endpoint: project(simulator), name: "painter", definition });
  const [request] = exchanges(simulator);
  expect(request).toMatchObject({ method: "POST", path: "/api/projects/demo/agents/painter/versions", query: { "api-version": "v1" }, status: 200 });
  const sent = {
    kind: "prompt",
    model: "gpt-4.1",
    instructions: "You paint.",
    tools: [
      {
        type: "image_generation",
        model: "gpt-image-1",
        quality: "low",
        size: "1024x1024",
        output_format: "webp",
        output_compression: 80,
        moderation: "low",
        background: "opaque",
        input_fidelity: "high",
        input_image_mask: { image_url: "data:image/png;base64,AAAA", file_id: "file-1" },
        partial_images: 2,
        action: "edit",
      },
      { type: "function", name: "f", strict_mode: true, parameters: { maxItems: 1 } },
    ],
    temperature: 0.5,
    top_p: 0.9,
    tool_choice: "auto",
    rai_config: { raiPolicyName: "p" },
  };
  expect(request?.body).toEqual({ description: "Paints", metadata: { madeBy: "studio" }, definition: sent });
  expect(ok).toEqual({
    metadata: { madeBy: "studio" },
    object: "agent.version",
    id: "painter:1",
    name: "painter",
    version: "1",
    description: "Paints",
    createdOn: expect.any(Date),
    definition: sent,
    status: "active",
  });
  expect(ok?.createdOn.getFullYear()).toBe(new Date().getFullYear());
});

test("versions count up, are found, listed and deleted one by one, and with the agent", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const { agents } = new azure.AzureImageClient(endpoint, () => "simulator-token");
    const versions = [];
    for (const instructions of ["a", "b", "c"]) versions.push((await agents.createVersion("painter", { model: "gpt-4.1", instructions })).version);
    const agent = await agents.get("painter");
    const first = await agents.getVersion("painter", "1");
    const deleted = await agents.deleteVersion("painter", "2");
    const left = [];
    for await (const { version } of agents.listVersions("painter", { order: "asc" })) left.push(version);
    await agents.delete("painter");
    const gone = [
      await helpers.settled(() => agents.get("painter")),
      await helpers.settled(() => agents.getVersion("painter", "1")),
      await helpers.settled(() => agents.delete("painter")),
    ];
    return { versions, agent, first, deleted, left, gone };
  }, project(simulator));
  expect(report).toMatchObject({
    versions: ["1", "2", "3"],
    agent: { object: "agent", id: "painter", name: "painter", state: "enabled", configurationState: "enabled" },
    first: { version: "1", definition: { kind: "prompt", model: "gpt-4.1", instructions: "a" } },
    left: ["1", "3"],
  });
  expect(report.agent.versions.latest).toMatchObject({ version: "3", createdOn: expect.any(Date) });
  expect(report.deleted).toBeUndefined();
  for (const { error } of report.gone) {
    expect(error).toMatchObject({ isAzureImageError: true, code: "not_found", status: 404, billed: "no", retryable: false });
    expect(error?.message).toContain("name and version of the agent");
    expect(error?.requestId).toMatch(/^[0-9a-f]{32}$/);
  }
});

for (const [name, advised] of [
  ["my agent", "my-agent"],
  ["-painter", "painter"],
  ["a".repeat(64), "a".repeat(63)],
  ["", "my-agent"],
] as const) {
  test(`the name ${JSON.stringify(name.slice(0, 12))} is refused before anything is sent, with one that works`, async ({ page, simulator }) => {
    const { error } = await page.evaluate(createVersion, { endpoint: project(simulator), name, definition: { model: "gpt-4.1" } });
    expect(error).toMatchObject({ code: "invalid_request", param: "name", billed: "no", retryable: false });
    expect(error?.message).toContain(`For example: ${advised}.`);
    expect(simulator.requests).toEqual([]);
  });
}

for (const path of ["", "/openai/v1", "/openai/deployments/gpt-image-1"]) {
  test(`on an endpoint that ends in "${path}" agents are refused before anything is sent`, async ({ page, simulator }) => {
    const errors = await page.evaluate(async (endpoint) => {
      const { agents } = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
      const calls = [
        () => agents.createVersion("painter", { model: "gpt-4.1" }),
        () => agents.get("painter"),
        () => agents.delete("painter"),
        () => agents.getVersion("painter", "1"),
        () => agents.deleteVersion("painter", "1"),
        () => agents.list()[Symbol.asyncIterator]().next(),
        () => agents.listVersions("painter")[Symbol.asyncIterator]().next(),
      ];
      return Promise.all(calls.map(async (call) => (await helpers.settled<unknown>(call)).error));
    }, `${simulator.url}${path}`);
    for (const error of errors) {
      expect(error).toMatchObject({ code: "invalid_request", param: "endpoint", billed: "no" });
      expect(error?.message).toContain("/api/projects/my-project");
    }
    expect(simulator.requests).toEqual([]);
  });
}

for (const [what, definition, param] of [
  ["which is no object", "gpt-4.1", "definition"],
  ["which is an array", [], "definition"],
  ["which is null", null, "definition"],
  ["without a model", { instructions: "x" }, "model"],
  ["with tools that are no list", { model: "m", tools: { type: "image_generation" } }, "tools"],
  ["with a tool without a type", { model: "m", tools: [{ quality: "low" }] }, "tools"],
  ["with a tool that is no object", { model: "m", tools: ["image_generation"] }, "tools"],
  ["with metadata that is too long", { model: "m", metadata: { a: "x".repeat(513) } }, "metadata"],
  ["with metadata that is no text", { model: "m", metadata: { a: 1 } }, "metadata"],
  ["with a name", { model: "m", name: "other" }, "name"],
] as const) {
  test(`a definition, ${what}, is refused before anything is sent`, async ({ page, simulator }) => {
    const { error } = await page.evaluate(createVersion, { endpoint: project(simulator), name: "painter", definition });
    expect(error).toMatchObject({ code: "invalid_request", param, billed: "no", retryable: false });
    expect(simulator.requests).toEqual([]);
  });
}

test("what cannot be read, or is of the wrong type, is refused by its name, and never thrown at once", async ({ page, simulator }) => {
  const params = await page.evaluate(async (endpoint) => {
    const { agents } = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
    const angry = (member: string) =>
      Object.defineProperty({ model: "m" }, member, {
        enumerable: true,
        get: () => {
          throw new Error("no");
        },
      });
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    const definition = { model: "m" };
    const wrong = (value: unknown) => value as never;
    const calls: (() => Promise<unknown>)[] = [
      () => agents.createVersion(wrong(7), definition),
      () => agents.createVersion("a", wrong(angry("instructions"))),
      () => agents.createVersion("a", { model: "m", tools: [wrong(angry("type"))] }),
      () => agents.createVersion("a", { model: "m", metadata: wrong(cyclic) }),
      () => agents.createVersion("a", { model: "m", temperature: wrong(1n) }),
      () => agents.createVersion("a", definition, wrong("options")),
      () => agents.createVersion("a", definition, wrong(angry("abortSignal"))),
      () => agents.createVersion("a", definition, wrong({ abortSignal: "now" })),
      () => agents.createVersion("a", definition, wrong({ onProgress: "now" })),
      () => agents.get(wrong(undefined)),
      () => agents.get(""),
      () => agents.get(".."),
      () => agents.getVersion("a", wrong(1)),
      () => agents.deleteVersion("a", ""),
      () => agents.delete(wrong(null)),
      () => agents.list(wrong(5))[Symbol.asyncIterator]().next(),
      () => agents.list().byPage({ maxPageSize: 0 })[Symbol.asyncIterator]().next(),
      () =>
        agents
          .list()
          .byPage(wrong({ maxPageSize: "10" }))
          [Symbol.asyncIterator]()
          .next(),
      () =>
        agents
          .list(wrong({ pageSize: 1 }))
          [Symbol.asyncIterator]()
          .next(),
      () =>
        agents
          .list()
          .byPage(wrong({ continuationToken: 1 }))
          [Symbol.asyncIterator]()
          .next(),
      () =>
        agents
          .list({ order: wrong(1) })
          [Symbol.asyncIterator]()
          .next(),
      () =>
        agents
          .list({ kind: wrong({}) })
          [Symbol.asyncIterator]()
          .next(),
      () => agents.listVersions(wrong(1))[Symbol.asyncIterator]().next(),
    ];
    return Promise.all(
      calls.map(async (call) => {
        const { error } = await helpers.settled(call);
        return [error?.code, error?.billed, error?.param];
      }),
    );
  }, project(simulator));
  const names = [
    "name",
    "definition",
    "definition",
    "definition",
    "definition",
    "options",
    "options",
    "abortSignal",
    "onProgress",
    "name",
    "name",
    "name",
    "version",
    "version",
    "name",
    "options",
    "maxPageSize",
    "maxPageSize",
    "pageSize",
    "continuationToken",
    "order",
    "kind",
    "name",
  ];
  expect(params).toEqual(names.map((name) => ["invalid_request", "no", name]));
  expect(simulator.requests).toEqual([]);
});

test("what the page changes after the call changes nothing", async ({ page, simulator }) => {
  await page.evaluate(async (endpoint) => {
    const { agents } = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
    const tool = { type: "image_generation", quality: "low" };
    const definition = { model: "gpt-4.1", tools: [tool] };
    const call = agents.createVersion("painter", definition);
    definition.model = "other";
    tool.quality = "high";
    definition.tools.push(tool);
    const options = { order: "asc" };
    const list = agents.list(options);
    options.order = "desc";
    const settings = { maxPageSize: 1 };
    const pages = list.byPage(settings);
    settings.maxPageSize = 2;
    await call;
    for await (const _ of pages);
  }, project(simulator));
  const [made, listed] = exchanges(simulator);
  expect(made?.body).toEqual({ definition: { kind: "prompt", model: "gpt-4.1", tools: [{ type: "image_generation", quality: "low" }] } });
  expect(listed?.query).toMatchObject({ limit: "1", order: "asc" });
});

test("a list fetches its pages when the loop needs them, and each loop begins anew", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const { agents } = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
    const made = Array.from({ length: 45 }, (_, index) => `agent-${String(index).padStart(2, "0")}`);
    for (const name of made) await agents.createVersion(name, { model: "gpt-4.1" });
    const list = agents.list({ order: "asc", kind: "prompt" });
    const loop = async (most = Infinity) => {
      const names: string[] = [];
      for await (const agent of list) if (names.push(agent.name) >= most) break;
      return names;
    };
    const small: string[] = [];
    for await (const page of agents.list().byPage({ maxPageSize: 30 })) for (const agent of page) small.push(agent.name);
    return { made, few: await loop(20), all: await loop(), again: await loop(21), small };
  }, project(simulator));
  expect(report.few).toEqual(report.made.slice(0, 20));
  expect(report.all).toEqual(report.made);
  expect(report.again).toEqual(report.made.slice(0, 21));
  expect(report.small).toEqual(report.made.toReversed());
  const queries = exchanges(simulator)
    .filter(({ method }) => method === "GET")
    .map(({ query }) => query);
  const first = { "api-version": "v1", order: "asc", kind: "prompt" };
  const second = { ...first, after: "agent-19" };
  expect(queries).toEqual([
    { "api-version": "v1", limit: "30" },
    { "api-version": "v1", limit: "30", after: "agent-15" },
    first,
    ...[first, second, { ...first, after: "agent-39" }],
    ...[first, second],
  ]);
});

test("a page of 15 MB takes none of the memory of WebAssembly, and a larger one is refused", async ({ page }) => {
  const report = await page.evaluate(async () => {
    let megabytes = 15;
    const fetch = async () => new Response(JSON.stringify({ data: [{ name: "painter", id: "x".repeat(megabytes * 1_000_000) }] }));
    const { agents } = new azure.AzureImageClient("/api/projects/demo", null, { fetch });
    const list = async () => {
      const names: string[] = [];
      for await (const { name } of agents.list()) names.push(name);
      return names;
    };
    const listed = await helpers.settled(list);
    megabytes = 17;
    return { listed, larger: await helpers.settled(list), memory: helpers.memory() };
  });
  expect(report.listed.ok).toEqual(["painter"]);
  expect(report.larger.error).toMatchObject({ code: "too_large", billed: "no", message: expect.stringContaining("maxPageSize") });
  expect(report.memory).toBeLessThan(2 * MEBIBYTE);
});

test("a definition that JSON cannot hold is refused, wherever in it that stands", async ({ page }) => {
  const errors = await page.evaluate(async () => {
    const file = new File(["x"], "mask.png");
    const definitions: object[] = [
      file,
      { model: "m", instructions: file },
      { model: "m", tools: [file] },
      { model: "m", tools: [{ type: "image_generation", inputImageMask: file }] },
      { model: "m", tools: [{ type: "image_generation", inputImageMask: { imageUrl: file } }] },
    ];
    let requests = 0;
    const fetch = async () => Response.json({ requests: (requests += 1) });
    const { agents } = new azure.AzureImageClient("/api/projects/demo", null, { fetch });
    const errors = [];
    for (const definition of definitions) errors.push((await helpers.settled(() => agents.createVersion("a", definition as AgentDefinition))).error);
    return { errors, requests };
  });
  for (const error of errors.errors) expect(error).toMatchObject({ code: "invalid_request", param: "definition" });
  expect(errors).toMatchObject({ errors: { length: 5 }, requests: 0 });
});

test("a list ends with its last page, however many before it were empty", async ({ page }) => {
  const report = await page.evaluate(async () => {
    const list = async (emptyPages: number) => {
      let pages = 0;
      const fetch = async () => {
        pages += 1;
        return Response.json({ data: [], has_more: pages <= emptyPages, last_id: `agent-${pages}` });
      };
      const { agents } = new azure.AzureImageClient("/api/projects/demo", null, { fetch });
      return helpers.settled(async () => {
        for await (const _ of agents.list());
        return pages;
      });
    };
    return { ten: await list(10), eleven: await list(11) };
  });
  expect(report.ten.ok).toBe(11);
  expect(report.eleven.error).toMatchObject({ code: "stream_malformed", message: expect.stringContaining("10 empty pages") });
});

test("a list that would never end, or is none, is refused", async ({ page }) => {
  const errors = await page.evaluate(async () => {
    const answers = [
      '{"data":[{"id":"a"}],"has_more":true,"last_id":"a"}',
      '{"data":[],"has_more":true}',
      '{"data":[],"has_more":true,"last_id":"#"}',
      `{"data":[],"has_more":true,"last_id":"${"l".repeat(2049)}"}`,
      '{"data":[{"id":"N"}],"has_more":true}',
      '{"data":{}}',
      '{"data":[1]}',
      "[]",
      "null",
      "",
    ];
    const report = [];
    for (const answer of answers) {
      let requests = 0;
      const fetch = async () => {
        requests += 1;
        // A name out of three, one after the other, and one of its own.
        return new Response(answer.replaceAll("N", `agent-${requests % 3}`).replaceAll("#", `agent-${requests}`));
      };
      const { agents } = new azure.AzureImageClient("/api/projects/demo", null, { fetch });
      const { error } = await helpers.settled(async () => {
        for await (const _ of agents.list());
      });
      report.push([error?.code, error?.billed, requests]);
    }
    return report;
  });
  const malformed = ["stream_malformed", "no"];
  const once = [...malformed, 1];
  // The name that comes again is seen only then.
  expect(errors).toEqual([[...malformed, 2], once, [...malformed, 11], once, [...malformed, 7], ...Array(5).fill(once)]);
});

for (const [times, retryOptions, requests, isMade] of [
  [2, { retryDelayInMs: 1 }, 3, true],
  [9, { retryDelayInMs: 1 }, 4, false],
  [1, { maxRetries: 0 }, 1, false],
] as const) {
  test(`an agent that is being changed ${times} times, with ${JSON.stringify(retryOptions)}, takes ${requests} requests`, async ({
    page,
    simulator,
  }) => {
    const definition = { model: "gpt-4.1", description: `Paints. [status=409] [times=${times}]` };
    const { ok, error } = await page.evaluate(createVersion, {
      endpoint: project(simulator),
      name: "painter",
      definition,
      options: { retryOptions },
    });
    expect(exchanges(simulator)).toHaveLength(requests);
    if (isMade) expect(ok).toMatchObject({ version: "1" });
    else expect(error).toMatchObject({ code: "service", status: 409, serviceCode: "conflict", billed: "no", retryable: true });
    if (requests > 1 && !isMade) expect(error?.message).toContain(`The request was sent ${requests} times.`);
  });
}

test("what may have happened is not repeated, and costs nothing all the same", async ({ page, simulator }) => {
  for (const [words, code] of [
    ["status=500", "service"],
    ["reset=before-headers", "connection"],
    ["status=400", "invalid_request"],
  ] as const) {
    simulator.reset();
    const definition = { model: "gpt-4.1", description: `[${words}]` };
    const { error } = await page.evaluate(createVersion, {
      endpoint: project(simulator),
      name: "painter",
      definition,
      options: { retryOptions: { retryDelayInMs: 1 } },
    });
    expect(error).toMatchObject({ code, billed: "no" });
    expect(error?.message).not.toContain("billed");
    expect(exchanges(simulator)).toHaveLength(1);
  }
});

test("a page in the place of an answer is told", async ({ page, simulator }) => {
  const { error } = await page.evaluate(createVersion, {
    endpoint: project(simulator),
    name: "painter",
    definition: { model: "gpt-4.1", description: "[html]" },
  });
  expect(error).toMatchObject({ code: "stream_malformed", billed: "no" });
  expect(error?.cause).toBeUndefined();
});

test("a wrong key or token is an authentication error that tells the scope of projects", async ({ page, simulator }) => {
  const errors = await page.evaluate(async (endpoint) => {
    const credentials = [{ key: "a-wrong-key" }, () => "a-wrong-token"];
    return Promise.all(
      credentials.map(
        async (credential) => (await helpers.settled(() => new azure.AzureImageClient(endpoint, credential).agents.get("painter"))).error,
      ),
    );
  }, project(simulator));
  for (const error of errors) expect(error).toMatchObject({ code: "authentication", status: 401, billed: "no" });
  expect(errors[1]?.message).toContain("https://ai.azure.com/.default");
  for (const error of errors) expect(error?.json).not.toContain("a-wrong-");
});

test("a service that repeats the key does not get it into the error", async ({ page, simulator }) => {
  const definition = { model: "gpt-4.1", description: "[echo-credential] [expose-headers]" };
  const { error } = await page.evaluate(createVersion, { endpoint: project(simulator), name: "painter", definition });
  expect(error).toMatchObject({ code: "authentication", billed: "no" });
  expect(`${error?.json} ${error?.text}`).not.toContain("simulator-key");
});

test("an abort ends a call at once, in flight and before, and leaves nothing behind", async ({ page, simulator }) => {
  await page.evaluate(async (endpoint) => {
    const { agents } = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { retryOptions: { retryDelayInMs: 60_000 } });
    const early = await helpers.settled(() => agents.get("painter", { abortSignal: AbortSignal.abort("before") }));
    const controller = new AbortController();
    const { signal: abortSignal } = controller;
    const slow = helpers.settled(() =>
      agents.createVersion("painter", { model: "gpt-4.1", description: "[slow-first-byte=60000]" }, { abortSignal }),
    );
    const { setTimeout } = globalThis;
    const waits = new Promise<void>((resolve) => {
      globalThis.setTimeout = ((work: () => void, delay: number) => {
        // A part of what was set, by chance, and so no limit of a call.
        if (delay > 30_000 && delay <= 60_000) resolve();
        return setTimeout(work, delay);
      }) as typeof setTimeout;
    });
    const waiting = helpers.settled(() => agents.createVersion("other", { model: "gpt-4.1", description: "[status=409]" }, { abortSignal }));
    await waits;
    globalThis.setTimeout = setTimeout;
    globalThis.abortion = async () => {
      controller.abort("enough");
      const late = await Promise.all([slow, waiting]);
      const next = await helpers.settled(() => agents.list({ abortSignal })[Symbol.asyncIterator]().next());
      return { early, late, next, running: helpers.running(), listeners: helpers.listenersOf(abortSignal) };
    };
  }, project(simulator));
  await expect
    .poll(() =>
      exchanges(simulator)
        .map(({ path }) => path.split("/").at(-2))
        .toSorted(),
    )
    .toEqual(["other", "painter"]);
  const report = await page.evaluate(() => abortion());
  expect(report.early.error).toMatchObject({ code: "cancelled", name: "AbortError", billed: "no", cause: "before" });
  for (const { error } of [...report.late, report.next]) expect(error).toMatchObject({ code: "cancelled", billed: "no", cause: "enough" });
  expect(report.late[0]?.error?.message).toContain("may still have carried it out");
  expect(report.listeners).toBe(0);
  expect(report.running.timers).toBe(0);
  expect(exchanges(simulator)).toHaveLength(2);
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("totalTimeoutInMs ends a call, which costs nothing", async ({ page, simulator }) => {
  const { error } = await page.evaluate(createVersion, {
    endpoint: project(simulator),
    name: "painter",
    definition: { model: "gpt-4.1", description: "[slow-first-byte=60000]" },
    options: { totalTimeoutInMs: 500 },
  });
  expect(error).toMatchObject({ code: "timeout", billed: "no", retryable: true });
  expect(error?.message).toContain("totalTimeoutInMs");
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("the routes of a date are spoken too", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const { agents } = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { apiVersion: "2025-11-15-preview" });
    const { id } = await agents.createVersion("painter", { model: "gpt-4.1" });
    const names = [];
    for await (const page of agents.list().byPage({ maxPageSize: 1 })) names.push(...page.map(({ name }) => name));
    await agents.delete("painter");
    return { id, names };
  }, project(simulator));
  expect(report).toEqual({ id: "painter:1", names: ["painter"] });
  for (const { query, status } of exchanges(simulator)) {
    expect(query["api-version"]).toBe("2025-11-15-preview");
    expect(status).toBe(200);
  }
});

test("a defect of the engine ends a call, which costs nothing, and the next one starts afresh", async ({ page, simulator }) => {
  page.removeAllListeners("pageerror");
  const report = await page.evaluate(async (endpoint) => {
    const fetch = async () => helpers.crashingResponse();
    const make = (options = {}): AzureImageClient => new azure.AzureImageClient(endpoint, { key: "simulator-key" }, options);
    const { error } = await helpers.settled(() => make({ fetch }).agents.get("painter"));
    return { error, next: await make().agents.createVersion("painter", { model: "gpt-4.1" }) };
  }, project(simulator));
  expect(report.error).toMatchObject({ code: "internal", billed: "no" });
  expect(report.next.version).toBe("1");
});
