import type { Simulator } from "azure-image-simulator";
import { expect, sent, test } from "./fixtures.js";
import type { Progress, RetryOptions } from "../../js/index.js";

interface Call {
  endpoint: string;
  prompt: string;
  retryOptions?: RetryOptions;
  streamed?: boolean;
  n?: number;
}

/** Calls, and tells how it went on: each stage once, however often it is told. */
async function call({ endpoint, prompt, retryOptions, streamed, n }: Call) {
  const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", ...(retryOptions && { retryOptions }) });
  const stages: string[] = [];
  const retries: { waitInMs: number; retries: number; code: string; status: number | undefined }[] = [];
  const onProgress = ({ stage, retry }: Progress) => {
    if (stages.at(-1) !== stage) stages.push(stage);
    if (retry) retries.push({ waitInMs: retry.waitInMs, retries: retry.retries, code: retry.error.code, status: retry.error.status });
  };
  const request = { prompt, ...(n !== undefined && { n }) };
  const result = streamed
    ? client.generateStream({ ...request, partialImages: 2 }, { onProgress }).result()
    : client.generate(request, { onProgress });
  return { ...(await helpers.outcome(result)), stages, retries };
}

const posts = (simulator: Simulator) => simulator.requests.filter(({ method }) => method === "POST").length;

for (const streamed of [false, true]) {
  test(`a busy deployment is waited for, in sight, and the picture comes once${streamed ? ", streamed" : ""}`, async ({ page, simulator }) => {
    const report = await page.evaluate(call, { endpoint: simulator.url, prompt: "a lake [status=429] [retry-after=0.2] [times=2]", streamed });
    expect(report.ok?.images.map(({ sha256 }) => sha256)).toEqual(sent(simulator, "final"));
    expect(posts(simulator)).toBe(3);
    const once = ["authenticating", "waiting", "retrying"];
    expect(report.stages).toEqual([...once, ...once, "authenticating", "waiting", "receiving", "completed"]);
    // Never earlier than asked, and hardly later.
    for (const { waitInMs } of report.retries) expect(waitInMs).toBeLessThanOrEqual(300);
    expect(report.retries.map(({ retries, code, status }) => [retries, code, status])).toEqual([
      [1, "rate_limit", 429],
      [2, "rate_limit", 429],
    ]);
    for (const { waitInMs } of report.retries) expect(waitInMs).toBeGreaterThanOrEqual(200);
  });
}

test("the wait is told every second, until it is over", { tag: "@nightly" }, async ({ page, simulator }) => {
  const report = await page.evaluate(call, { endpoint: simulator.url, prompt: "a lake [status=429] [retry-after=2.5] [times=1]" });
  expect(report.ok).toBeDefined();
  const waits = report.retries.map(({ waitInMs }) => waitInMs);
  expect(waits.length).toBeGreaterThanOrEqual(2);
  expect(waits).toEqual(waits.toSorted((one, other) => other - one));
  expect(waits[0]).toBeGreaterThanOrEqual(2500);
});

// A browser hides the header unless the service exposes it, which Azure does not; the text says the same.
for (const [where, words] of [
  ["the text alone", "retry-after=7"],
  ["the exposed header", "retry-after=7] [expose-headers"],
] as const) {
  test(`the wait is read from ${where}`, { tag: "@browser" }, async ({ page, simulator }) => {
    const report = await page.evaluate(call, {
      endpoint: simulator.url,
      prompt: `a lake [error=429-rate-limit-classic] [${words}]`,
      retryOptions: { maxRetryDelayInMs: 6999 },
    });
    expect(report.error).toMatchObject({ code: "rate_limit", retryAfterInMs: 7000, billed: "no", retryable: true });
    expect(report.error?.message).toContain("maxRetryDelayInMs");
    expect(posts(simulator)).toBe(1);
  });
}

test("a date is a wait too", async ({ page }) => {
  const waits = await page.evaluate(async () => {
    const waits = [];
    for (const seconds of [-60, 60]) {
      const date = new Date(Date.now() + seconds * 1000).toUTCString();
      const fetch = async () => new Response("{}", { status: 429, headers: { "retry-after": date } });
      const client = new azure.AzureImageClient("/api", null, { deployment: "x", fetch, retryOptions: { maxRetries: 0 } });
      waits.push((await helpers.outcome(client.generate({ prompt: "a" }))).error?.retryAfterInMs);
    }
    return waits;
  });
  expect(waits[0]).toBeUndefined();
  expect(waits[1]).toBeGreaterThan(50_000);
  expect(waits[1]).toBeLessThanOrEqual(60_000);
});

