import type { AzureImageError, ResponseEvent, ResponseRequest, ToolHandlers } from "../../js/index.js";
import { exchanges, expect, test } from "./fixtures.js";

/** Posted bodies, in order. */
const posted = (simulator: Parameters<typeof exchanges>[0]) =>
  exchanges(simulator)
    .filter(({ method }) => method === "POST")
    .map(({ body }) => body as Record<string, never>);

const WEATHER = {
  type: "function",
  name: "get_weather",
  description: "Returns the weather of a city.",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
  strict: true,
} as const;

test("a function is called, its output is sent back, and the image is drawn", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(
    async ([endpoint, weather]) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
      const common = { model: "gpt-4.1", tools: [weather], tool: { quality: "low", partialImages: 1 } } as const;
      const types: string[] = [];
      const deltas: string[] = [];
      const first = client.responses.stream({ ...common, input: "Get the weather in Oslo and draw it" });
      for await (const event of first) {
        if (event.type === "toolCallDelta") deltas.push(`${event.name} ${event.delta}`);
        if (event.type !== "status" && event.type !== "toolCallDelta") types.push(event.type);
      }
      const { id, toolCalls, images } = await first.result();
      const [call] = toolCalls;
      const second = client.responses.stream({
        ...common,
        previousResponseId: id,
        input: toolCalls.map(({ callId = "", parsedArguments }) => ({
          functionCallOutput: { callId, output: { sky: "snow", city: (parsedArguments as { city: string }).city } },
        })),
      });
      for await (const event of second) types.push(event.type);
      const { images: drawn, text, toolCalls: rest } = await second.result();
      return {
        types: types.filter((type) => type !== "status" && type !== "textDelta" && type !== "callStatus"),
        deltas,
        call: { ...call, images: call?.images.length, parsed: call?.parsedArguments },
        none: images.length,
        drawn: await helpers.load(drawn[0]!.objectUrl),
        text,
        rest: rest.length,
      };
    },
    [simulator.url, WEATHER] as const,
  );
  expect(report.types).toEqual(["toolCall", "completed", "partialImage", "image", "completed"]);
  expect(report.deltas.map((delta) => delta.replace("get_weather ", "")).join("")).toBe('{"city":"Oslo"}');
  expect(report.call).toMatchObject({
    type: "function_call",
    name: "get_weather",
    callId: expect.stringMatching(/^call_/),
    outputIndex: 0,
    status: "completed",
    arguments: '{"city":"Oslo"}',
    parsed: { city: "Oslo" },
    images: 0,
  });
  expect(report).toMatchObject({ none: 0, drawn: { width: 1024, height: 1024 }, rest: 0 });
  expect(report.text).toContain("snow");
  const [first, second] = posted(simulator);
  expect(first).toMatchObject({ tools: [{ type: "image_generation", quality: "low", partial_images: 1 }, WEATHER] });
  expect(second).toMatchObject({
    input: [{ type: "function_call_output", call_id: report.call.callId, output: '{"sky":"snow","city":"Oslo"}' }],
    tools: [{ type: "image_generation" }, WEATHER],
  });
});

test("an MCP server is called once it is approved, and not if it is denied", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const common = {
      model: "gpt-4.1",
      tools: [{ type: "mcp", serverLabel: "docs", serverUrl: "https://example.com/mcp", requireApproval: "always", headers: { "x-key": "SECRET" } }],
    } as const;
    const ask = async (approve: boolean) => {
      const stream = client.responses.stream({ ...common, input: "Ask the docs" });
      const events: ResponseEvent[] = [];
      for await (const event of stream) events.push(event);
      const { id, approvalRequests, toolCalls } = await stream.result();
      const told = events.flatMap((event) => (event.type === "approvalRequest" ? [event.request] : []));
      const answers = approvalRequests.map((request) => ({ mcpApproval: { requestId: request.id, approve, reason: "as asked" } }));
      const answer = await client.responses.create({ ...common, previousResponseId: id, input: answers });
      const [request] = approvalRequests;
      return {
        isTold: told[0] === request && told.length === 1,
        before: toolCalls.length,
        request: { ...request, parsed: request?.parsedArguments },
        calls: answer.toolCalls.map(({ type, name, serverLabel, output }) => ({ type, name, serverLabel, output })),
        text: answer.text,
      };
    };
    return { approved: await ask(true), denied: await ask(false) };
  }, simulator.url);
  expect(report.approved).toMatchObject({
    isTold: true,
    before: 0,
    request: { serverLabel: "docs", name: "search", parsed: expect.any(Object), outputIndex: expect.any(Number) },
    calls: [{ type: "mcp_call", name: "search", serverLabel: "docs", output: expect.any(String) }],
  });
  expect(report.approved.text).toContain(report.approved.calls[0]?.output);
  expect(report.denied).toMatchObject({ isTold: true, calls: [] });
  const [, answer] = posted(simulator);
  expect(answer?.["input"]).toMatchObject([{ type: "mcp_approval_response", approve: true, reason: "as asked" }]);
});

