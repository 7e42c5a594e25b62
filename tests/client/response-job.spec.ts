import { startSimulator, type Simulator } from "azure-image-simulator";
import type { Page } from "@playwright/test";
import type * as Azure from "../../js/index.js";
import type { ClientOptions, ResponseRequest } from "../../js/index.js";
import { expect, sent, test, type EventReport, type ResponseOutcome } from "./fixtures.js";

interface Start {
  endpoint: string;
  input: string;
  options?: ClientOptions;
  request?: Partial<ResponseRequest>;
}

/** Starts a job, reads all its events, and gives its result. */
async function follow({ endpoint, input, options, request }: Start) {
  const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1", ...options });
  const job = await client.responses.start({ model: "gpt-4.1", input, ...request });
  const statusAtStart = job.status;
  const { events, error } = await helpers.readEvents(job);
  return { id: job.id, status: job.status, statusAtStart, events, loopError: error, ...(await helpers.responseOutcome(job.result())) };
}

const posts = (simulator: Simulator) => simulator.requests.filter(({ method }) => method === "POST");
const gets = (simulator: Simulator) => simulator.requests.filter(({ method }) => method === "GET");
/** What happened, in a word or two each; words of the model that follow each other are one. */
const kindsOf = (events: readonly EventReport[]) =>
  events
    .map((event) => ("status" in event ? `${event.type} ${event.status}` : event.type))
    .filter((kind, index, all) => kind !== "textDelta" || all[index - 1] !== kind);
/** The numbers of events that have one. */
const numbersOf = (events: readonly { sequenceNumber?: number }[]) => events.flatMap(({ sequenceNumber }) => sequenceNumber ?? []);
const WITH_PREVIEWS = { tool: { partialImages: 2 } } as const;

test.describe("with a service that takes its time", () => {
  let slow: Simulator;
  test.beforeAll(async () => {
    slow = await startSimulator({ latencyInMs: 1500 });
  });
  test.afterAll(() => slow.close());
  test.beforeEach(() => slow.reset());

  test("a job is there at once, and tells what happens until the picture", async ({ page }) => {
    const job = await page.evaluate(follow, { endpoint: slow.url, input: "Draw a lake", request: WITH_PREVIEWS });
    expect(job.statusAtStart).toMatch(/^(queued|in_progress)$/);
    expect(job.loopError).toBeUndefined();
    expect(kindsOf(job.events)).toEqual([
      "status queued",
      "status in_progress",
      "callStatus in_progress",
      "callStatus generating",
      "partialImage",
      "partialImage",
      "callStatus completed",
      "image",
      "textDelta",
      "status completed",
      "completed",
    ]);
    const numbers = numbersOf(job.events);
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
    expect(job.ok?.id).toBe(job.id);
    expect(job.status).toBe("completed");
    expect(job.ok?.images.map(({ sha256 }) => sha256)).toEqual([sent(slow, "final")[0]]);
    expect(posts(slow).map(({ body }) => body)).toEqual([expect.objectContaining({ background: true, stream: true })]);
    expect(gets(slow)).toEqual([]);
  });

  test("a job of a service that does not stream is asked for again and again, less and less often", { tag: "@nightly" }, async ({ page }) => {
    const job = await page.evaluate(follow, { endpoint: slow.url, input: "Draw a lake [no-tool-streaming]", request: WITH_PREVIEWS });
    expect(job.statusAtStart).toMatch(/^(queued|in_progress)$/);
    expect(posts(slow).map(({ body, status }) => [status, (body as { stream?: boolean }).stream ?? false])).toEqual([
      [400, true],
      [200, false],
    ]);
    expect((posts(slow)[1]?.body as { tools: object[] }).tools[0]).not.toHaveProperty("partial_images");
    // After 1 s and after 1.5 s more.
    expect(gets(slow)).toHaveLength(2);
    expect(kindsOf(job.events)).toEqual(["status queued", "status in_progress", "image", "status completed", "completed"]);
    expect(job.ok?.images.map(({ sha256 }) => sha256)).toEqual([sent(slow, "final")[0]]);
    expect(job.ok?.warnings).toEqual([{ param: "stream", severity: "warning", message: expect.stringContaining("does not stream") }]);
  });

  test("a page that is loaded anew goes on with its job", async ({ page }) => {
    const id = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
      return (await client.responses.start({ model: "gpt-4.1", input: "Draw a lake", tool: { partialImages: 1 } })).id;
    }, slow.url);
    await page.reload();
    const resumed = await page.evaluate(
      async ([endpoint, id]) => {
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
        const job = client.responses.resume(id);
        return { ...(await helpers.readEvents(job)), ...(await helpers.responseOutcome(job.result())) };
      },
      [slow.url, id] as const,
    );
    expect(resumed.error).toBeUndefined();
    expect(resumed.events.filter(({ type }) => type === "partialImage")).toHaveLength(1);
    expect(resumed.ok?.images.map(({ sha256 }) => sha256)).toEqual([sent(slow, "final")[0]]);
    expect(posts(slow)).toHaveLength(1);
  });

  test("cancelling ends the job at the service and here", async ({ page }) => {
    const report = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
      const job = await client.responses.start({ model: "gpt-4.1", input: "Draw a lake" });
      const cancelled = await job.cancel();
      const now = await client.responses.get(job.id);
      return {
        cancelled: cancelled.status,
        now: await helpers.describeResponse(now),
        ...(await helpers.readEvents(job)),
        outcome: await helpers.responseOutcome(job.result()),
      };
    }, slow.url);
    expect(report.cancelled).toBe("cancelled");
    expect(report.now).toMatchObject({ status: "cancelled", images: [], error: { code: "cancelled" } });
    expect(report.error).toMatchObject({ code: "cancelled", name: "AbortError", billed: "unknown" });
    expect(report.outcome.error).toMatchObject({ code: "cancelled", response: { id: expect.stringMatching(/^resp_/) } });
    await expect.poll(() => slow.activeRequests).toBe(0);
  });

  test("aborting stops following, and leaves the job to go on", { tag: "@nightly" }, async ({ page }) => {
    const report = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
      const stop = new AbortController();
      const job = await client.responses.start({ model: "gpt-4.1", input: "Draw a lake" }, { abortSignal: stop.signal });
      stop.abort();
      const stopped = await helpers.responseOutcome(job.result());
      return {
        stopped,
        listeners: helpers.listenersOf(stop.signal),
        resumed: await helpers.responseOutcome(client.responses.resume(job.id).result()),
      };
    }, slow.url);
    expect(report.stopped.error).toMatchObject({ code: "cancelled", billed: "unknown", message: expect.stringContaining('responses.resume("resp_') });
    expect(report.listeners).toBe(0);
    expect(report.resumed.ok?.images).toHaveLength(1);
  });

  test("a loop that is left does not end the job", { tag: "@nightly" }, async ({ page }) => {
    const report = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
      const job = await client.responses.start({ model: "gpt-4.1", input: "Draw a lake", tool: { partialImages: 3 } });
      let seen = 0;
      for await (const _ of job) {
        seen += 1;
        break;
      }
      return { seen, ...(await helpers.responseOutcome(job.result())) };
    }, slow.url);
    expect(report.seen).toBe(1);
    expect(report.ok?.images).toHaveLength(1);
  });
});

