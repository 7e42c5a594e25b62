import { startSimulator, type RequestEntry, type Simulator } from "azure-image-simulator";
import type { AgentDefinition, ClientOptions, ResponseRequest } from "../../js/index.js";
import { exchanges, expect, sent, test, type ErrorReport, type ResponseOutcome, type ResponseReport } from "./fixtures.js";

/** A call, in what can be sent into the page. */
interface Ask {
  endpoint: string;
  /** Of {@link ClientOptions}. */
  options?: object;
  /** Of {@link ResponseRequest}. */
  request?: object;
}

/** What became of it. */
type Report = ResponseOutcome & { stages: string[]; retries: string[]; printed: string[]; listeners: number; urls: number };

/** Makes a response, and tells all that a page can see of it. */
async function create({ endpoint, options, request }: Ask): Promise<Report> {
  const printed: string[] = [];
  for (const name of ["debug", "log", "info", "warn", "error"] as const) console[name] = (...texts: unknown[]) => printed.push(texts.join(" "));
  const controller = new AbortController();
  const stages: string[] = [];
  const retries = new Set<string>();
  const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1", ...options });
  const asked = client.responses.create(
    { model: "gpt-4.1", input: "Draw a lake", ...request },
    {
      abortSignal: controller.signal,
      onProgress: ({ stage, retry }) => {
        if (stage !== stages.at(-1)) stages.push(stage);
        if (retry && retry.retries > 0) retries.add(`${retry.error.code} ${retry.retries}`);
      },
    },
  );
  const outcome = await helpers.responseOutcome(asked);
  return { ...outcome, stages, retries: [...retries], printed, listeners: helpers.listenersOf(controller.signal), urls: helpers.liveUrls.size };
}

const project = (simulator: Simulator) => `${simulator.url}/api/projects/demo`;
const posts = (simulator: Simulator) => exchanges(simulator).filter(({ method }) => method === "POST");
/** The body of a request with only a model and an input. The deployment of the image model is in the header alone. */
const PLAIN = { input: "Draw a lake", model: "gpt-4.1", tools: [{ type: "image_generation" }] };
const IMAGE_DEPLOYMENT = "x-ms-oai-image-generation-deployment";
/** All headers of a request but those that every browser sends. */
function headersOf({ headers }: RequestEntry): Record<string, string> {
  const usual =
    /^(accept|accept-encoding|accept-language|cache-control|connection|content-length|host|origin|pragma|priority|referer|user-agent|sec-.*)$/;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !usual.test(name)));
}

/** What is said about a request, but for the age of its model, which depends on the day. */
const warningsOf = ({ ok }: { ok?: ResponseReport | undefined }) => ok?.warnings?.filter(({ param }) => param !== "tool.model") ?? [];

const DIALECTS: [what: string, path: string, options: ClientOptions, route: string, query: object][] = [
  ["a resource", "", {}, "/openai/v1/responses", { "api-version": "preview" }],
  ["a resource without an api-version", "", { apiVersion: null }, "/openai/v1/responses", {}],
  ["a resource with a dated api-version, which has no tool", "", { apiVersion: "2025-04-01-preview" }, "/openai/v1/responses", {}],
  ["a project", "/api/projects/demo", {}, "/api/projects/demo/openai/v1/responses", {}],
  [
    "a project with a dated api-version",
    "/api/projects/demo",
    { apiVersion: "2025-11-15-preview" },
    "/api/projects/demo/openai/responses",
    { "api-version": "2025-11-15-preview" },
  ],
];

for (const [what, path, options, route, query] of DIALECTS) {
  test(`${what}: the request is what the service wants, and nothing more`, async ({ page, simulator }) => {
    const report = await page.evaluate(create, { endpoint: simulator.url + path, options });
    expect(report.error).toBeUndefined();
    const [post] = exchanges(simulator);
    expect(exchanges(simulator)).toHaveLength(1);
    expect(post).toMatchObject({ method: "POST", path: route, status: 200 });
    expect(post?.query).toEqual(query);
    expect(post?.body).toEqual(PLAIN);
    expect(post && headersOf(post)).toEqual({ "api-key": "simulator-key", "content-type": "application/json", [IMAGE_DEPLOYMENT]: "gpt-image-1" });
    expect(report.ok?.images.map(({ sha256 }) => sha256)).toEqual(sent(simulator, "final"));
    expect(report.stages).toEqual(["authenticating", "waiting", "receiving", "completed"]);
    expect([report.listeners, report.urls, report.printed]).toEqual([0, 0, []]);
  });
}

for (const [what, apiVersion, key] of [
  ["v1", "preview", "agent_reference"],
  ["the dated route", "2025-11-15-preview", "agent"],
] as const) {
  test(`an agent on ${what} is named as ${key}, with nothing that its version decides beside it`, async ({ page, simulator }) => {
    const report = await page.evaluate(
      async ([endpoint, apiVersion]) => {
        const scopes: unknown[] = [];
        const credential = {
          getToken: async (scope: string | string[]) => {
            scopes.push(scope);
            return { token: "simulator-token", expiresOnTimestamp: Date.now() + 3_600_000 };
          },
        };
        const client = new azure.AzureImageClient(endpoint, credential, { imageDeployment: "gpt-image-1", apiVersion });
        const definition: AgentDefinition = { model: "gpt-4.1", tools: [{ type: "image_generation", size: "1024x1536", quality: "low" }] };
        for (let version = 0; version < 2; version++) await client.agents.createVersion("painter", definition);
        const outcomes = [];
        for (const agent of ["painter", " painter ", { name: "painter", version: "1" }]) {
          outcomes.push(await helpers.responseOutcome(client.responses.create({ agent, input: "Draw a lake" })));
        }
        return { outcomes, scopes };
      },
      [project(simulator), apiVersion] as const,
    );
    expect(new Set(report.scopes.flat())).toEqual(new Set(["https://ai.azure.com/.default"]));
    const latest = { type: "agent_reference", name: "painter" };
    const asked = posts(simulator).slice(2);
    expect(asked.map(({ body }) => body)).toEqual(
      [latest, latest, { ...latest, version: "1" }].map((agent) => ({ input: "Draw a lake", [key]: agent })),
    );
    for (const post of asked)
      expect(headersOf(post)).toEqual({
        authorization: "Bearer simulator-token",
        "content-type": "application/json",
        [IMAGE_DEPLOYMENT]: "gpt-image-1",
      });
    expect(report.outcomes.flatMap(({ error }) => error ?? [])).toEqual([]);
    for (const { ok } of report.outcomes) expect(ok).toMatchObject({ model: "gpt-4.1", images: [{ width: 1024, height: 1536 }] });
  });
}