for (const [retryOptions, count] of [
  [{ maxRetries: 0 }, 1],
  [{ maxRetries: 1 }, 2],
  [{ maxRetries: 5, retryDelayInMs: 1 }, 6],
  [undefined, 4],
] as const) {
  test(`${JSON.stringify(retryOptions)} makes ${count} requests of one that is refused each time`, async ({ page, simulator }) => {
    const report = await page.evaluate(call, {
      endpoint: simulator.url,
      prompt: "a lake [status=429] [retry-after=0.01]",
      ...(retryOptions && { retryOptions }),
    });
    expect(report.error).toMatchObject({ code: "rate_limit", billed: "no" });
    if (count > 1) expect(report.error?.message).toContain(`The request was sent ${count} times.`);
    expect(posts(simulator)).toBe(count);
  });
}

for (const [name, value] of [
  ["maxRetries", -1],
  ["maxRetries", "3"],
  ["retryDelayInMs", 0.5],
  ["maxRetryDelayInMs", Infinity],
  ["retryUnknownOutcome", "yes"],
] as const) {
  test(`retryOptions.${name} of ${value} is refused by its name`, async ({ page, simulator }) => {
    const report = await page.evaluate(call, { endpoint: simulator.url, prompt: "a lake", retryOptions: { [name]: value } as RetryOptions });
    expect(report.error).toMatchObject({ code: "invalid_request", param: `retryOptions.${name}`, billed: "no" });
    expect(report.error?.message).toContain(`retryOptions.${name} must be`);
    expect(simulator.requests).toEqual([]);
  });
}

// What may have been billed is sent again only for who accepts that.
for (const words of [
  "status=408",
  "status=500",
  "status=503] [retry-after=0.01",
  "reset=before-headers",
  "reset=mid-headers",
  "truncate=40%",
  "reset=after-first-preview",
  "no-completed",
]) {
  test(`[${words}] once, with retryUnknownOutcome: the picture comes with the second request, and no more is sent`, { tag: "@nightly" }, async ({
    page,
    simulator,
  }) => {
    const report = await page.evaluate(call, {
      endpoint: simulator.url,
      prompt: `a lake [${words}] [times=1]`,
      retryOptions: { retryUnknownOutcome: true, retryDelayInMs: 1 },
      streamed: true,
    });
    expect(report.ok?.images).toHaveLength(1);
    expect(sent(simulator, "final")).toContain(report.ok?.images[0]?.sha256);
    expect(posts(simulator)).toBe(2);
    expect(report.stages).toContain("retrying");
  });
}

test("of several requests each is tried again for itself, and what came stays", async ({ page, simulator }) => {
  const report = await page.evaluate(call, {
    endpoint: simulator.url,
    prompt: "a lake [status=429] [retry-after=0.05] [times=2]",
    streamed: true,
    n: 3,
  });
  expect(report.ok?.images.map(({ sha256 }) => sha256).toSorted()).toEqual(sent(simulator, "final").toSorted());
  expect(report.ok?.failures).toBeUndefined();
  expect(posts(simulator)).toBe(5);
});

test("a picture that came is not paid for again when the rest of the answer is lost", async ({ page }) => {
  const report = await page.evaluate(async () => {
    let requests = 0;
    const picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    // Two were asked for with one request, one came.
    const fetch = async () => {
      requests += 1;
      return new Response(`data: {"type":"image_generation.completed","b64_json":"${picture}"}\n\ndata: {"type":"image_gen`);
    };
    const client = new azure.AzureImageClient("/api", null, {
      deployment: "x",
      fetch,
      retryOptions: { retryUnknownOutcome: true, retryDelayInMs: 1 },
    });
    const { images, failures } = await client.generate({ prompt: "a", n: 2 });
    return { requests, images: images.length, failures: failures?.map(({ imageIndex, error }) => [imageIndex, error.code]) };
  });
  expect(report).toEqual({ requests: 1, images: 1, failures: [[1, "stream_truncated"]] });
});

test("an abort during the wait ends it at once, and sends nothing more", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const controller = new AbortController();
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const onProgress = ({ retry }: Progress) => retry && controller.abort("enough");
    const outcome = await helpers.outcome(
      client.generate({ prompt: "a lake [status=429] [retry-after=60]" }, { abortSignal: controller.signal, onProgress }),
    );
    return { ...outcome, running: helpers.running(), listeners: helpers.listenersOf(controller.signal) };
  }, simulator.url);
  expect(report.error).toMatchObject({ code: "cancelled", name: "AbortError", billed: "no", cause: "enough" });
  expect(report.listeners).toBe(0);
  expect(report.running.timers).toBe(0);
  expect(posts(simulator)).toBe(1);
});