// A place in the middle of a preview, of a picture, and of the document that repeats it; cut by an end and by a reset.
for (const words of [
  "truncate=30%",
  "truncate=before-picture",
  "truncate=before-completed",
  "truncate=95%",
  "reset=after-first-preview",
  "reset=before-completed",
]) {
  test(`a stream with [${words}] is gone on with: nothing is lost, nothing comes twice`, { tag: "@nightly" }, async ({ page, simulator }) => {
    const job = await page.evaluate(follow, { endpoint: simulator.url, input: `Draw a lake [${words}] [times=2]`, request: WITH_PREVIEWS });
    expect(job.loopError).toBeUndefined();
    // The last event of the service is two here.
    const told = job.events.map(({ type, sequenceNumber }) => `${type} ${sequenceNumber}`);
    expect(new Set(told).size).toBe(told.length);
    expect(job.events.filter(({ type }) => type === "image")).toHaveLength(1);
    expect(job.events.filter(({ type }) => type === "partialImage").length).toBeGreaterThanOrEqual(1);
    expect(job.ok?.images.map(({ sha256 }) => sha256)).toEqual([sent(simulator, "final")[0]]);
    expect(posts(simulator)).toHaveLength(1);
    expect(gets(simulator).length).toBeGreaterThanOrEqual(1);
    expect(gets(simulator)[0]?.query).toMatchObject({ stream: "true", starting_after: expect.stringMatching(/^\d+$/) });
  });
}

test("a job whose pictures are not kept says so, at once", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const job = await client.responses.start({ model: "gpt-4.1", input: "Draw a lake [no-tool-streaming] [result-not-kept]" });
    return helpers.responseOutcome(job.result());
  }, simulator.url);
  expect(report.error).toMatchObject({
    code: "no_image",
    billed: "yes",
    retryable: false,
    message: expect.stringContaining("no longer available"),
    response: { status: "completed", images: [], failures: [{ error: { code: "no_image" } }] },
  });
});

test("trouble of the service while a job is followed is waited out, in sight", { tag: "@nightly" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const retries: (number | undefined)[] = [];
    const job = await client.responses.start(
      { model: "gpt-4.1", input: "Draw a lake [truncate=before-picture] [get-status=503] [retry-after=0.1] [times=2]" },
      { onProgress: ({ retry }) => void (retry && retries.push(retry.error.status)) },
    );
    return { retries, ...(await helpers.responseOutcome(job.result())) };
  }, simulator.url);
  expect(report.ok?.images).toHaveLength(1);
  expect(report.retries).toContain(503);
  expect(posts(simulator)).toHaveLength(1);
});

test("a credential that is refused while a job is followed ends it, with its id", async ({ page, simulator }) => {
  const job = await page.evaluate(follow, { endpoint: simulator.url, input: "Draw a lake [truncate=before-picture] [get-status=403]" });
  expect(job.error).toMatchObject({ code: "permission", billed: "unknown", response: { id: job.id } });
});