/** Every option of the tool, under the service's name. */
const TOOL = {
  type: "image_generation",
  quality: "low",
  size: "1536x1024",
  output_format: "jpeg",
  output_compression: 80,
  moderation: "low",
  background: "opaque",
  input_fidelity: "low",
  action: "generate",
};

const OPTIONS: [what: string, request: Partial<ResponseRequest>, body: object][] = [
  [
    "every option of the tool",
    {
      tool: {
        quality: "low",
        size: "1536x1024",
        outputFormat: "jpeg",
        outputCompression: 80,
        moderation: "low",
        background: "opaque",
        inputFidelity: "low",
        action: "generate",
      },
    },
    { tools: [TOOL] },
  ],
  [
    "the tool's own model, which decides nothing",
    { tool: { model: "gpt-image-1.5" } },
    { tools: [{ type: "image_generation", model: "gpt-image-1.5" }] },
  ],
  [
    "members of the tool that are newer",
    { tool: { size: "auto", extra: { size: "1024x1024", tool_configs: { a: 1 } } } },
    { tools: [{ type: "image_generation", size: "1024x1024", tool_configs: { a: 1 } }] },
  ],
  ["options that are not set", { tool: {}, instructions: undefined, store: undefined, metadata: {}, extraBody: {} } as object, {}],
  [
    "null for options",
    {
      tool: null,
      instructions: null,
      toolChoice: null,
      previousResponseId: null,
      conversation: null,
      metadata: null,
      store: null,
      imageDeployment: null,
      extraBody: null,
    } as object,
    {},
  ],
  ["no previews", { tool: { partialImages: 0 } }, {}],
  ["instructions", { instructions: 'Be "brief".\n' }, { instructions: 'Be "brief".\n' }],
  ["metadata", { metadata: { who: "me", empty: "" } }, { metadata: { who: "me", empty: "" } }],
  [
    "as much metadata as there may be",
    { metadata: Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`${index}`.padStart(64, "n"), "v".repeat(512)])) },
    { metadata: expect.objectContaining({ ["15".padStart(64, "n")]: "v".repeat(512) }) },
  ],
  ["store", { store: true }, { store: true }],
  ["store as false", { store: false }, { store: false }],
  ["a choice of no tool", { toolChoice: "none" }, { tool_choice: "none" }],
  ["a choice as the model sees fit", { toolChoice: "auto" }, { tool_choice: "auto" }],
  ["a choice of any tool", { toolChoice: "required" }, { tool_choice: "required" }],
  ["a choice of the tool by its name", { toolChoice: "image_generation" }, { tool_choice: { type: "image_generation" } }],
  ["a model with blanks around it", { model: " gpt-4.1 " }, {}],
  [
    "extraBody, which wins",
    { instructions: "a", extraBody: { instructions: "b", temperature: 0.5, max_output_tokens: 100_000, truncation: "auto" } },
    { instructions: "b", temperature: 0.5, max_output_tokens: 100_000, truncation: "auto" },
  ],
  [
    "more tools by extraBody",
    { extraBody: { tools: [{ type: "image_generation" }, { type: "web_search" }] } },
    { tools: [{ type: "image_generation" }, { type: "web_search" }] },
  ],
  ["extraBody with another input", { extraBody: { input: "Draw a mill" } }, { input: "Draw a mill" }],
];

for (const [what, request, body] of OPTIONS) {
  test(`${what}: arrives under the service's name`, { tag: "@nightly" }, async ({ page, simulator }) => {
    const report = await page.evaluate(create, { endpoint: simulator.url, request });
    expect(report.error).toBeUndefined();
    expect(posts(simulator).map((post) => post.body)).toEqual([{ ...PLAIN, ...body }]);
    expect(posts(simulator)[0]?.headers[IMAGE_DEPLOYMENT]).toBe("gpt-image-1");
    expect(warningsOf(report)).toEqual([]);
  });
}

test("a response goes on from another, or within a conversation, and may be of an agent then too", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const conversation = await client.conversations.create();
    const first = await client.responses.create({ model: "gpt-4.1", input: "Draw a lake" });
    const asked = [
      { model: "gpt-4.1", input: "Add a boat", previousResponseId: first.id ?? "" },
      { model: "gpt-4.1", input: "Draw a lake", conversation: conversation.id },
      { model: "gpt-4.1", input: "Add a boat", conversation },
    ];
    const outcomes = [];
    for (const request of asked) outcomes.push(await helpers.responseOutcome(client.responses.create(request)));
    return { id: first.id, conversation: conversation.id, outcomes };
  }, project(simulator));
  const bodies = posts(simulator)
    .filter(({ path }) => path.endsWith("/responses"))
    .map(({ body }) => body);
  expect(bodies).toEqual([
    PLAIN,
    { ...PLAIN, input: "Add a boat", previous_response_id: report.id },
    { ...PLAIN, conversation: report.conversation },
    { ...PLAIN, input: "Add a boat", conversation: report.conversation },
  ]);
  expect(report.outcomes.flatMap(({ error }) => error ?? [])).toEqual([]);
  const results = report.outcomes.map(({ ok }) => [ok?.conversation, ok?.images[0]?.call?.action]);
  expect(results).toEqual([
    [undefined, "edit"],
    [report.conversation, "generate"],
    [report.conversation, "edit"],
  ]);
});

const DEPLOYMENTS: [what: string, options: ClientOptions, request: Partial<ResponseRequest>, used: string | undefined][] = [
  [
    "the request's before the client's",
    { imageDeployment: "gpt-image-1.5", deployment: "gpt-image-2" },
    { imageDeployment: " gpt-image-1-mini " },
    "gpt-image-1-mini",
  ],
  ["the client's before that of its images", { imageDeployment: "gpt-image-1.5", deployment: "gpt-image-2" }, {}, "gpt-image-1.5"],
  ["that of its images where there is no other", { imageDeployment: undefined, deployment: "gpt-image-2" } as object, {}, "gpt-image-2"],
  ["none where the project could not draw without", { imageDeployment: undefined } as object, {}, undefined],
  ["a blank one, which is none", { imageDeployment: " " }, {}, undefined],
];

for (const [what, options, request, used] of DEPLOYMENTS) {
  test(`the image deployment: ${what}`, async ({ page, simulator }) => {
    const report = await page.evaluate(create, { endpoint: project(simulator), options, request });
    expect(posts(simulator).map(({ headers, body }) => [headers[IMAGE_DEPLOYMENT], body])).toEqual(used ? [[used, PLAIN]] : []);
    if (used) expect(report.error).toBeUndefined();
    else
      expect(report.error).toMatchObject({
        code: "invalid_request",
        param: "imageDeployment",
        billed: "no",
        message: expect.stringContaining("Azure portal"),
      });
  });
}