test("a file of the code interpreter becomes a Blob", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const run = async (input: string) => {
      const stream = client.responses.stream({ model: "gpt-4.1", input, tools: [{ type: "code_interpreter" }] });
      const cited: string[] = [];
      for await (const event of stream) if (event.type === "citation") cited.push(event.citation.type);
      const { toolCalls, citations } = await stream.result();
      const [call] = toolCalls;
      const [citation] = citations;
      const blob = await client.files.content(citation!);
      const { fileId, containerId } = citation!;
      const named = await client.files.content({ fileId: fileId!, containerId: null as never }, { containerId: containerId! });
      const { error } = await helpers.settled(() => client.files.content(fileId!));
      return {
        cited,
        isSame: named.size === blob.size,
        call: { type: call?.type, code: call?.code, logs: call?.outputs?.map(({ logs }) => logs), container: call?.containerId },
        citation,
        type: blob.type,
        text: blob.type.startsWith("image/") ? "" : await blob.text(),
        pixels: blob.type.startsWith("image/") ? (await createImageBitmap(blob)).width > 0 : undefined,
        error: error && { param: error.param, message: error.message },
      };
    };
    return { table: await run("Calculate the squares as CSV"), chart: await run("Plot a chart of the squares") };
  }, simulator.url);
  const { table, chart } = report;
  expect(table.cited).toEqual(["container_file_citation"]);
  expect(table.call).toMatchObject({ type: "code_interpreter_call", code: expect.any(String), logs: [expect.any(String)] });
  expect(table.citation).toMatchObject({
    containerId: table.call.container,
    fileId: expect.stringMatching(/^cfile_/),
    fileName: expect.stringMatching(/\.csv$/),
  });
  expect(table.isSame).toBe(true);
  expect(table.text).toMatch(/^number,square\n1,1\n/);
  expect(table.type).toMatch(/^text\/csv/);
  expect(chart).toMatchObject({ type: "image/png", pixels: true });
  expect(table.error).toMatchObject({ param: "containerId", message: expect.stringContaining("Pass the citation") });
  expect(posted(simulator)[0]).toMatchObject({
    include: ["code_interpreter_call.outputs"],
    tools: [{ type: "image_generation" }, { type: "code_interpreter", container: { type: "auto" } }],
  });
});

test("a screenshot in any form answers a computer call", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
    const common = {
      model: "gpt-4.1",
      tool: false,
      tools: [{ type: "computer_use_preview", environment: "browser", displayWidth: 640, displayHeight: 480 }],
    } as const;
    const canvas = new OffscreenCanvas(640, 480);
    canvas.getContext("2d")!.fillRect(0, 0, 320, 480);
    const blob = await canvas.convertToBlob();
    const { id: fileId } = await client.files.upload(blob);
    const outcomes = [];
    for (const screenshot of [canvas, blob, await createImageBitmap(canvas), { fileId }]) {
      const { id, toolCalls } = await client.responses.create({ ...common, input: "Click the button in the browser" });
      const [call] = toolCalls;
      const answer = { callId: call?.callId ?? "", screenshot, acknowledgedSafetyChecks: call?.pendingSafetyChecks ?? [] };
      const { ok, error } = await helpers.settled(() =>
        client.responses.create({ ...common, previousResponseId: id, input: [{ computerCallOutput: answer }] }),
      );
      outcomes.push({ action: call?.action?.type, text: ok?.text, error: error?.message });
    }
    return outcomes;
  }, simulator.url);
  expect(report).toHaveLength(4);
  for (const { action, text, error } of report) {
    expect(error).toBeUndefined();
    expect(action).toBe("screenshot");
    expect(text).toContain("640x480");
  }
  for (const { tools } of posted(simulator).filter((body) => "tools" in body)) expect(tools).toHaveLength(1);
});