test("a response that is not known cannot be followed", async ({ page, simulator }) => {
  const report = await page.evaluate((endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
    return helpers.responseOutcome(client.responses.resume("resp_1").result());
  }, simulator.url);
  expect(report.error).toMatchObject({ code: "not_found", status: 404, message: expect.stringContaining("30 days") });
  expect(simulator.requests.filter(({ method }) => method === "GET").map(({ query }) => query["stream"])).toEqual(["true", undefined]);
});

test("a job that was begun and then is not found may be made, and billed: the error has its id", async ({ page }) => {
  const { error } = await page.evaluate(async () => {
    const refusal = Response.json({ error: { message: "no such path" } }, { status: 404 });
    const begun = Response.json({ id: "resp_1", object: "response", status: "queued", output: [] });
    const fetch = async ({ method }: Request) => (method === "POST" ? begun : refusal).clone();
    const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", null, { imageDeployment: "gpt-image-1", fetch });
    const job = await client.responses.start({ model: "gpt-4.1", input: "Draw a lake" });
    return helpers.responseOutcome(job.result());
  });
  expect(error).toMatchObject({ code: "not_found", status: 404, billed: "unknown", retryable: false, response: { id: "resp_1" } });
  expect(error?.message).toContain('Keep its id, "resp_1"');
});

for (const status of [403, 404]) {
  test(`a picture that came is paid for, also where the job could not be cancelled and then answers ${status}`, async ({ page, simulator }) => {
    const report = await page.evaluate(
      async ([endpoint, status]) => {
        const fetch = async (request: Request) => {
          if (request.url.includes("/cancel")) return Response.json({ error: { message: "Too late." } }, { status: 400 });
          return request.method === "POST" ? globalThis.fetch(request) : Response.json({}, { status });
        };
        const options = { imageDeployment: "gpt-image-1", fetch, retryOptions: { maxRetries: 0 } };
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, options);
        const job = await client.responses.start({ model: "gpt-4.1", input: "Draw a lake [stall=before-completed]" });
        for await (const { type } of job) if (type === "image") break;
        const cancelled = await helpers.responseOutcome(job.cancel());
        return { cancelled: cancelled.error?.code, ...(await helpers.responseOutcome(job.result())) };
      },
      [simulator.url, status] as const,
    );
    expect(report.cancelled).toBe("invalid_request");
    expect(report.error).toMatchObject({ code: status === 403 ? "permission" : "not_found", billed: "yes" });
    expect(report.error?.response?.images).toHaveLength(1);
  });
}

test("a service that cannot be reached is given up after idleTimeoutInMs, and the job can be resumed", async ({ page, simulator }) => {
  const job = await page.evaluate(follow, {
    endpoint: simulator.url,
    input: "Draw a lake [truncate=before-picture] [get-status=503]",
    options: { idleTimeoutInMs: 1000 },
  });
  expect(job.error).toMatchObject({ code: "service", status: 503, retryable: true, billed: "unknown" });
  expect(job.error?.message).toContain(`responses.resume("${job.id}")`);
});

test("events up to a number are not told again", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const job = await client.responses.start({ model: "gpt-4.1", input: "Draw a lake", tool: { partialImages: 2 } });
    const { events } = await helpers.readEvents(job);
    const last = events.find(({ type }) => type === "callStatus");
    const startingAfter = last && "sequenceNumber" in last ? last.sequenceNumber : undefined;
    const again = client.responses.resume(job.id, startingAfter === undefined ? {} : { startingAfter });
    return { startingAfter, ...(await helpers.readEvents(again)), ...(await helpers.responseOutcome(again.result())) };
  }, simulator.url);
  expect(report.startingAfter).toBeGreaterThan(0);
  for (const number of numbersOf(report.events)) expect(number).toBeGreaterThan(report.startingAfter ?? 0);
  expect(report.ok?.images).toHaveLength(1);
});

for (const [what, id, options, param] of [
  ["an empty id", " ", {}, "id"],
  ["an id that is a number", 7, {}, "id"],
  ["a startingAfter below 0", "resp_1", { startingAfter: -1 }, "startingAfter"],
  ["a startingAfter that is a text", "resp_1", { startingAfter: "3" }, "startingAfter"],
] as const) {
  test(`${what} is refused before anything is sent`, async ({ page, simulator }) => {
    const report = await page.evaluate(
      ([endpoint, id, options]) => {
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
        return helpers.responseOutcome(client.responses.resume(id as string, options as object).result());
      },
      [simulator.url, id, options] as const,
    );
    expect(report.error).toMatchObject({ code: "invalid_request", param, billed: "no" });
    expect(simulator.requests).toEqual([]);
  });
}

// What follows is about the requests: a script answers them.

/** An answer: a document; or events, behind which the connection stays open, unless it ends or breaks. */
interface Scripted {
  /** `offline`: fetch fails. `never`: nothing comes. */
  fails?: "offline" | "never";
  status?: number;
  json?: Record<string, unknown>;
  events?: readonly Record<string, unknown>[];
  then?: "end" | "break";
}

interface Script {
  /** One for each request; the last is for all that come behind it. */
  answers: readonly Scripted[];
  /** Resumes this response, instead of starting one. */
  resume?: string;
  startingAfter?: number;
  options?: { totalTimeoutInMs?: number; idleTimeoutInMs?: number };
  /** Lets no timer of a whole wait take its time. Not together with a clock of the test's. */
  hurries?: boolean;
}