test("a gateway may know the image deployment by itself; where it does not, its refusal says what to pass", async ({ page, simulator }) => {
  const report = await page.evaluate(create, { endpoint: simulator.url, options: { imageDeployment: undefined } as object });
  expect(posts(simulator).map(({ headers, body }) => [headers[IMAGE_DEPLOYMENT], body])).toEqual([[undefined, PLAIN]]);
  expect(report.error).toMatchObject({ code: "invalid_request", status: 400, billed: "no", message: expect.stringContaining("Set imageDeployment") });
});

const LONG = "x".repeat(65);
const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, "v"]));
const BESIDE = { model: undefined, agent: "painter" } as object;

/** What cannot work, and is not sent. */
const REFUSED: [what: string, request: unknown, param: string, says: RegExp, path?: string, options?: ClientOptions][] = [
  ["no model", { model: undefined }, "model", /gpt-4\.1.*agent/],
  ["a blank model", { model: " " }, "model", /No model is set/],
  ["a model that is no text", { model: 4.1 }, "model", /must be a string/],
  ["instructions that are no text", { instructions: ["a"] }, "instructions", /must be a string/],
  ["no input", { input: undefined }, "input", /missing/],
  ["an empty input", { input: " \n" }, "input", /empty/],
  ["an empty list for input", { input: [] }, "input", /empty/],
  ["an agent and a model", { agent: "painter" }, "model", /either model or agent/, "/api/projects/demo"],
  ["an agent and tool", { ...BESIDE, tool: { quality: "low" } }, "tool", /agents\.createVersion/, "/api/projects/demo"],
  ["an agent and an empty tool", { ...BESIDE, tool: {} }, "tool", /agents\.createVersion/, "/api/projects/demo"],
  ["an agent and toolChoice", { ...BESIDE, toolChoice: "required" }, "toolChoice", /agents\.createVersion/, "/api/projects/demo"],
  ["an agent and extraBody.tools", { ...BESIDE, extraBody: { tools: [] } }, "tools", /refuses tools/, "/api/projects/demo"],
  ["an agent and extraBody.text", { ...BESIDE, extraBody: { text: {} } }, "extraBody", /refuses text/, "/api/projects/demo"],
  ["an agent of a resource", BESIDE, "endpoint", /Foundry project/],
  ["an agent without a name", { ...BESIDE, agent: "" }, "agent", /1 to 256/, "/api/projects/demo"],
  ["an agent with a blank name", { ...BESIDE, agent: "  " }, "agent", /0 characters/, "/api/projects/demo"],
  ["an agent whose name is too long", { ...BESIDE, agent: "a".repeat(257) }, "agent", /257 characters/, "/api/projects/demo"],
  ["an agent that is no agent", { ...BESIDE, agent: 7 }, "agent", /\{ name, version \}/, "/api/projects/demo"],
  [
    "an agent whose version is a number",
    { ...BESIDE, agent: { name: "painter", version: 1 } },
    "agent.version",
    /must be a string/,
    "/api/projects/demo",
  ],
  ["a response to go on from, and a conversation", { previousResponseId: "resp_1", conversation: "conv_1" }, "conversation", /Pass only one of them/],
  ["a conversation that is none", { conversation: { name: "a" } }, "conversation", /the id of a conversation/],
  ["previousResponseId that is no text", { previousResponseId: { id: "resp_1" } }, "previousResponseId", /must be a string/],
  ["toolChoice that is neither a name nor an object", { toolChoice: 7 }, "toolChoice", /must be a string/],
  ["a tool that is no object", { tool: "image_generation" }, "tool", /must be an object/],
  ["a size that is no text", { tool: { size: 1024 } }, "tool.size", /must be a string/],
  ["a compression that is no whole number", { tool: { outputCompression: 1.5 } }, "tool.outputCompression", /whole number/],
  ["extra members of the tool that are no object", { tool: { extra: [] } }, "tool.extra", /plain object/],
  ["previews without a stream", { tool: { partialImages: 1 } }, "tool.partialImages", /responses\.stream/],
  ["store that is neither", { store: "yes" }, "store", /true or false/],
  ["metadata that is no object", { metadata: ["a"] }, "metadata", /plain object/],
  ["metadata with a number", { metadata: { a: 1 } }, "metadata", /"a".*string/],
  ["too much metadata", { metadata: many }, "metadata", /17 pairs.*16/],
  ["a name of metadata that is too long", { metadata: { [LONG]: "v" } }, "metadata", /65 characters.*64/],
  ["a value of metadata that is too long", { metadata: { a: "v".repeat(513) } }, "metadata", /513 characters.*512/],
  ["extraBody that is no object", { extraBody: "a" }, "extraBody", /plain object/],
  ["extraBody with a file", { extraBody: { a: new Uint8Array(1) } }, "extraBody", /cannot hold/],
  ["the background, which is started", { extraBody: { background: true } }, "extraBody", /responses\.start/],
  ["an image deployment that is no text", { imageDeployment: 7 }, "imageDeployment", /must be a string/],
  ["an image deployment that no header holds", { imageDeployment: "gpt image" }, "imageDeployment", /Azure portal/],
  [
    "a size that the model of the client cannot make",
    { tool: { size: "512x512" } },
    "tool.size",
    /512x512.*1024x1024/s,
    "",
    { model: "gpt-image-1" },
  ],
  ["a size that the model of the tool cannot make", { tool: { size: "512x512", model: "gpt-image-1" } }, "tool.size", /512x512/],
  [
    "a fidelity that the model does not know",
    { tool: { inputFidelity: "high" } },
    "tool.inputFidelity",
    /gpt-image-1-mini/,
    "",
    { model: "gpt-image-1-mini" },
  ],
  ["a transparent JPEG", { tool: { background: "transparent", outputFormat: "jpeg" } }, "tool.outputFormat", /png/i, "", { model: "gpt-image-1" }],
];

for (const [what, request, param, says, path, options] of REFUSED) {
  test(`${what}: refused before anything is sent`, { tag: "@nightly" }, async ({ page, simulator }) => {
    const ask: Ask = { endpoint: simulator.url + (path ?? ""), request: request as object, ...(options && { options }) };
    const { error, listeners } = await page.evaluate(create, ask);
    expect(error).toMatchObject({ isAzureImageError: true, name: "AzureImageError", code: "invalid_request", param, billed: "no", retryable: false });
    expect(error?.message).toMatch(says);
    expect(error?.response).toBeUndefined();
    expect([simulator.requests, listeners]).toEqual([[], 0]);
  });
}