test("a file search cites a file, which is downloaded with its type", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const { id } = await client.files.upload(new Blob(["Lakes are deep."], { type: "text/plain" }), { fileName: "lakes.txt" });
    const tools = [{ type: "file_search", vectorStoreIds: ["vs_1"] }] as const;
    const { toolCalls, citations } = await client.responses.create({ model: "gpt-4.1", input: "Search the files for lakes", tools });
    const [result] = toolCalls[0]?.results ?? [];
    const blobs = [await client.files.content(id), await client.files.content(citations[0]!), await client.files.content(result!)];
    return { id, call: toolCalls[0], citation: citations[0], blobs: await Promise.all(blobs.map(async (blob) => [blob.type, await blob.text()])) };
  }, simulator.url);
  expect(report.call).toMatchObject({
    type: "file_search_call",
    queries: [expect.any(String)],
    results: [{ fileId: report.id, fileName: "lakes.txt" }],
  });
  expect(report.citation).toMatchObject({ type: "file_citation", fileId: report.id, fileName: "lakes.txt", outputIndex: 1 });
  for (const [type, text] of report.blobs) expect([type?.split(";")[0], text]).toEqual(["text/plain", "Lakes are deep."]);
});

interface Run {
  endpoint: string;
  request?: Partial<ResponseRequest>;
  options?: object;
  /** The behavior of the function. */
  how?: "answers" | "throws" | "waits" | "is missing" | "returns an image";
}

/** Runs tools and reports the outcome. */
async function run({ endpoint, request, options, how = "answers" }: Run) {
  const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
  const calls: unknown[] = [];
  const controller = new AbortController();
  let reached!: () => void;
  const waiting = new Promise<void>((resolve) => (reached = resolve));
  let wasAborted = false;
  const get_weather: ToolHandlers[string] = async ({ city }, { call, abortSignal }) => {
    calls.push([city, call.name]);
    if (how === "throws") throw new Error("no network");
    if (how === "returns an image") return new Blob([Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91Jpz"), (l) => l.charCodeAt(0))]);
    if (how !== "waits") return `snow in ${city}`;
    abortSignal.addEventListener("abort", () => (wasAborted = true));
    reached();
    return new Promise(() => {});
  };
  const base = { model: "gpt-4.1", input: "Get the weather in Oslo and draw it", tool: { quality: "low", partialImages: 1 } } as const;
  const stream = client.responses.runTools({ ...base, ...request }, how === "is missing" ? {} : { get_weather }, {
    abortSignal: controller.signal,
    ...options,
  });
  if (how === "waits") void waiting.then(() => controller.abort("enough"));
  const types: string[] = [];
  let thrown: unknown;
  try {
    for await (const event of stream) types.push(event.type);
  } catch (error) {
    thrown = error;
  }
  const { ok, error } = await helpers.settled(() => stream.result());
  return {
    calls,
    wasAborted,
    types: types.filter((type) => !["status", "callStatus", "textDelta", "toolCallDelta"].includes(type)),
    isSame: thrown === undefined || (thrown as { code?: string }).code === error?.code,
    ok: ok && {
      images: ok.images.length,
      text: ok.text,
      waiting: ok.toolCalls.length,
      responses: ok.responses.map(({ images, toolCalls }) => [images.length, toolCalls.length]),
      warnings: ok.warnings?.map(({ param }) => param) ?? [],
    },
    error,
    listeners: helpers.listenersOf(controller.signal),
  };
}

test("functions are run until the model calls none, with all events and one end", async ({ page, simulator }) => {
  const report = await page.evaluate(run, { endpoint: simulator.url, request: { tools: [WEATHER], toolChoice: "get_weather" } });
  expect(report.error).toBeUndefined();
  expect(report).toMatchObject({
    calls: [["Oslo", "get_weather"]],
    types: ["toolCall", "partialImage", "image", "completed"],
    ok: {
      images: 1,
      waiting: 0,
      responses: [
        [0, 1],
        [1, 0],
      ],
      warnings: [],
    },
    listeners: 0,
  });
  expect(report.ok?.text).toContain("snow in Oslo");
  const [first, second, ...more] = posted(simulator);
  expect(more).toEqual([]);
  expect(first).toMatchObject({ tool_choice: { type: "function", name: "get_weather" } });
  // A forced call would be forced again.
  expect(second).not.toHaveProperty("tool_choice");
  expect(second).toMatchObject({
    previous_response_id: expect.stringMatching(/^resp_/),
    input: [{ type: "function_call_output", output: "snow in Oslo" }],
  });
});

test("a run in a conversation, and one that the service does not store, go on", async ({ page, simulator }) => {
  const conversation = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
    return (await client.conversations.create()).id;
  }, simulator.url);
  const inConversation = await page.evaluate(run, { endpoint: simulator.url, request: { tools: [WEATHER], conversation } });
  expect(inConversation.error).toBeUndefined();
  expect(inConversation.ok).toMatchObject({
    images: 1,
    responses: [
      [0, 1],
      [1, 0],
    ],
  });
  const [, , second] = posted(simulator);
  expect(second).toMatchObject({ conversation, input: [{ type: "function_call_output" }] });
  expect(second).not.toHaveProperty("previous_response_id");
  simulator.reset();

  const unstored = await page.evaluate(run, { endpoint: simulator.url, request: { tools: [WEATHER], store: false } });
  expect(unstored.error).toBeUndefined();
  expect(unstored.ok).toMatchObject({
    images: 1,
    responses: [
      [0, 1],
      [1, 0],
    ],
  });
  expect(posted(simulator)[1]).toMatchObject({
    store: false,
    input: [
      { type: "message", role: "user", content: [{ type: "input_text", text: "Get the weather in Oslo and draw it" }] },
      { type: "function_call", name: "get_weather", arguments: '{"city":"Oslo"}' },
      { type: "function_call_output", output: "snow in Oslo" },
    ],
  });
});