interface Run {
  asked: { method: string; url: string; at: number }[];
  job: Promise<Awaited<ReturnType<Azure.Responses["start"]>>>;
  outcome: Promise<ResponseOutcome>;
  events: Promise<EventReport[]>;
}

declare global {
  var run: Run;
}

/** Begins a job that a script answers for, and gives `run` to the page. */
function begin({ answers, resume, startingAfter, options, hurries }: Script) {
  const asked: Run["asked"] = [];
  if (hurries) {
    const { setTimeout: wait } = globalThis;
    const now = performance.now.bind(performance);
    let skipped = 0;
    performance.now = () => now() + skipped;
    // Timeouts are longer than any wait.
    const hurry = (work: () => void, milliseconds = 0) => {
      const skip = () => {
        skipped += milliseconds;
        work();
      };
      return milliseconds > 40_000 ? wait(work, milliseconds) : wait(skip, 0);
    };
    Object.assign(globalThis, { setTimeout: hurry });
  }
  const fetch = async ({ method, url }: Request): Promise<Response> => {
    const { fails, status = 200, json, events = [], then } = answers[Math.min(asked.length, answers.length - 1)]!;
    asked.push({ method, url: url.slice(url.indexOf("/responses")), at: performance.now() });
    if (fails === "offline") throw new TypeError("Failed to fetch");
    if (fails === "never") return new Promise(() => {});
    if (json) return new Response(JSON.stringify(json), { status });
    const lines = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        if (lines) controller.enqueue(new TextEncoder().encode(lines));
        if (then === "end") controller.close();
      },
      pull: (controller) => {
        if (then === "break") controller.error(new TypeError("network error"));
      },
    });
    return new Response(body, { status, headers: { "content-type": "text/event-stream" } });
  };
  const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", null, { imageDeployment: "d", fetch, ...options });
  const job =
    resume === undefined
      ? client.responses.start({ model: "m", input: "Draw" })
      : Promise.resolve(client.responses.resume(resume, { ...(startingAfter !== undefined && { startingAfter }) }));
  globalThis.run = {
    asked,
    job,
    outcome: helpers.responseOutcome(job.then((job) => job.result())),
    events: job.then(helpers.readEvents).then(
      ({ events }) => events,
      () => [],
    ),
  };
}

/** Runs a script to its end. */
async function play(page: Page, script: Script) {
  await page.evaluate(begin, { hurries: true, ...script });
  const report = await page.evaluate(async () => ({ outcome: await run.outcome, events: await run.events, asked: run.asked }));
  return {
    ...report,
    ...report.outcome,
    urls: report.asked.map(({ method, url }) => `${method} ${url.replace(/\?api-version=preview&?/, "?").replace(/\?$/, "")}`),
  };
}

const DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PICTURE = { type: "image_generation_call", id: "ig_1", status: "completed", result: DOT };
const response = (status: string, output: object[] = []) => ({ id: "resp_1", object: "response", status, output });
const CREATED = { type: "response.created", response: response("queued"), sequence_number: 0 };
const DONE = { type: "response.output_item.done", output_index: 0, item: PICTURE, sequence_number: 5 };
const COMPLETED = { type: "response.completed", response: response("completed", [PICTURE]), sequence_number: 9 };
const STARTED: Scripted = { events: [CREATED], then: "end" };
const STREAM = "GET /responses/resp_1?stream=true";
const AFTER = (number: number) => `${STREAM}&starting_after=${number}`;
const STATE = "GET /responses/resp_1";

test("a device that is offline for a while goes on with the stream, behind the last event", async ({ page }) => {
  const offline = Array<Scripted>(8).fill({ fails: "offline" });
  const report = await play(page, { answers: [{ events: [CREATED], then: "break" }, ...offline, { events: [DONE, COMPLETED], then: "end" }] });
  expect(report.ok?.images).toHaveLength(1);
  expect(report.ok).not.toHaveProperty("warnings");
  expect(report.urls).toEqual(["POST /responses", ...Array<string>(9).fill(AFTER(0))]);
});

for (const [what, silent, isSilent] of [
  ["end", { then: "end" }, true],
  ["break", { then: "break" }, true],
  ["keep the connection alive", { events: [{ type: "keepalive" }], then: "end" }, false],
] as const) {
  test(`of three streams that bring nothing and ${what}, the state is ${isSilent ? "" : "not "}asked for`, async ({ page }) => {
    const last: Scripted = isSilent ? { json: response("completed", [PICTURE]) } : { events: [COMPLETED] };
    const report = await play(page, { answers: [STARTED, ...Array<Scripted>(3).fill(silent), last] });
    expect(report.ok?.images).toHaveLength(1);
    expect(report.urls).toEqual(["POST /responses", AFTER(0), AFTER(0), AFTER(0), isSilent ? STATE : AFTER(0)]);
    expect(report.ok).not.toHaveProperty("warnings");
  });
}