test("what is no request, and options that cannot be used, reject and never throw", async ({ page, simulator }) => {
  const errors = await page.evaluate(async (endpoint) => {
    const { responses } = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const good = { model: "gpt-4.1", input: "Draw a lake" };
    const calls: [string, () => Promise<unknown>][] = [
      ["request", () => responses.create(null as never)],
      ["request", () => responses.create("Draw a lake" as never)],
      ["request", () => responses.create([] as never)],
      [
        "input",
        () =>
          responses.create({
            model: "gpt-4.1",
            get input(): never {
              throw new Error("mistake of the page");
            },
          }),
      ],
      ["abortSignal", () => responses.create(good, { abortSignal: {} as never })],
      ...[undefined, null, 7, "", " ", {}].flatMap((id): [string, () => Promise<unknown>][] => [
        ["id", () => responses.get(id as never)],
        ["id", () => responses.cancel(id as never)],
        ["id", () => responses.delete(id as never)],
      ]),
    ];
    const errors = [];
    for (const [param, call] of calls) errors.push({ wanted: param, ...(await helpers.settled(call)).error });
    return errors;
  }, simulator.url);
  for (const { wanted, ...error } of errors)
    expect.soft(error).toMatchObject({ isAzureImageError: true, code: "invalid_request", param: wanted, billed: "no" });
  expect(simulator.requests).toEqual([]);
});

test("a request is taken hold of at once", async ({ page, simulator }) => {
  await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const request = {
      model: "gpt-4.1",
      input: "Draw a lake",
      metadata: { a: "b" } as Record<string, string>,
      tool: { quality: "low" },
      extraBody: { user: "me" },
    };
    const asked = client.responses.create(request);
    Object.assign(request, { input: "Draw a mill", model: "o3" });
    Object.assign(request.metadata, { c: "d" });
    Object.assign(request.tool, { quality: "high" });
    Object.assign(request.extraBody, { user: "you" });
    await asked;
  }, simulator.url);
  expect(posts(simulator).map(({ body }) => body)).toEqual([
    { ...PLAIN, metadata: { a: "b" }, tools: [{ ...PLAIN.tools[0], quality: "low" }], user: "me" },
  ]);
});

for (const [validation, warned] of [
  ["warn", ["tool.size"]],
  ["off", []],
] as const) {
  test(`validation "${validation}" lets pass what the catalog refuses`, async ({ page, simulator }) => {
    const options = { validation, model: "gpt-image-1", imageDeployment: "gpt-image-2" };
    const report = await page.evaluate(create, { endpoint: simulator.url, options, request: { tool: { size: "2048x2048" } } });
    expect(report.ok?.images).toMatchObject([{ width: 2048, height: 2048 }]);
    expect(warningsOf(report)).toMatchObject(warned.map((param) => ({ param, severity: "warning", message: expect.stringContaining("2048x2048") })));
  });
}

test("a result has all that the service says, and its pictures as they were sent", async ({ page, simulator }) => {
  const request = {
    input: "Draw a lake [expose-headers]",
    tool: { size: "1024x1536", quality: "low", outputFormat: "jpeg" },
    metadata: { who: "me" },
  };
  const { ok } = await page.evaluate(create, { endpoint: simulator.url, request, options: { model: "gpt-image-1" } });
  const { id, raw } = ok ?? {};
  const document = await (await fetch(`${simulator.url}/openai/v1/responses/${id}`, { headers: { "api-key": "simulator-key" } })).json();
  const call = document.output.find(({ type }: { type: string }) => type === "image_generation_call");
  expect(call.result).toEqual(expect.stringMatching(/^\/9j\//));
  call.result = null;
  expect(raw).toEqual(document);
  expect(ok).toEqual({
    id: expect.stringMatching(/^resp_/),
    status: "completed",
    model: "gpt-4.1",
    createdOn: new Date(document.created_at * 1000),
    text: document.output.at(-1).content[0].text,
    images: [
      {
        call: { id: call.id, outputIndex: 0, action: "generate", size: "1024x1536", quality: "low", background: "opaque", outputFormat: "jpeg" },
        mediaType: "image/jpeg",
        blobType: "image/jpeg",
        width: 1024,
        height: 1536,
        byteLength: simulator.pictures[0]?.byteLength,
        blobSize: simulator.pictures[0]?.byteLength,
        sha256: sent(simulator, "final")[0],
        revisedPrompt: call.revised_prompt,
      },
    ],
    toolCalls: [],
    approvalRequests: [],
    citations: [],
    usage: {
      inputTokens: document.usage.input_tokens,
      cachedTokens: 0,
      outputTokens: document.usage.output_tokens,
      reasoningTokens: 0,
      totalTokens: document.usage.total_tokens,
    },
    imageUsage: {
      inputTokens: document.tool_usage.image_gen.input_tokens,
      outputTokens: 408,
      totalTokens: document.tool_usage.image_gen.input_tokens + 408,
      inputTokensDetails: { textTokens: document.tool_usage.image_gen.input_tokens, imageTokens: 0 },
      outputTokensDetails: { textTokens: 0, imageTokens: 408 },
      cost: expect.closeTo((document.tool_usage.image_gen.input_tokens * 5 + 408 * 40) / 1e6, 6),
    },
    requestId: expect.any(String),
    raw: document,
    ...(ok?.warnings && { warnings: ok.warnings }),
  });
  expect(ok?.text).not.toBe("");
  expect(warningsOf({ ok })).toEqual([]);
});

test("what the pictures cost is known where their model, or the prices, are", async ({ page, simulator }) => {
  const costs = [];
  for (const [options, request] of [
    [{}, {}],
    [{}, { tool: { model: "gpt-image-1" } }],
    [{ rates: { textInput: 0, imageInput: 0, output: 1000 } }, {}],
  ] as [ClientOptions, Partial<ResponseRequest>][]) {
    const { ok } = await page.evaluate(create, {
      endpoint: simulator.url,
      options,
      request: { ...request, tool: { ...request.tool, quality: "low", size: "1024x1024" } },
    });
    costs.push([ok?.imageUsage?.outputTokens, ok?.imageUsage?.cost]);
  }
  const price = expect.closeTo(272 * 40e-6, 3);
  // The answer names the model; what the request says of it is not needed.
  expect(costs).toEqual([
    [272, price],
    [272, price],
    [272, 0.272],
  ]);
});

test("several pictures come in the order of the response", async ({ page, simulator }) => {
  const { ok } = await page.evaluate(create, { endpoint: simulator.url, request: { input: "Draw a lake [pictures=3]" } });
  expect(ok?.images.map(({ sha256 }) => sha256)).toEqual(sent(simulator, "final"));
  expect(new Set(sent(simulator, "final")).size).toBe(3);
  expect(ok?.images.map(({ call }) => call?.outputIndex)).toEqual([0, 1, 2]);
  expect(ok?.imageUsage?.outputTokens).toBeGreaterThan(0);
});

test("responses that are made side by side keep their pictures apart", async ({ page, simulator }) => {
  const results = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const inputs = ["Draw a lake", "Draw a city [pictures=2]", "Draw a forest", "Say hello", "Draw a desert [response-failed=server_error]"];
    return Promise.all(
      inputs.map((input) => helpers.responseOutcome(client.responses.create({ model: "gpt-4.1", input, tool: { quality: "low" } }))),
    );
  }, simulator.url);
  const texts = results.map(({ ok }) => ok?.images.map(({ revisedPrompt }) => revisedPrompt?.split(",")[0]));
  expect(texts).toEqual([["Draw a lake"], ["Draw a city", "Draw a city"], ["Draw a forest"], [], undefined]);
  expect(results[4]?.error).toMatchObject({ code: "service", serviceCode: "server_error" });
  expect(results.flatMap(({ ok }) => ok?.images.map(({ sha256 }) => sha256) ?? []).toSorted()).toEqual(sent(simulator, "final").toSorted());
  expect(new Set(results.map(({ ok, error }) => ok?.id ?? error?.response?.id)).size).toBe(5);
});