test("a run ends at a call without a function, and at maxRounds, and says so", async ({ page, simulator }) => {
  const missing = await page.evaluate(run, { endpoint: simulator.url, request: { tools: [WEATHER] }, how: "is missing" as const });
  expect(missing).toMatchObject({ calls: [], ok: { images: 0, waiting: 1, warnings: [] }, types: ["toolCall", "completed"] });
  const bounded = await page.evaluate(run, { endpoint: simulator.url, request: { tools: [WEATHER] }, options: { maxRounds: 1 } });
  expect(bounded).toMatchObject({ calls: [], ok: { images: 0, waiting: 1, warnings: ["maxRounds"] } });
  expect(posted(simulator)).toHaveLength(2);
});

test("a function that fails ends the run, and the error has what was paid", async ({ page, simulator }) => {
  const { error, isSame } = await page.evaluate(run, { endpoint: simulator.url, request: { tools: [WEATHER] }, how: "throws" as const });
  expect(isSame).toBe(true);
  expect(error).toMatchObject({ code: "invalid_request", param: "handlers.get_weather", billed: "yes", retryable: false });
  expect(error?.message).toMatch(
    /get_weather of handlers failed: no network\..*return a description of the error instead\. The response before it is complete/,
  );
  expect(posted(simulator)).toHaveLength(1);
});

test("a run that is aborted while a function works ends at once, and tells the function", async ({ page, simulator }) => {
  const report = await page.evaluate(run, { endpoint: simulator.url, request: { tools: [WEATHER] }, how: "waits" as const });
  expect(report).toMatchObject({ wasAborted: true, isSame: true, error: { code: "cancelled", billed: "yes" }, listeners: 0 });
  expect(posted(simulator)).toHaveLength(1);
});

test("an error in a later response keeps the images of the earlier ones, which are not made again", async ({ page }) => {
  const report = await page.evaluate(async (weather) => {
    let posts = 0;
    const call = { type: "function_call", id: "fc_1", call_id: "call_1", name: "get_weather", arguments: "{}", status: "completed" };
    const image = { type: "image_generation_call", id: "ig_1", status: "completed", result: "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91Jpz" };
    const first = { id: "resp_1", object: "response", status: "completed", output: [image, call] };
    const fetch = async () => {
      posts += 1;
      return posts === 1 ? Response.json(first) : Response.json({ error: { message: "The model is overloaded." } }, { status: 500 });
    };
    const options = { imageDeployment: "gpt-image-1", fetch, retryOptions: { maxRetries: 0 } };
    const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", options);
    const run = client.responses.runTools({ model: "gpt-4.1", input: "Draw", tools: [weather] }, { get_weather: () => "snow" });
    const reason: unknown = await run.result().catch((error: unknown) => error);
    const { code, billed, retryable, message, images, response } = reason as AzureImageError;
    return { posts, code, billed, retryable, message, images: images?.length, id: response?.id };
  }, WEATHER);
  expect(report).toMatchObject({ posts: 2, code: "service", billed: "yes", retryable: false, images: 1, id: "resp_1" });
  expect(report.message).toMatch(/overloaded.*The response before it is complete and billed; error\.images has all images\./s);
});