for (const error of [
  { type: "error", error: { code: "rate_limit_exceeded", message: "Rate limit reached. Please try again in 2s." } },
  { type: "error", code: "server_error", message: "The server had an error." },
]) {
  test(`behind an error in the stream (${JSON.stringify(error).slice(16, 45)}) the stream goes on, or else the state says what became of the response`, async ({
    page,
  }) => {
    const start = { events: [CREATED, DONE, error], then: "end" } as const;
    const completed = await play(page, { answers: [start, { json: response("completed", [{ ...PICTURE, result: null }]) }] });
    expect(completed.urls).toEqual(["POST /responses", AFTER(5)]);
    expect(completed.ok?.images).toHaveLength(1);
    await page.reload();
    const failed = await play(page, {
      answers: [start, { events: [error], then: "end" }, { json: { ...response("failed"), error: { code: "server_error", message: "Sorry." } } }],
    });
    expect(failed.error).toMatchObject({ code: "service", billed: "yes", response: { status: "failed", images: [{}] } });
    expect(failed.urls).toEqual(["POST /responses", AFTER(5), STATE]);
    expect(failed.error?.message).not.toContain("resume(");
  });
}

test("a page of something in between passes, and a response that keeps being none is given up", async ({ page }) => {
  const page200: Scripted = { events: [{ type: "keepalive" }], then: "break" };
  const odd: Scripted = { json: { hello: "world" } };
  const passing = await play(page, { answers: [{ events: [CREATED], then: "break" }, odd, page200, { events: [DONE, COMPLETED], then: "end" }] });
  expect(passing.ok?.images).toHaveLength(1);
  await page.reload();
  const staying = await play(page, { answers: [{ events: [CREATED], then: "break" }, odd], options: { idleTimeoutInMs: 1000 } });
  expect(staying.error).toMatchObject({ response: { id: "resp_1" } });
  expect(staying.error?.message).toContain('responses.resume("resp_1")');
});

test("a resumed job that fails behind a picture has it in its error, with the way to go on", async ({ page }) => {
  const failing = {
    answers: [
      { events: [CREATED, DONE], then: "break" },
      { status: 403, json: { error: { message: "No." } } },
    ],
    resume: "resp_1",
  } as const;
  const report = await play(page, failing);
  expect(report.error).toMatchObject({ code: "permission", billed: "yes", response: { id: "resp_1", images: [{ call: { id: "ig_1" } }] } });
  expect(report.error?.message).toContain('responses.resume("resp_1")');
  // The clock of the script would end the call before it is sent.
  await page.reload();
  const ended = await page.evaluate(async () => {
    const fetch = () => new Promise<never>(() => {});
    const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", null, { fetch, totalTimeoutInMs: 500 });
    await client.getEndpoint();
    return helpers.responseOutcome(client.responses.resume("resp_1").result());
  });
  expect(ended.error).toMatchObject({ code: "timeout", billed: "unknown", response: { id: "resp_1" } });
  expect(ended.error?.message).toContain('responses.resume("resp_1")');
});

for (const [what, completed, images] of [
  ["that the response repeats is in its result", COMPLETED, 1],
  ["that the response does not repeat is not called lost", { ...COMPLETED, response: response("completed", [{ ...PICTURE, result: null }]) }, 0],
] as const) {
  test(`a picture before startingAfter ${what}, and is not told again`, async ({ page }) => {
    const report = await play(page, { answers: [{ events: [completed], then: "end" }], resume: "resp_1", startingAfter: 5 });
    expect(report.urls).toEqual([AFTER(5)]);
    expect(kindsOf(report.events)).toEqual(["status completed", "completed"]);
    expect(report.error).toBeUndefined();
    expect(report.ok?.images).toHaveLength(images);
    expect(report.ok).not.toHaveProperty("failures");
  });
}

test("a cancel does not wait behind the streams of the jobs, and a job that was not cancelled goes on", { tag: "@nightly" }, async ({ page }) => {
  const slow = await startSimulator({ latencyInMs: 4000 });
  try {
    const report = await page.evaluate(async (endpoint) => {
      // As many as a browser opens connections to a host.
      const options = { imageDeployment: "gpt-image-1", maxParallelRequests: 6 };
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, options);
      const start = async (index: number) => client.responses.start({ model: "gpt-4.1", input: `Draw lake ${index}`, tool: { quality: "low" } });
      const jobs = await Promise.all([0, 1, 2, 3, 4, 5].map(start));
      const [first, ...others] = jobs;
      const cancelled = await first?.cancel();
      const outcome = await helpers.responseOutcome(first!.result());
      const rest = await Promise.all(others.map((job) => helpers.responseOutcome(job.result())));
      const late = await others[0]?.cancel();
      return { cancelled: cancelled?.status, status: first?.status, outcome, rest: rest.map(({ ok }) => ok?.images.length), late: late?.status };
    }, slow.url);
    expect(report).toMatchObject({ cancelled: "cancelled", status: "cancelled", rest: [1, 1, 1, 1, 1], late: "completed" });
    expect(report.outcome.error).toMatchObject({ code: "cancelled", response: { status: "cancelled" } });
  } finally {
    await slow.close();
  }
});

test("an error in the stream that the filter raised is the end", async ({ page }) => {
  const error = { type: "error", error: { code: "moderation_blocked", message: "Your request was rejected by the safety system." } };
  const report = await play(page, { answers: [{ events: [CREATED, error], then: "end" }] });
  expect(report.error).toMatchObject({ code: "content_filter", billed: "unknown", response: { id: "resp_1" } });
  expect(report.error?.message).not.toContain("resume(");
  expect(report.urls).toEqual(["POST /responses"]);
});