const UNUSUAL = ["wrong-type", "shuffled", "decoy", "minimal", "escaped", "bom", "chunk=7000", "noise", "omit-repeated-picture"];
for (const words of UNUSUAL) {
  test(`[${words}]: the picture comes as it was sent`, { tag: "@nightly" }, async ({ page, simulator }) => {
    const { ok, error } = await page.evaluate(create, { endpoint: simulator.url, request: { input: `Draw a lake [${words}]` } });
    expect(error).toBeUndefined();
    expect(ok?.images.map(({ sha256 }) => sha256)).toEqual(sent(simulator, "final"));
    expect(ok).toMatchObject({ status: "completed", images: [{}] });
  });
}

test("an answer in words is no failure, nor is a refusal", async ({ page, simulator }) => {
  const reports = [];
  for (const input of ["Say hello", "Draw a lake [no-image]", "Draw a lake [refusal]"])
    reports.push(await page.evaluate(create, { endpoint: simulator.url, request: { input } }));
  for (const { ok } of reports) {
    expect(ok).toMatchObject({ status: "completed", images: [] });
    for (const absent of ["failures", "error", "imageUsage"]) expect(ok).not.toHaveProperty(absent);
  }
  expect(reports.map(({ ok }) => [ok?.text !== "", ok?.refusal !== undefined])).toEqual([
    [true, false],
    [true, false],
    [false, true],
  ]);
  expect(reports[2]?.ok?.refusal).toMatch(/\S/);
});

interface Failed extends Partial<Omit<ErrorReport, "response">> {
  words: string;
  says: RegExp;
  /** What had come. */
  response: object;
}

/** Responses that end otherwise than they should, of an answer with the status 200. */
const FAILED: Failed[] = [
  {
    words: "call-failed",
    ...{ code: "content_filter", billed: "unknown", retryable: false, serviceCode: "moderation_blocked", says: /safety system/ },
    contentFilter: { source: "image", stage: "output", categories: [{ name: "violence" }] },
    response: {
      status: "completed",
      images: [],
      text: expect.stringMatching(/\S/),
      usage: { inputTokens: expect.any(Number) },
      failures: [{ call: { id: expect.stringMatching(/^ig_/), outputIndex: 0 }, error: { code: "content_filter" } }],
    },
  },
  {
    words: "call-failed] [refusal",
    ...{ code: "content_filter", billed: "unknown", serviceCode: "moderation_blocked", says: /safety system/ },
    response: { status: "completed", images: [], refusal: expect.stringMatching(/\S/), failures: [{}] },
  },
  {
    words: "call-failed] [pictures=2",
    ...{ code: "content_filter", says: /safety system/ },
    response: { images: [], failures: [{ call: { outputIndex: 0 } }, { call: { outputIndex: 1 } }] },
  },
  {
    words: "incomplete=max_output_tokens",
    ...{
      code: "invalid_request",
      param: "max_output_tokens",
      billed: "yes",
      retryable: false,
      serviceCode: "max_output_tokens",
      says: /Raise or remove max_output_tokens/,
    },
    response: { status: "incomplete", images: [{ width: 1024 }], usage: {}, error: { code: "invalid_request" } },
  },
  {
    words: "incomplete=content_filter",
    ...{ code: "content_filter", billed: "unknown", retryable: false, serviceCode: "content_filter", says: /content filter stopped/ },
    response: { status: "incomplete", images: [], usage: {} },
  },
  {
    words: "response-failed",
    code: "service",
    billed: "unknown",
    retryable: true,
    serviceCode: "server_error",
    says: /Try again later/,
    response: { status: "failed", images: [] },
  },
  {
    words: "response-failed=rate_limit_exceeded] [retry-after=30",
    ...{ code: "rate_limit", billed: "unknown", retryable: true, retryAfterInMs: 30_000, serviceCode: "rate_limit_exceeded", says: /Wait/ },
    response: { status: "failed", images: [] },
  },
  {
    words: "response-failed=image_content_policy_violation",
    ...{ code: "content_filter", billed: "unknown", retryable: false, serviceCode: "image_content_policy_violation", says: /safety system/ },
    response: { status: "failed", images: [] },
  },
  {
    words: "response-failed=invalid_prompt",
    code: "invalid_request",
    retryable: false,
    serviceCode: "invalid_prompt",
    says: /Change the prompt/,
    response: { status: "failed" },
  },
  ...["invalid_image", "invalid_image_format", "image_too_large", "image_parse_error", "failed_to_download_image"].map((code) => ({
    ...{
      words: `response-failed=${code}`,
      code: "invalid_request" as const,
      retryable: false,
      serviceCode: code,
      says: /input image/,
      response: { status: "failed" },
    },
  })),
  {
    words: "malformed-base64",
    code: "stream_malformed",
    billed: "unknown",
    retryable: false,
    says: /base64/,
    response: { status: "completed", images: [], failures: [{ error: { code: "stream_malformed" } }] },
  },
  {
    words: "half-quad",
    code: "stream_malformed",
    billed: "unknown",
    retryable: false,
    says: /base64/,
    response: { status: "completed", images: [] },
  },
];