test("an image beside a call is not made again, although the service stores nothing", async ({ page }) => {
  const bodies = await page.evaluate(async (weather) => {
    const bodies: string[] = [];
    const call = { type: "function_call", id: "fc_1", call_id: "call_1", name: "get_weather", arguments: "{}", status: "completed" };
    const message = { type: "message", role: "assistant", content: [{ type: "output_text", text: "A lake." }] };
    const image = { type: "image_generation_call", id: "ig_1", status: "completed", result: "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91Jpz" };
    const fetch = async (request: Request) => {
      bodies.push(await request.text());
      const output = bodies.length === 1 ? [image, message, call] : [message];
      return Response.json({ id: "resp_1", object: "response", status: "completed", output });
    };
    const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", { imageDeployment: "gpt-image-1", fetch });
    const request = { model: "gpt-4.1", input: ["Draw"], tools: [weather], store: false };
    await client.responses.runTools(request, { get_weather: () => "snow" }).result();
    return bodies.map((body) => JSON.parse(body));
  }, WEATHER);
  expect(bodies[1].input).toEqual([
    { type: "message", role: "user", content: [{ type: "input_text", text: "Draw" }] },
    { type: "message", role: "assistant", content: "A lake." },
    {
      type: "message",
      role: "user",
      content: [
        { type: "input_text", text: "You have generated this:" },
        { type: "input_image", image_url: expect.stringMatching(/^data:image\/png;base64,iVBOR/) },
      ],
    },
    { type: "function_call", call_id: "call_1", name: "get_weather", arguments: "{}" },
    { type: "function_call_output", call_id: "call_1", output: "snow" },
  ]);
});

test("a background response has its calls, also for a page that resumes it", async ({ page, simulator }) => {
  const report = await page.evaluate(
    async ([endpoint, weather]) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
      const job = await client.responses.start({ model: "gpt-4.1", input: "Get the weather in Oslo", tools: [weather] });
      const types: string[] = [];
      for await (const { type } of job) types.push(type);
      const resumed = client.responses.resume(job.id);
      const got = await client.responses.get(job.id);
      const results = [await job.result(), await resumed.result(), got];
      return { types, names: results.map(({ toolCalls }) => toolCalls.map(({ name, parsedArguments }) => [name, parsedArguments])) };
    },
    [simulator.url, WEATHER] as const,
  );
  expect(report.types.filter((type) => type === "toolCall")).toHaveLength(1);
  expect(report.names).toEqual(Array(3).fill([["get_weather", { city: "Oslo" }]]));
});