test("who gives up behind a picture says that it is billed", async ({ page }) => {
  const report = await play(page, {
    answers: [
      { events: [CREATED, DONE], then: "break" },
      { status: 403, json: {} },
    ],
  });
  expect(report.error).toMatchObject({ code: "permission", billed: "yes", response: { images: [{}], lastSequenceNumber: 5 } });
  expect(report.error?.message).toContain('responses.resume("resp_1")');
});

for (const [what, answer, images] of [
  ["is complete", response("completed", [PICTURE]), 1],
  ["is in work", response("queued"), 0],
] as const) {
  test(`a response that ${what} and has no id is made once, and start() rejects with what came`, async ({ page }) => {
    const { id: _, ...nameless } = answer;
    const report = await play(page, { answers: [{ json: nameless }] });
    expect(report.error).toMatchObject({
      code: "stream_malformed",
      billed: images ? "yes" : "unknown",
      message: expect.stringContaining("no id"),
      response: { status: answer.status },
    });
    expect(report.error?.response?.images).toHaveLength(images);
    expect(report.urls).toEqual(["POST /responses"]);
  });
}

for (const [what, answer, expected] of [
  ["refused", { status: 400, json: { error: { message: "Bad.", param: "input" } } }, { code: "invalid_request", billed: "no" }],
  ["unauthorised", { status: 401, json: {} }, { code: "authentication", billed: "no" }],
  ["filtered", { status: 400, json: { error: { code: "content_filter", message: "The response was filtered." } } }, { code: "content_filter" }],
  ["lost", { fails: "offline" }, { code: "connection", billed: "unknown" }],
  ["cut before its id", { then: "end" }, { code: "stream_truncated", billed: "unknown" }],
  ["broken before its id", { then: "break" }, { code: "connection", billed: "unknown" }],
] as const) {
  test(`a start that is ${what} rejects, and is not repeated`, async ({ page }) => {
    const report = await play(page, { answers: [answer as Scripted] });
    expect(report.error).toMatchObject({ ...expected, isAzureImageError: true });
    expect(report.error).not.toHaveProperty("response");
    expect(report.urls).toEqual(["POST /responses"]);
  });
}

test("a completed job of which no stream is kept is resumed by its state, and nothing is warned of", async ({ page }) => {
  const report = await play(page, { resume: "resp_1", answers: [{ status: 400, json: {} }, { json: response("completed", [PICTURE]) }] });
  expect(report.urls).toEqual([STREAM, STATE]);
  expect(report.ok?.images).toHaveLength(1);
  expect(report.ok).not.toHaveProperty("warnings");
});

for (const [status, more, code] of [
  ["failed", { error: { code: "server_error", message: "Sorry." } }, "service"],
  ["incomplete", { incomplete_details: { reason: "content_filter" } }, "content_filter"],
  ["cancelled", {}, "cancelled"],
] as const) {
  test(`resuming a response that is ${status} rejects with what it is`, async ({ page }) => {
    const report = await play(page, { resume: "resp_1", answers: [{ status: 400, json: {} }, { json: { ...response(status), ...more } }] });
    expect(report.error).toMatchObject({ code, response: { id: "resp_1", status, images: [] } });
    expect(kindsOf(report.events)).toEqual([`status ${status}`]);
    expect(report.urls).toHaveLength(2);
  });
}

test.describe("by the clock", { tag: "@nightly" }, () => {
  test.use({ ownContext: true });

  test.beforeEach(async ({ page, pages }) => {
    await page.clock.install();
    await page.goto(pages.origin);
    await page.evaluate(() => azure.init());
  });

  const asked = (page: Page) => page.evaluate(() => run.asked.length);

  // A connection that has died looks like a model that thinks.
  for (const [what, silent] of [
    ["brings nothing more", { events: [] }],
    ["does not even answer", { fails: "never" }],
  ] as const) {
    test(`a stream that ${what} for 90 s is asked for anew; after three of them the state is asked for`, async ({ page }) => {
      const answers = [{ events: [CREATED] }, ...Array<Scripted>(3).fill(silent as Scripted), { json: response("completed", [PICTURE]) }];
      const script: Script = { answers };
      await page.evaluate(begin, script);
      for (let count = 1; count <= 4; count += 1) {
        await expect.poll(() => asked(page)).toBe(count);
        await page.clock.runFor(85_000);
        expect(await asked(page)).toBe(count);
        // The rest, and the wait before it is asked for anew.
        await page.clock.runFor(5000 + 1600);
      }
      await expect.poll(() => asked(page)).toBe(5);
      const { outcome, urls } = await page.evaluate(async () => ({
        outcome: await run.outcome,
        urls: run.asked.map(({ url }) => url.includes("stream=true")),
      }));
      expect(outcome.ok?.images).toHaveLength(1);
      expect(urls).toEqual([false, true, true, true, false]);
    });
  }

  test("totalTimeoutInMs ends the following, and says how to go on", async ({ page }) => {
    const script: Script = { answers: [{ events: [CREATED] }], options: { totalTimeoutInMs: 60_000 } };
    await page.evaluate(begin, script);
    await expect.poll(() => asked(page)).toBe(1);
    await page.evaluate(() => run.job);
    await page.clock.runFor(60_000);
    const { error } = await page.evaluate(() => run.outcome);
    expect(error).toMatchObject({
      code: "timeout",
      billed: "unknown",
      message: expect.stringMatching(/totalTimeout.*responses\.resume\("resp_1"\)/),
    });
  });

  test("a service that is gone for longer than idleTimeoutInMs is given up", async ({ page }) => {
    const script: Script = { answers: [{ events: [CREATED], then: "break" }, { fails: "offline" }], options: { idleTimeoutInMs: 60_000 } };
    await page.evaluate(begin, script);
    await page.evaluate(() => run.job);
    for (let step = 0; step < 16; step += 1) await page.clock.runFor(5000);
    const { error } = await page.evaluate(() => run.outcome);
    expect(error).toMatchObject({ code: "connection", billed: "unknown", message: expect.stringContaining('responses.resume("resp_1")') });
  });
});

