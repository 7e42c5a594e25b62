import { startSimulator, type Simulator } from "azure-image-simulator";
import type { ClientOptions, ResponseRequest } from "../../js/index.js";
import { expect, sent, test, type EventReport } from "./fixtures.js";

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
  events.map((event) => ("status" in event ? `${event.type} ${event.status}` : event.type)).filter((kind, index, all) => kind !== "textDelta" || all[index - 1] !== kind);
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

  test("a job of a service that does not stream is asked for again and again, less and less often", async ({ page }) => {
    const job = await page.evaluate(follow, { endpoint: slow.url, input: "Draw a lake [no-tool-streaming]", request: WITH_PREVIEWS });
    expect(job.statusAtStart).toMatch(/^(queued|in_progress)$/);
    expect(posts(slow).map(({ body, status }) => [status, (body as { stream?: boolean }).stream ?? false])).toEqual([[400, true], [200, false]]);
    expect((posts(slow)[1]?.body as { tools: object[] }).tools[0]).not.toHaveProperty("partial_images");
    // After 1 s and after 1.5 s more.
    expect(gets(slow)).toHaveLength(2);
    expect(kindsOf(job.events)).toEqual([
      "status queued",
      "status in_progress",
      "image",
      "status completed",
      "completed",
    ]);
    expect(job.ok?.images.map(({ sha256 }) => sha256)).toEqual([sent(slow, "final")[0]]);
    expect(job.ok?.warnings).toEqual([{ param: "stream", severity: "warning", message: expect.stringContaining("does not stream") }]);
  });

  test("a page that is loaded anew goes on with its job", async ({ page }) => {
    const id = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
      return (await client.responses.start({ model: "gpt-4.1", input: "Draw a lake", tool: { partialImages: 1 } })).id;
    }, slow.url);
    await page.reload();
    await page.waitForFunction(() => "helpers" in globalThis);
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
      return { cancelled: cancelled.status, now: await helpers.describeResponse(now), ...(await helpers.readEvents(job)), outcome: await helpers.responseOutcome(job.result()) };
    }, slow.url);
    expect(report.cancelled).toBe("cancelled");
    expect(report.now).toMatchObject({ status: "cancelled", images: [], error: { code: "cancelled" } });
    expect(report.error).toMatchObject({ code: "cancelled", name: "AbortError", billed: "unknown" });
    expect(report.outcome.error).toMatchObject({ code: "cancelled", response: { id: expect.stringMatching(/^resp_/) } });
    await expect.poll(() => slow.activeRequests).toBe(0);
  });

  test("aborting stops following, and leaves the job to go on", async ({ page }) => {
    const report = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
      const stop = new AbortController();
      const job = await client.responses.start({ model: "gpt-4.1", input: "Draw a lake" }, { abortSignal: stop.signal });
      stop.abort();
      const stopped = await helpers.responseOutcome(job.result());
      return { stopped, listeners: helpers.listenersOf(stop.signal), resumed: await helpers.responseOutcome(client.responses.resume(job.id).result()) };
    }, slow.url);
    expect(report.stopped.error).toMatchObject({ code: "cancelled", billed: "unknown", message: expect.stringContaining("responses.resume(\"resp_") });
    expect(report.listeners).toBe(0);
    expect(report.resumed.ok?.images).toHaveLength(1);
  });

  test("a loop that is left does not end the job", async ({ page }) => {
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
for (const words of ["truncate=30%", "truncate=before-picture", "truncate=before-completed", "truncate=95%", "reset=after-first-preview", "reset=before-completed"]) {
  test(`a stream with [${words}] is gone on with: nothing is lost, nothing comes twice`, async ({ page, simulator }) => {
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
    message: expect.stringContaining("can no longer be fetched"),
    response: { status: "completed", images: [], failures: [{ error: { code: "no_image" } }] },
  });
});

test("trouble of the service while a job is followed is waited out, in sight", async ({ page, simulator }) => {
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

test("a service that cannot be reached is given up after idleTimeout, and the job can be resumed", async ({ page, simulator }) => {
  const job = await page.evaluate(follow, {
    endpoint: simulator.url,
    input: "Draw a lake [truncate=before-picture] [get-status=503]",
    options: { idleTimeout: 1000 },
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

test("100 jobs of which each connection is cut three times: 100 pictures, no event twice, one POST each", async ({ page }) => {
  test.slow();
  const flaky = await startSimulator({ latencyInMs: 200 });
  try {
    const jobs = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-2" });
      const one = async (index: number) => {
        const input = `Draw lake number ${index} [cut-randomly=3]`;
        const job = await client.responses.start({ model: "gpt-4.1", input, tool: { size: "1024x640", quality: "low", outputFormat: "jpeg", partialImages: 1 } });
        const { events, error } = await helpers.readEvents(job);
        const kinds = events.map(({ type, ...rest }) => `${type} ${"sequenceNumber" in rest ? rest.sequenceNumber : ""} ${"status" in rest ? rest.status : ""}`);
        const { ok } = await helpers.responseOutcome(job.result());
        return { id: job.id, kinds, error, images: ok?.images.map(({ sha256 }) => sha256) };
      };
      return Promise.all(Array.from({ length: 100 }, (_, index) => one(index)));
    }, flaky.url);
    expect(jobs.flatMap(({ error }) => error ?? [])).toEqual([]);
    const finals = new Set(sent(flaky, "final"));
    expect(finals.size).toBe(100);
    expect(new Set(jobs.flatMap(({ images }) => images ?? []))).toEqual(finals);
    for (const { kinds } of jobs) expect(new Set(kinds).size).toBe(kinds.length);
    expect(posts(flaky)).toHaveLength(100);
    for (const { id } of jobs) {
      const streams = gets(flaky).filter(({ path }) => path.includes(id));
      expect(streams.length, id).toBeGreaterThanOrEqual(3);
    }
  } finally {
    await flaky.close();
  }
});