test("an agent has other tools, whose functions a run finds by their names", async ({ page, simulator }) => {
  const report = await page.evaluate(
    async ([endpoint, weather]) => {
      const client = new azure.AzureImageClient(`${endpoint}/api/projects/demo`, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
      const { definition } = await client.agents.createVersion("painter", {
        model: "gpt-4.1",
        tools: [
          weather,
          { type: "image_generation", outputFormat: "jpeg" },
          { type: "mcp", serverLabel: "docs", serverUrl: "https://example.com/mcp", requireApproval: { never: { toolNames: ["search"] } } },
          { type: "code_interpreter" },
          { type: "bing_grounding", bing_grounding: { searchConfigurations: [] } },
        ],
      });
      const request = { agent: "painter", input: "Get the weather in Oslo and draw it" };
      const { images, text, responses } = await client.responses.runTools(request, { get_weather: () => "snow" }).result();
      return { tools: definition["tools"], images: images.length, text, responses: responses.length };
    },
    [simulator.url, WEATHER] as const,
  );
  expect(report.tools).toEqual([
    WEATHER,
    { type: "image_generation", output_format: "jpeg" },
    { type: "mcp", server_label: "docs", server_url: "https://example.com/mcp", require_approval: { never: { tool_names: ["search"] } } },
    { type: "code_interpreter", container: { type: "auto" } },
    { type: "bing_grounding", bing_grounding: { searchConfigurations: [] } },
  ]);
  expect(report).toMatchObject({ images: 1, responses: 2, text: expect.stringContaining("snow") });
});

test("an image that a function returns is sent as one", async ({ page, simulator }) => {
  const { calls } = await page.evaluate(run, { endpoint: simulator.url, request: { tools: [WEATHER] }, how: "returns an image" as const });
  expect(calls).toHaveLength(1);
  expect(posted(simulator)[1]?.["input"]).toMatchObject([
    { type: "function_call_output", output: [{ type: "input_image", image_url: expect.stringMatching(/^data:image\/png;base64,iVBOR/) }] },
  ]);
});

interface Round {
  /** The calls of the first response. The next one calls nothing. */
  output: object[];
  tools?: object[];
  request?: object;
  /** The first response as events. */
  events?: object[];
}

/** Runs functions that return their arguments. Returns the inputs of the posted bodies, and the error. */
async function answer({ output, tools, request, events }: Round) {
  const bodies: { input: unknown }[] = [];
  const response = (output: object[]) => ({ id: "resp_1", object: "response", status: "completed", output });
  const fetch = async (request: Request) => {
    bodies.push(JSON.parse(await request.text()));
    if (bodies.length > 1) return Response.json(response([]));
    if (!events) return Response.json(response(output));
    const all = [...events, { type: "response.completed", response: response(output) }];
    return new Response(all.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""), { headers: { "content-type": "text/event-stream" } });
  };
  const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", { imageDeployment: "img", fetch });
  const all = { model: "gpt-4.1", input: "a", tools: tools ?? [{ type: "function", name: "get" }], ...request };
  const { error } = await helpers.settled(() => client.responses.runTools(all as never, { get: (parameters) => ({ parameters }) }).result());
  return { inputs: bodies.map(({ input }) => input), error };
}

const CALL = { type: "function_call", id: "fc_1", call_id: "call_1", name: "get", arguments: "{}", status: "completed" };

const ODD_CALLS: [what: string, round: Round, outputs: string[]][] = [
  ["arguments that are an object", { output: [{ ...CALL, arguments: { a_b: 1 } }] }, ['{"parameters":{"a_b":1}}']],
  ["arguments that are no object", { output: [{ ...CALL, arguments: 5 }] }, ['{"parameters":5}']],
  ["no arguments", { output: [{ ...CALL, arguments: null }] }, ['{"parameters":{}}']],
  ["arguments that are null", { output: [{ ...CALL, arguments: "null" }] }, ['{"parameters":{}}']],
  ["arguments named like a prototype", { output: [{ ...CALL, arguments: '{"__proto__":1}' }] }, ['{"parameters":{"__proto__":1}}']],
  [
    "a call of the service beside it",
    { output: [{ type: "tool_search_call", id: "ts_1", call_id: null, status: "completed", arguments: {} }, CALL] },
    ['{"parameters":{}}'],
  ],
  [
    "a function in a namespace",
    { output: [CALL], tools: [{ type: "namespace", name: "docs", tools: [{ type: "function", name: "get" }] }] },
    ['{"parameters":{}}'],
  ],
  [
    "another id in each event",
    {
      events: [
        { type: "response.output_item.added", output_index: 0, item: { ...CALL, id: "a", status: "in_progress" } },
        { type: "response.output_item.done", output_index: 0, item: { ...CALL, id: "b" } },
      ],
      output: [{ ...CALL, id: "c" }],
    },
    ['{"parameters":{}}'],
  ],
];

for (const [what, round, outputs] of ODD_CALLS) {
  test(`a call is answered once: ${what}`, async ({ page }) => {
    const { inputs, error } = await page.evaluate(answer, round);
    expect(error).toBeUndefined();
    expect(inputs).toEqual(["a", outputs.map((output) => ({ type: "function_call_output", call_id: "call_1", output }))]);
  });
}

for (const name of ["input", "previous_response_id", "conversation", "store", "tool_choice"]) {
  test(`a run does not send ${name} of extraBody again and again`, async ({ page }) => {
    const { inputs, error } = await page.evaluate(answer, { output: [CALL], request: { extraBody: { [name]: "x" } } });
    expect(error).toMatchObject({ code: "invalid_request", param: "extraBody", billed: "no" });
    expect(error?.message).toContain(`extraBody.${name} would be sent with each response`);
    expect(inputs).toEqual([]);
  });
}