test.describe("of a network", { tag: "@nightly" }, () => {
  test.use({ ownContext: true });

  test("that goes and comes back: the job goes on where it was", async ({ page, context }) => {
    const slow = await startSimulator({ latencyInMs: 3000 });
    try {
      const job = await page.evaluateHandle(async (endpoint) => {
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
        const retries = new Set<number>();
        const job = await client.responses.start(
          { model: "gpt-4.1", input: "Draw a lake [truncate=before-picture] [times=1]", tool: { partialImages: 1, quality: "low" } },
          { onProgress: ({ retry }) => void (retry && retries.add(retry.retries)) },
        );
        const events = helpers.readEvents(job);
        return { retries, events, outcome: helpers.responseOutcome(job.result()) };
      }, slow.url);
      await context.setOffline(true);
      await expect.poll(() => job.evaluate(({ retries }) => retries.size), { timeout: 20_000 }).toBeGreaterThanOrEqual(4);
      await context.setOffline(false);
      const { events, ok } = await job.evaluate(async ({ events, outcome }) => ({ ...(await events), ...(await outcome) }));
      expect(ok?.images).toHaveLength(1);
      expect(ok).not.toHaveProperty("warnings");
      expect(events.filter(({ type }) => type === "image")).toHaveLength(1);
      expect(posts(slow)).toHaveLength(1);
    } finally {
      await slow.close();
    }
  });
});

for (const [what, path, apiVersion] of [
  ["v1", "/api/projects/garden", undefined],
  ["the dated routes", "/api/projects/garden", "2025-11-15-preview"],
] as const) {
  test(`the job of an agent of a project, on ${what}, with a token that is refused on the way`, async ({ page, simulator }) => {
    const report = await page.evaluate(
      async ([endpoint, apiVersion]) => {
        const questions: boolean[] = [];
        // While the job is followed, the first token ends.
        const fetch = (request: Request) => {
          const headers = new Headers(request.headers);
          const hasEnded = request.method === "GET" && headers.get("authorization") === "Bearer first-token";
          headers.set("authorization", `Bearer ${hasEnded ? "ended" : "simulator"}-token`);
          return globalThis.fetch(new Request(request, { headers }));
        };
        const credential = ({ forceRefresh }: { forceRefresh: boolean }) => {
          questions.push(forceRefresh);
          return { token: forceRefresh ? "second-token" : "first-token", expiresOnTimestamp: Date.now() + 3_600_000 };
        };
        const client = new azure.AzureImageClient(endpoint, credential, { imageDeployment: "gpt-image-1", fetch, ...(apiVersion && { apiVersion }) });
        await client.agents.createVersion("painter", { model: "gpt-4.1", tools: [{ type: "image_generation", partialImages: 1, quality: "low" }] });
        const job = await client.responses.start({ agent: "painter", input: "Draw a lake [truncate=before-picture] [times=1]" });
        return { id: job.id, questions, ...(await helpers.readEvents(job)), ...(await helpers.responseOutcome(job.result())) };
      },
      [`${simulator.url}${path}`, apiVersion] as const,
    );
    expect(report.error).toBeUndefined();
    expect(report.ok).toMatchObject({ id: report.id, images: [{ mediaType: "image/png" }] });
    expect(report.questions).toEqual([false, true]);
    expect(
      gets(simulator)
        .filter(({ path }) => path.includes(report.id))
        .map(({ status }) => status),
    ).toEqual([401, 200]);
    expect(posts(simulator).filter(({ path }) => path.endsWith("/responses"))).toHaveLength(1);
    for (const { query } of gets(simulator)) expect(query["api-version"]).toBe(apiVersion);
  });
}

test("cancelling a job that is complete gives it, and changes nothing", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const job = await client.responses.start({ model: "gpt-4.1", input: "Draw a lake", tool: { quality: "low" } });
    const before = await job.result();
    const cancelled = await job.cancel();
    return {
      cancelled: await helpers.describeResponse(cancelled),
      same: before === (await job.result()),
      status: job.status,
      ...(await helpers.readEvents(job)),
    };
  }, simulator.url);
  expect(report.cancelled).toMatchObject({ status: "completed", images: [{ mediaType: "image/png" }] });
  expect(report).toMatchObject({ same: true, status: "completed" });
  expect(report.error).toBeUndefined();
  expect(report.events.at(-1)?.type).toBe("completed");
});