for (const { words, says, response, ...expected } of FAILED) {
  test(`[${words}]: ${expected.code}, with what had come`, { tag: "@nightly" }, async ({ page, simulator }) => {
    const { error, ...report } = await page.evaluate(create, {
      endpoint: simulator.url,
      request: { input: `Draw a lake [${words}] [expose-headers]` },
    });
    expect(error).toMatchObject({ isAzureImageError: true, ...expected });
    expect(error?.message).toMatch(says);
    expect(error?.response).toMatchObject({ id: expect.stringMatching(/^resp_/), raw: { object: "response" }, ...response });
    expect(error?.requestId, "the name by which support finds it").toBe(error?.response?.requestId);
    expect(error?.requestId).toEqual(expect.any(String));
    expect(error?.response?.images.map(({ sha256 }) => sha256)).toEqual(sent(simulator, "final").slice(0, error?.response?.images.length));
    expect(posts(simulator)).toHaveLength(1);
    // A picture belongs into no log.
    expect(JSON.parse(error?.json ?? "{}")).toMatchObject({ responseId: error?.response?.id, code: error?.code });
    expect(Object.keys(JSON.parse(error?.json ?? "{}"))).not.toContain("response");
    expect([report.listeners, report.urls, report.retries, report.printed]).toEqual([0, 0, [], []]);
  });
}

test("a call that failed among others leaves the pictures of the others", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const spoil = async (request: Request) => {
      const document = await (await fetch(request)).json();
      document.output[0] = { ...document.output[0], status: "failed", result: null, error: { code: "moderation_blocked", message: "No." } };
      return Response.json(document);
    };
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1", fetch: spoil });
    return helpers.responseOutcome(client.responses.create({ model: "gpt-4.1", input: "Draw a lake [pictures=2]" }));
  }, simulator.url);
  expect(report.ok).toMatchObject({
    status: "completed",
    images: [{ call: { outputIndex: 1 } }],
    failures: [{ call: { outputIndex: 0 }, error: { code: "content_filter" } }],
  });
  expect(report.ok?.images.map(({ sha256 }) => sha256)).toEqual(sent(simulator, "final").slice(1));
});

interface Broken {
  words: string;
  code: ErrorReport["code"];
  status?: number;
  billed?: string;
  posts?: number;
  says: RegExp;
  options?: ClientOptions;
}

const limited = { billed: "no", posts: 3, code: "rate_limit" as const, status: 429, says: /Wait/ };

/** Requests that bring no response. */
const BROKEN: Broken[] = [
  { words: "status=400", code: "invalid_request", status: 400, billed: "no", says: /\. \S/ },
  { words: "content-filter", code: "content_filter", status: 400, billed: "no", says: /prompt/ },
  { words: "status=401", code: "authentication", status: 401, billed: "no", says: /belongs to this resource/ },
  { words: "status=403", code: "permission", status: 403, billed: "no", says: /\. \S/ },
  { words: "error=404-resource-not-found", code: "not_found", status: 404, billed: "no", says: /endpoint and apiVersion/ },
  { words: "error=404-deployment-not-found", code: "deployment_not_found", status: 404, billed: "no", says: /deployment name/ },
  { words: "status=408", code: "timeout", status: 408, says: /responses\.stream/ },
  { words: "status=409", code: "service", status: 409, billed: "no", says: /Try again/ },
  { words: "status=413", code: "invalid_request", status: 413, billed: "no", says: /Send fewer/ },
  { words: "error=429-rate-limit-reached] [retry-after=0.01", ...limited },
  { words: "error=429-too-many-requests] [retry-after=0.01", ...limited },
  { words: "status=500", code: "service", status: 500, says: /Try again later/ },
  { words: "status=502", code: "service", status: 502, says: /502/ },
  { words: "status=503] [retry-after=0.01", code: "service", status: 503, says: /Try again later/ },
  { words: "status=504", code: "service", status: 504, says: /responses\.stream/ },
  { words: "html", code: "service", says: /web page/ },
  { words: "malformed-json", code: "stream_malformed", says: /not JSON/ },
  { words: "redirect", code: "connection", says: /redirects/ },
  { words: "no-cors", code: "connection", says: /CORS/ },
  { words: "reset=before-headers", code: "connection", says: /online/ },
  { words: "truncate=before-headers", code: "connection", says: /online/ },
  { words: "reset=mid-headers", code: "connection", says: /online/ },
  // Firefox hands an answer over with the first byte of its body.
  { words: "reset=0", code: "connection", says: /connection broke|No response could be read/ },
  { words: "reset=50%", code: "connection", says: /connection broke/ },
  { words: "reset=99%", code: "connection", says: /connection broke/ },
  { words: "truncate=0", code: "stream_truncated", says: /before the image was complete/ },
  { words: "truncate=50%", code: "stream_truncated", says: /before the image was complete/ },
  { words: "truncate=99%", code: "stream_truncated", says: /before the image was complete/ },
  { words: "chunk=50000", options: { maxEventBytes: 50 }, code: "too_large", says: /maxEventBytes/ },
  { words: "chunk=50000", options: { maxImageBytes: 1000 }, code: "too_large", says: /maxImageBytes/ },
  { words: "chunk=50000", options: { maxNesting: 1 }, code: "too_large", says: /maxNesting/ },
  { words: "stall=50%", options: { idleTimeoutInMs: 200 }, code: "timeout", says: /idleTimeout/ },
  { words: "slow-first-byte=60000", options: { timeoutInMs: 200 }, code: "timeout", says: /\(timeoutInMs\)/ },
  { words: "slow-first-byte=60000", options: { totalTimeoutInMs: 300 }, code: "timeout", says: /totalTimeout/ },
];

for (const { words, options, code, says, status, billed = "unknown", posts: tries = 1 } of BROKEN) {
  const limit = Object.keys(options ?? {}).join();
  test(`[${words}]${limit && `, with ${limit}`}: ${code}, after ${tries} POST${tries > 1 ? "s" : ""}`, {
    tag: words === "no-cors" ? "@browser" : "@nightly",
  }, async ({ page, simulator }) => {
    const retryOptions = { maxRetries: 2, retryDelayInMs: 1 };
    const { error, ...report } = await page.evaluate(create, {
      endpoint: simulator.url,
      options: { retryOptions, ...options },
      request: { input: `Draw a lake [${words}]` },
    });
    expect(error).toMatchObject({ isAzureImageError: true, name: "AzureImageError", code, billed });
    expect(error?.status).toBe(status);
    expect(error?.message).toMatch(says);
    expect(posts(simulator)).toHaveLength(tries);
    expect(report.retries).toEqual(Array.from({ length: tries - 1 }, (_, index) => `${code} ${index + 1}`));
    expect([report.listeners, report.urls, report.printed]).toEqual([0, 0, []]);
    expect([error?.text, error?.json].join()).not.toContain("simulator-key");
    await expect.poll(() => simulator.activeRequests).toBe(0);
  });
}