test("a request that changes during a run is sent as it was", async ({ page }) => {
  const bodies = await page.evaluate(async (call) => {
    const bodies: string[] = [];
    const fetch = async (request: Request) => {
      bodies.push(await request.text());
      return Response.json({ id: "resp_1", object: "response", status: "completed", output: bodies.length === 1 ? [call] : [] });
    };
    const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", { imageDeployment: "img", fetch });
    const request = {
      model: "gpt-4.1",
      input: [{ role: "user", content: "before" }],
      tool: { quality: "low" },
      tools: [{ type: "function", name: "get" }],
      toolChoice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "get" }] },
      metadata: { state: "before" },
      extraBody: { user: "before" },
      store: false,
    } as const;
    const run = client.responses.runTools(request, { get: () => "1" });
    const after = { quality: "high", content: "after", state: "after", user: "after", name: "after", mode: "required" };
    for (const part of [request.tool, request.input[0], request.metadata, request.extraBody, request.tools[0], request.toolChoice]) {
      for (const name of Object.keys(part)) if (name in after) Reflect.set(part, name, after[name as keyof typeof after]);
    }
    await run.result();
    return bodies.map((body) => JSON.parse(body));
  }, CALL);
  expect(bodies).toHaveLength(2);
  for (const body of bodies) {
    expect(JSON.stringify(body)).not.toContain("after");
    expect(body).toMatchObject({
      input: expect.arrayContaining([expect.objectContaining({ content: "before" })]),
      tools: [{ quality: "low" }, { name: "get" }],
      tool_choice: { mode: "auto" },
      metadata: { state: "before" },
      user: "before",
    });
  }
});

test("functions call each other, and an error of any kind ends the run", async ({ page }) => {
  const report = await page.evaluate(async (call) => {
    let posts = 0;
    const fetch = async () => Response.json({ id: "resp_1", object: "response", status: "completed", output: (posts += 1) % 2 === 1 ? [call] : [] });
    const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", { imageDeployment: "img", fetch });
    const request = { model: "gpt-4.1", input: "a", tool: false, tools: [{ type: "function", name: "get" }] } as const;
    const handlers = {
      get() {
        return this.other();
      },
      other: () => "of the other",
    };
    const both = { ...request, tools: [...request.tools, { type: "function", name: "other" }] };
    const others = await helpers.settled(async () => (await client.responses.runTools(both, handlers).result()).responses.length);
    const thrown = [];
    for (const value of [undefined, "a text", Object.create(null), Symbol("s")]) {
      posts = 0;
      const throws = () => {
        throw value;
      };
      const run = client.responses.runTools(request, { get: throws });
      const { code, param } = await run.result().then(
        () => ({ code: "none", param: "none" }),
        (error: AzureImageError) => error,
      );
      thrown.push({ code, param, posts });
    }
    const classes = await helpers.settled(() =>
      client.responses
        .runTools(
          request,
          new (class {
            get() {}
          })() as never,
        )
        .result(),
    );
    return { others, thrown, classes: classes.error };
  }, CALL);
  expect(report.others).toEqual({ ok: 2 });
  expect(report.thrown).toEqual(Array(4).fill({ code: "invalid_request", param: "handlers.get", posts: 1 }));
  expect(report.classes).toMatchObject({ code: "invalid_request", param: "handlers", message: expect.stringContaining("instance of a class") });
});

test("an error and a response never show the credentials for an MCP server", async ({ page }) => {
  const report = await page.evaluate(async () => {
    const [token, key] = ["SECRETTOKEN123456", "Bearer HEADERKEY99887766"];
    const mcp = { type: "mcp", serverLabel: "docs", serverUrl: "https://example.com/mcp", authorization: token, headers: { "x-docs": key } } as const;
    let status = 400;
    const tools = [{ type: "mcp", server_label: "docs", authorization: token, headers: { "x-docs": key } }];
    const fetch = async () =>
      Response.json(
        status === 400
          ? { error: { message: `The server refused ${token}, and HEADERKEY99887766 too.`, code: token } }
          : { id: "resp_1", object: "response", status: "completed", output: [], tools },
        { status },
      );
    const options = { imageDeployment: "img", fetch };
    const client = new azure.AzureImageClient("https://my-resource.services.ai.azure.com/api/projects/p", () => "token", options);
    const request = { model: "gpt-4.1", input: "a" };
    const errors = [];
    for (const work of [
      () => client.responses.create({ ...request, tools: [mcp] }),
      () => client.responses.create({ ...request, extraBody: { tools: [mcp] } }),
      () => client.agents.createVersion("painter", { model: "gpt-4.1", tools: [mcp] }),
      () => client.agents.createVersion("painter", { definition: { kind: "prompt", model: "gpt-4.1", tools: [mcp] } } as never),
    ]) {
      errors.push((await helpers.settled<unknown>(work)).error);
    }
    status = 200;
    const { raw } = await client.responses.create({ ...request, tools: [mcp] });
    return { errors, raw };
  });
  for (const error of report.errors) expect(error?.message).toMatch(/The server refused \[redacted\], and ?\[redacted\] too\./);
  expect(JSON.stringify(report)).not.toMatch(/SECRETTOKEN|HEADERKEY/);
  expect(report.raw).toMatchObject({ tools: [{ server_label: "docs", authorization: "[redacted]", headers: { "x-docs": "[redacted]" } }] });
});