test("a cancel that fails rejects, and the job goes on; so does one that is aborted", async ({ page }) => {
  const slow = await startSimulator({ latencyInMs: 800 });
  try {
    const report = await page.evaluate(async (endpoint) => {
      const fetch = (request: Request) =>
        request.url.includes("/cancel") ? Promise.resolve(new Response(null, { status: 503 })) : globalThis.fetch(request);
      const client = new azure.AzureImageClient(
        endpoint,
        { key: "simulator-key" },
        { imageDeployment: "gpt-image-1", fetch, retryOptions: { maxRetries: 0 } },
      );
      const job = await client.responses.start({ model: "gpt-4.1", input: "Draw a lake", tool: { quality: "low" } });
      const failed = await helpers.responseOutcome(job.cancel());
      const aborted = await helpers.responseOutcome(job.cancel({ abortSignal: AbortSignal.abort() }));
      return { failed, aborted, ...(await helpers.responseOutcome(job.result())) };
    }, slow.url);
    expect(report.failed.error).toMatchObject({ code: "service", status: 503, billed: "no" });
    expect(report.aborted.error).toMatchObject({ code: "cancelled", billed: "no" });
    expect(report.ok?.images).toHaveLength(1);
  } finally {
    await slow.close();
  }
});

test("cancelling ends a job that is asked for its state, and disposing lets go of one; two do not touch each other", { tag: "@nightly" }, async ({
  page,
}) => {
  const slow = await startSimulator({ latencyInMs: 1200 });
  try {
    const report = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
      const start = (what: string) =>
        client.responses.start({ model: "gpt-4.1", input: `Draw a ${what} [no-tool-streaming]`, tool: { quality: "low" } });
      const [polled, disposed, kept] = await Promise.all([start("cat"), start("dog"), start("bird")]);
      const { status } = await polled.cancel();
      disposed.dispose();
      disposed.dispose();
      const outcomes = await Promise.all([polled, disposed, kept].map((job) => helpers.responseOutcome(job.result())));
      return { status, loop: await helpers.readEvents(disposed), outcomes, ids: [polled.id, disposed.id, kept.id] };
    }, slow.url);
    expect(report.status).toBe("cancelled");
    const [polled, disposed, kept] = report.outcomes;
    expect(polled?.error).toMatchObject({ code: "cancelled", name: "AbortError", response: { id: report.ids[0] } });
    expect(polled?.error?.message).not.toContain("resume(");
    expect(disposed?.error).toMatchObject({ code: "cancelled", message: expect.stringContaining(`responses.resume("${report.ids[1]}")`) });
    expect(report.loop).toMatchObject({ events: [], error: { code: "cancelled" } });
    expect(kept?.ok).toMatchObject({ id: report.ids[2], images: [{ mediaType: "image/png" }] });
    expect(new Set(report.ids).size).toBe(3);
  } finally {
    await slow.close();
  }
});

test("100 jobs of which each connection is cut three times: 100 pictures, no event twice, one POST each", { tag: "@nightly" }, async ({ page }) => {
  test.slow();
  const flaky = await startSimulator({ latencyInMs: 200 });
  try {
    const jobs = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-2" });
      const one = async (index: number) => {
        const input = `Draw lake number ${index}. [cut-randomly=3]`;
        const job = await client.responses.start({
          model: "gpt-4.1",
          input,
          tool: { size: "1024x640", quality: "low", outputFormat: "jpeg", partialImages: 1 },
        });
        const { events, error } = await helpers.readEvents(job);
        const kinds = events.map(
          ({ type, ...rest }) => `${type} ${"sequenceNumber" in rest ? rest.sequenceNumber : ""} ${"status" in rest ? rest.status : ""}`,
        );
        const { ok } = await helpers.responseOutcome(job.result());
        const numbers = events.flatMap(({ sequenceNumber }) => sequenceNumber ?? []);
        return { id: job.id, input, kinds, numbers, error, images: ok?.images.map(({ sha256 }) => sha256) };
      };
      return Promise.all(Array.from({ length: 100 }, (_, index) => one(index)));
    }, flaky.url);
    expect(jobs.flatMap(({ error }) => error ?? [])).toEqual([]);
    const finals = new Set(sent(flaky, "final"));
    expect(finals.size).toBe(100);
    for (const { id, input, kinds, numbers, images } of jobs) {
      const isOfJob = ({ path, body }: Simulator["requests"][number]) =>
        path.includes(id) || (body as { input?: string } | undefined)?.input === input;
      const made = flaky.pictures.filter(({ kind, requestIndex }) => kind === "final" && isOfJob(flaky.requests[requestIndex]!));
      expect(images).toEqual([...new Set(made.map(({ sha256 }) => sha256))]);
      expect(kinds.filter((kind) => kind.startsWith("image "))).toHaveLength(1);
      expect(new Set(kinds).size).toBe(kinds.length);
      expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
    }
    expect(posts(flaky)).toHaveLength(100);
    for (const { id } of jobs) {
      const streams = gets(flaky).filter(({ path }) => path.includes(id));
      expect(streams.length, id).toBeGreaterThanOrEqual(3);
    }
  } finally {
    await flaky.close();
  }
});