test("a prompt that the filter refuses is told with its categories", async ({ page, simulator }) => {
  const { error } = await page.evaluate(create, { endpoint: simulator.url, request: { input: "Draw gore" } });
  expect(error).toMatchObject({
    code: "content_filter",
    serviceCode: "content_filter",
    contentFilter: { source: "prompt", categories: [{ name: "violence", severity: "high" }] },
  });
  expect(error?.message).toContain("violence: high");
});

test("too many requests are waited for, and the picture comes", async ({ page, simulator }) => {
  const report = await page.evaluate(create, {
    endpoint: simulator.url,
    request: { input: "Draw a lake [error=429-rate-limit-reached] [retry-after=0.01] [times=2]" },
  });
  expect(report.ok?.images).toHaveLength(1);
  expect(report.retries).toEqual(["rate_limit 1", "rate_limit 2"]);
  expect(report.stages).toContain("retrying");
  expect(posts(simulator).map(({ status }) => status)).toEqual([429, 429, 200]);
});

test("a credential that the service repeats is told to nobody", async ({ page, simulator }) => {
  const { error, printed } = await page.evaluate(create, {
    endpoint: simulator.url,
    request: { input: "Draw a lake [echo-credential] [expose-headers]" },
  });
  expect(error).toMatchObject({ code: "authentication", status: 401, requestId: "[redacted]", param: "[redacted]" });
  expect(JSON.stringify([error, printed])).not.toContain("simulator-key");
});

test("nor is one that stands in a response that failed, or in a call of it", async ({ page }) => {
  const report = await page.evaluate(async () => {
    const key = "a-key-that-is-a-secret-0123456789";
    const error = { code: "server_error", message: `no ${key}` };
    const documents = [
      { object: "response", id: "resp_1", status: "failed", output: [], error },
      { object: "response", id: "resp_2", status: "completed", output: [{ type: "image_generation_call", id: "ig_1", status: "failed", error }] },
    ];
    const errors = [];
    for (const document of documents) {
      const client = new azure.AzureImageClient("/api", { key }, { fetch: async () => Response.json(document) });
      const { error } = await helpers.responseOutcome(client.responses.create({ model: "gpt-4.1", input: "Draw a lake" }));
      errors.push({ message: error?.message, json: error?.json, failures: error?.response?.failures });
    }
    return errors;
  });
  for (const { message } of report) expect(message).toContain("no [redacted]");
  expect(JSON.stringify(report)).not.toContain("0123456789");
});

test.describe("with a service that takes its time", () => {
  let slow: Simulator;
  test.beforeAll(async () => {
    slow = await startSimulator({ latencyInMs: 60_000 });
  });
  test.afterAll(() => slow.close());
  test.beforeEach(() => slow.reset());

  test("aborting before anything was sent, and while the response is made", async ({ page }) => {
    const reports = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
      const reports = [];
      for (const when of ["authenticating", "waiting"]) {
        const stop = new AbortController();
        if (when === "authenticating") stop.abort(new Error("enough"));
        const onProgress = ({ stage }: { stage: string }) => stage === when && stop.abort(new Error("enough"));
        const asked = client.responses.create({ model: "gpt-4.1", input: "Draw a lake" }, { abortSignal: stop.signal, onProgress });
        reports.push({ ...(await helpers.responseOutcome(asked)), listeners: helpers.listenersOf(stop.signal) });
      }
      return reports;
    }, slow.url);
    expect(reports).toMatchObject([
      { error: { code: "cancelled", name: "AbortError", billed: "no", cause: "Error: enough" }, listeners: 0 },
      { error: { code: "cancelled", name: "AbortError", billed: "unknown", cause: "Error: enough" }, listeners: 0 },
    ]);
    for (const { error } of reports) expect(error).not.toHaveProperty("response");
    expect(posts(slow).length).toBeLessThanOrEqual(1);
    await expect.poll(() => slow.activeRequests).toBe(0);
  });

  test("a response in work can be fetched and cancelled, and is no failure of the question", { tag: "@nightly" }, async ({ page }) => {
    const report = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
      const job = await client.responses.start({ model: "gpt-4.1", input: "Draw a lake" });
      const inWork = await helpers.responseOutcome(client.responses.get(job.id));
      const cancelled = await helpers.responseOutcome(client.responses.cancel(` ${job.id} `));
      const again = await helpers.responseOutcome(client.responses.cancel(job.id));
      const after = await helpers.responseOutcome(client.responses.get(job.id));
      await job.cancel();
      await job.result().catch(() => {});
      return { inWork, cancelled, again, after };
    }, slow.url);
    expect(report.inWork.ok).toMatchObject({
      status: expect.stringMatching(/^(queued|in_progress)$/),
      images: [],
      text: "",
      id: expect.stringMatching(/^resp_/),
    });
    for (const absent of ["error", "failures", "usage"]) expect(report.inWork.ok).not.toHaveProperty(absent);
    for (const { ok } of [report.cancelled, report.again, report.after])
      expect(ok).toMatchObject({ status: "cancelled", images: [], error: { code: "cancelled", name: "AbortError" } });
    await expect.poll(() => slow.activeRequests).toBe(0);
  });
});