const INVALID: [what: string, request: object, handlers: unknown, options: object, param: string, said: RegExp][] = [
  ["handlers that are none", {}, null, {}, "handlers", /must be an object with functions/],
  ["a handler that is no function", { tools: [WEATHER] }, { get_weather: "x" }, {}, "handlers.get_weather", /must be a function/],
  [
    "a handler for no tool",
    { tools: [WEATHER] },
    { getWeather: () => 1 },
    {},
    "handlers.getWeather",
    /tools has no function "getWeather". It has get_weather/,
  ],
  ["no round", {}, {}, { maxRounds: 0 }, "maxRounds", /1 or more/],
  ["endless rounds", {}, {}, { maxRounds: Infinity }, "maxRounds", /1 or more\. It is Infinity/],
  ["a number of rounds that JSON cannot hold", {}, {}, { maxRounds: 5n }, "maxRounds", /It is of type bigint/],
  ["tools that are no list", { tools: {} }, {}, {}, "tools", /must be a list/],
  ["a tool without a type", { tools: [{ name: "a" }] }, {}, {}, "tools[0]", /object with a type/],
  ["a choice of no tool", { tools: [WEATHER], toolChoice: "weather" }, {}, {}, "toolChoice", /tools contains get_weather/],
  [
    "an output without a call",
    { input: [{ functionCallOutput: { output: "a" } }] },
    {},
    {},
    "input[0].functionCallOutput.callId",
    /callId of the call/,
  ],
  [
    "an approval of nothing",
    { input: [{ mcpApproval: { requestId: "", approve: true } }] },
    {},
    {},
    "input[0].mcpApproval.requestId",
    /id of the approval/,
  ],
  ["an approval without a decision", { input: [{ mcpApproval: { requestId: "a" } }] }, {}, {}, "input[0].mcpApproval.approve", /true or false/],
  [
    "a reason that is no text",
    { input: [{ mcpApproval: { requestId: "a", approve: true, reason: 5 } }] },
    {},
    {},
    "input[0].mcpApproval.reason",
    /must be a string/,
  ],
  [
    "safety checks that are no list",
    { input: [{ computerCallOutput: { callId: "a", screenshot: "https://example.com", acknowledgedSafetyChecks: "x" } }] },
    {},
    {},
    "input[0].computerCallOutput.acknowledgedSafetyChecks",
    /must be a list, such as pendingSafetyChecks/,
  ],
  [
    "a screen without a screenshot",
    { input: [{ computerCallOutput: { callId: "a" } }] },
    {},
    {},
    "input[0].computerCallOutput.screenshot",
    /must be an image/,
  ],
];

for (const [what, request, handlers, options, param, said] of INVALID) {
  test(`${what}: refused before anything is sent`, async ({ page, simulator }) => {
    // Functions do not travel into the page.
    const functions =
      handlers && Object.fromEntries(Object.entries(handlers).map(([name, value]) => [name, typeof value === "function" ? "function" : value]));
    const error = await page.evaluate(
      async ({ endpoint, request, functions, options }) => {
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
        const handlers =
          functions && Object.fromEntries(Object.entries(functions).map(([name, value]) => [name, value === "function" ? () => 1 : value]));
        const run = client.responses.runTools({ model: "gpt-4.1", input: "a", ...request } as never, handlers as never, options);
        return (await helpers.settled(() => run.result())).error;
      },
      { endpoint: simulator.url, request, functions, options },
    );
    expect(error).toMatchObject({ code: "invalid_request", param, billed: "no" });
    expect(error?.message).toMatch(said);
    expect(posted(simulator)).toEqual([]);
  });
}