for (const [words, expected] of [
  ["", { status: "completed", images: [{ call: { action: "generate" } }] }],
  ["response-failed", { status: "failed", images: [], error: { code: "service", serviceCode: "server_error" } }],
  ["incomplete=max_output_tokens", { status: "incomplete", images: [{}], error: { code: "invalid_request", billed: "yes" } }],
  ["incomplete=content_filter", { status: "incomplete", images: [], error: { code: "content_filter" } }],
  ["call-failed", { status: "completed", images: [], failures: [{ error: { code: "content_filter" } }] }],
  ["result-not-kept", { status: "completed", images: [], failures: [{ error: { code: "no_image", billed: "yes" } }] }],
] as const) {
  test(`a response${words && ` with [${words}]`} is fetched as it stands, and deleted`, async ({ page, simulator }) => {
    const report = await page.evaluate(
      async ([endpoint, words]) => {
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1", model: "gpt-image-1" });
        const made = await helpers.responseOutcome(client.responses.create({ model: "gpt-4.1", input: `Draw a lake${words}` }));
        const id = made.ok?.id ?? made.error?.response?.id ?? "";
        const fetched = await helpers.responseOutcome(client.responses.get(id));
        const deleted = await helpers.settled(() => client.responses.delete(id));
        const gone = [];
        for (const ask of [() => client.responses.get(id), () => client.responses.cancel(id)]) gone.push(await helpers.responseOutcome(ask()));
        return { id, made, fetched, deleted, gone: [...gone, await helpers.settled(() => client.responses.delete(id))] };
      },
      [simulator.url, words && ` [${words}]`] as const,
    );
    const made = report.made.ok ?? report.made.error?.response;
    expect(report.fetched.ok).toMatchObject({ id: report.id, ...expected });
    expect(report.fetched.ok?.images).toEqual(words === "result-not-kept" ? [] : made?.images);
    expect(report.fetched.ok?.imageUsage).toEqual(made?.imageUsage);
    expect(report.deleted).toEqual({});
    for (const { error } of report.gone)
      expect(error).toMatchObject({ code: "not_found", status: 404, billed: "no", message: expect.stringContaining("30 days") });
    const [, fetched, deleted] = exchanges(simulator);
    expect([fetched, deleted].map((request) => request && [request.method, request.path, request.query, headersOf(request)])).toEqual(
      ["GET", "DELETE"].map((method) => [method, `/openai/v1/responses/${report.id}`, { "api-version": "preview" }, { "api-key": "simulator-key" }]),
    );
  });
}

test("a response that was not started in the background cannot be cancelled, and the error says what can", async ({ page, simulator }) => {
  const { error } = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const { id } = await client.responses.create({ model: "gpt-4.1", input: "Say hello" });
    return helpers.responseOutcome(client.responses.cancel(id ?? ""));
  }, simulator.url);
  expect(error).toMatchObject({ code: "invalid_request", status: 400, billed: "no", message: expect.stringContaining("Abort the call") });
});

test("what is not there is not found: a response, one to go on from, a conversation, an agent, a model", async ({ page, simulator }) => {
  const errors = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const { responses } = client;
    await client.agents.createVersion("painter", { model: "gpt-4.1" });
    const input = "Draw a lake";
    const calls = [
      () => responses.get("resp_1"),
      () => responses.create({ model: "gpt-4.1", input, previousResponseId: "resp_1" }),
      () => responses.create({ model: "gpt-4.1", input, conversation: "conv_1" }),
      () => responses.create({ agent: "sculptor", input }),
      () => responses.create({ agent: { name: "painter", version: "7" }, input }),
      () => responses.create({ model: "gpt-9", input }),
      () => responses.create({ model: "gpt-4.1", input, imageDeployment: "gpt-image-9" }),
    ];
    const errors = [];
    for (const call of calls) errors.push((await helpers.responseOutcome(call())).error);
    return errors;
  }, project(simulator));
  const texts = [
    /stores a response for 30 days/,
    /resp_1.*30 days/s,
    /conv_1.*endpoint/s,
    /sculptor.*name and version of the agent/s,
    /painter.*version/s,
    /deployment name/,
    /deployment name/,
  ];
  for (const [index, says] of texts.entries()) {
    const code = index < 5 ? "not_found" : "deployment_not_found";
    expect.soft(errors[index]).toMatchObject({ code, status: index === 1 ? 400 : 404, billed: "no", retryable: false });
    expect.soft(errors[index]?.message).toMatch(says);
  }
});

test("trouble while a response is fetched costs nothing, and is tried again", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(
      endpoint,
      { key: "simulator-key" },
      { imageDeployment: "gpt-image-1", retryOptions: { maxRetries: 1, retryDelayInMs: 1 } },
    );
    const outcomes = [];
    for (const words of ["[get-status=503] [retry-after=0.01] [times=1]", "[get-status=503] [retry-after=0.01]", "[get-status=403]"]) {
      const { id } = await client.responses.create({ model: "gpt-4.1", input: `Say hello ${words}` });
      outcomes.push(await helpers.responseOutcome(client.responses.get(id ?? "")));
    }
    return outcomes;
  }, simulator.url);
  expect(report[0]?.ok?.status).toBe("completed");
  expect(report[1]?.error).toMatchObject({ code: "service", status: 503, billed: "no", retryable: true });
  expect(report[2]?.error).toMatchObject({ code: "permission", status: 403, billed: "no" });
  expect(
    exchanges(simulator)
      .filter(({ method }) => method === "GET")
      .map(({ status }) => status),
  ).toEqual([503, 200, 503, 503, 403]);
});

for (const status of ["queued", "in_progress"]) {
  test(`an answer that is ${status} is no response that is complete, and says how it is followed`, async ({ page }) => {
    const errors = await page.evaluate(async (status) => {
      const response = { id: "resp_1", object: "response", status, output: [] };
      const events = ["created", "completed"].map((type) => `data: ${JSON.stringify({ type: `response.${type}`, response })}\n\n`).join("");
      const fetch = async (request: Request) => {
        const { stream } = (await request.json()) as { stream?: boolean };
        return stream ? new Response(events, { headers: { "content-type": "text/event-stream" } }) : Response.json(response);
      };
      const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", null, { imageDeployment: "gpt-image-1", fetch });
      const request = { model: "gpt-4.1", input: "Draw a lake" };
      const outcomes = [client.responses.create(request), client.responses.stream(request).result()].map(helpers.responseOutcome);
      return (await Promise.all(outcomes)).map(({ error }) => error);
    }, status);
    for (const error of errors) {
      expect(error).toMatchObject({ code: "stream_malformed", billed: "unknown", retryable: false, response: { id: "resp_1", status } });
      expect(error?.message).toContain('responses.resume("resp_1")');
    }
  });
}

test("of calls of the tool that all failed, one made its picture: that is billed", async ({ page }) => {
  const { error } = await page.evaluate(() => {
    const call = { type: "image_generation_call", id: "ig_1" };
    const output = [
      { ...call, status: "failed" },
      { ...call, id: "ig_2", status: "completed" },
    ];
    const fetch = async () => Response.json({ id: "resp_1", object: "response", status: "completed", output });
    const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", null, { imageDeployment: "gpt-image-1", fetch });
    return helpers.responseOutcome(client.responses.create({ model: "gpt-4.1", input: "Draw two lakes" }));
  });
  expect(error).toMatchObject({ code: "service", billed: "yes", message: expect.stringContaining("was billed") });
});
