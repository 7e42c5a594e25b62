import type { Simulator } from "azure-image-simulator";
import type { ClientOptions, Progress, ResponseRequest, ResponseStreamOptions } from "../../js/index.js";
import { expect, sent, test, type EventReport } from "./fixtures.js";

interface StreamRequest {
  endpoint: string;
  input: string;
  options?: ClientOptions;
  request?: Partial<ResponseRequest>;
  settings?: ResponseStreamOptions;
}

/** Streams a response within the page, by iteration and by `result()`, and tells all of what came. */
async function streamed({ endpoint, input, options, request, settings }: StreamRequest) {
  const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1", ...options });
  const progress: Progress[] = [];
  const stream = client.responses.stream({ model: "gpt-4.1", input, ...request }, { onProgress: (step) => void progress.push(step), ...settings });
  const { id: idAtStart, status: statusAtStart } = stream;
  const { events, error: loopError } = await helpers.readEvents(stream);
  const outcome = await helpers.responseOutcome(stream.result());
  const steps = progress.map(({ stage, partialImages, images }) => ({ stage, partialImages, images }));
  return { events, loopError, idAtStart, statusAtStart, id: stream.id, status: stream.status, steps, ...outcome };
}

const WITH_PREVIEWS = { tool: { partialImages: 2, quality: "low" } } as const;
const posts = (simulator: Simulator) => simulator.requests.filter(({ method }) => method === "POST");
const of = <Type extends EventReport["type"]>(events: readonly EventReport[], type: Type) =>
  events.filter((event): event is Extract<EventReport, { type: Type }> => event.type === type);
const hashes = (pictures: readonly { sha256: string }[] | undefined) => pictures?.map(({ sha256 }) => sha256);
/** What happened, in a word or two each; words of the model that follow each other are one. */
const kindsOf = (events: readonly EventReport[]) =>
  events
    .map((event) => ("status" in event ? `${event.type} ${event.status}` : event.type))
    .filter((kind, index, all) => !kind.endsWith("Delta") || all[index - 1] !== kind);
const saidIn = (events: readonly EventReport[], type: "textDelta" | "refusalDelta") =>
  of(events, type)
    .map(({ delta }) => delta)
    .join("");
/** The finished pictures, each once, though a stream has them twice. */
const finals = (simulator: Simulator) => [...new Set(sent(simulator, "final"))];

const PICTURE = [
  "status in_progress",
  "callStatus in_progress",
  "callStatus generating",
  "partialImage",
  "partialImage",
  "callStatus completed",
  "image",
];
const END = ["textDelta", "status completed", "completed"];

test("status, call, previews, picture, words, end: each once, in order, as the service sent it", async ({ page, simulator }) => {
  const report = await page.evaluate(streamed, { endpoint: simulator.url, input: "Draw a lake", request: WITH_PREVIEWS });
  const { events, ok } = report;
  expect(report.loopError).toBeUndefined();
  expect(kindsOf(events)).toEqual([...PICTURE, ...END]);
  const numbers = events.map(({ sequenceNumber }) => sequenceNumber ?? -1);
  // The last event of the service is two here.
  const last = numbers.pop();
  expect(last).toBe(numbers.at(-1));
  for (const [index, number] of numbers.entries()) expect(number).toBeGreaterThan(numbers[index - 1] ?? -1);

  const partialImages = of(events, "partialImage");
  expect(partialImages.map(({ index }) => index)).toEqual([0, 1]);
  expect(partialImages.map(({ image }) => image.sha256)).toEqual(sent(simulator, "partial"));
  for (const { image } of partialImages) expect(image).toMatchObject({ mediaType: "image/png", width: 1024, height: 1024 });
  const [image, ...more] = of(events, "image");
  expect(more).toEqual([]);
  // It stands twice in the stream.
  expect(sent(simulator, "final")).toEqual([image?.image.sha256, image?.image.sha256]);
  expect(new Set(events.flatMap((event) => ("itemId" in event ? `${event.itemId} ${event.outputIndex}` : []))).size).toBe(1);
  expect(image?.image.call).toMatchObject({ id: image?.itemId, outputIndex: image?.outputIndex });
  expect(ok?.images).toEqual([image?.image]);

  expect(saidIn(events, "textDelta")).toBe(ok?.text);
  expect(ok?.text).not.toBe("");
  expect(of(events, "completed")[0]?.response).toEqual(ok);
  expect(ok).toMatchObject({ status: "completed", model: "gpt-4.1", lastSequenceNumber: last, usage: { outputTokens: expect.any(Number) } });
  expect(ok).not.toHaveProperty("warnings");
  expect(JSON.stringify(ok?.raw)).not.toContain("iVBOR");

  expect([report.idAtStart, report.statusAtStart]).toEqual([undefined, "queued"]);
  expect([report.id, report.status]).toEqual([ok?.id, "completed"]);
  expect(ok?.id).toMatch(/^resp_/);
  const stages = report.steps.map(({ stage }) => stage).filter((stage, index, all) => stage !== all[index - 1]);
  expect(stages).toEqual(["authenticating", "waiting", "receiving", "completed"]);
  expect(report.steps.map(({ partialImages }) => partialImages)).toEqual(report.steps.map(({ partialImages }) => partialImages).toSorted());
  expect(report.steps.at(-1)).toMatchObject({ partialImages: 2, images: 1 });

  const [post, ...others] = posts(simulator);
  expect(others).toEqual([]);
  expect(post?.body).toMatchObject({ stream: true, tools: [{ type: "image_generation", partial_images: 2 }] });
  expect(post?.body).not.toHaveProperty("background");
  await post?.closed;
  expect(post?.aborted).toBe(false);
});

test("a picture that comes twice is decoded once", async ({ page, simulator }) => {
  const blobs = await page.evaluate(async (endpoint) => {
    const { Blob: Original } = globalThis;
    let bytes = 0;
    globalThis.Blob = class extends Original {
      constructor(...parameters: ConstructorParameters<typeof Original>) {
        super(...parameters);
        bytes += this.size;
      }
    };
    try {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
      const count = async (words: string) => {
        bytes = 0;
        const { images } = await client.responses.stream({ model: "gpt-4.1", input: `Draw a lake ${words}`, tool: { quality: "low" } }).result();
        return { bytes, byteLength: images[0]!.byteLength };
      };
      return { twice: await count(""), once: await count("[omit-repeated-picture]") };
    } finally {
      globalThis.Blob = Original;
    }
  }, simulator.url);
  expect(blobs.once.bytes).toBeGreaterThanOrEqual(blobs.once.byteLength);
  expect(blobs.twice.byteLength).toBe(blobs.once.byteLength);
  // Pieces of a mebibyte may be larger by what is decoded at once, as the chunks fall.
  expect(blobs.twice.bytes).toBeLessThanOrEqual(blobs.once.bytes + 64 * 1024);
});

// Whatever a server makes of the framing and of the JSON, the events are the same.
for (const words of [
  "omit-repeated-picture",
  "wrong-type",
  "crlf",
  "cr",
  "comments",
  "bom",
  "done-marker",
  "data-only",
  "shuffled",
  "escaped",
  "decoy",
  "minimal",
  "shuffled] [escaped] [decoy] [crlf] [comments] [bom] [done-marker",
  "chunk=1000",
  "chunk=65537",
]) {
  test(`the events are the same when the answer comes as [${words}]`, { tag: "@nightly" }, async ({ page, simulator }) => {
    const report = await page.evaluate(streamed, { endpoint: simulator.url, input: `Draw a lake [${words}]`, request: WITH_PREVIEWS });
    expect(report.loopError).toBeUndefined();
    expect(kindsOf(report.events)).toEqual([...PICTURE, ...END]);
    expect(hashes(of(report.events, "partialImage").map(({ image }) => image))).toEqual(sent(simulator, "partial"));
    expect(hashes(report.ok?.images)).toEqual(finals(simulator));
    expect(saidIn(report.events, "textDelta")).toBe(report.ok?.text);
    expect(posts(simulator)).toHaveLength(1);
  });
}

test("byte by byte nothing is lost", async ({ page, simulator }) => {
  const tool = { partialImages: 1, quality: "low", outputFormat: "webp", outputCompression: 1 } as const;
  const report = await page.evaluate(streamed, {
    endpoint: simulator.url,
    input: "Draw an abstract planet [chunk=1] [omit-repeated-picture]",
    request: { tool },
  });
  expect(report.loopError).toBeUndefined();
  expect(of(report.events, "partialImage").map(({ image }) => image.sha256)).toEqual(sent(simulator, "partial"));
  expect(hashes(report.ok?.images)).toEqual(finals(simulator));
  expect(report.ok?.images[0]?.mediaType).toBe("image/webp");
});

test("an answer in plain JSON is read as what it is", async ({ page, simulator }) => {
  for (const words of ["json-answer", "json-answer] [wrong-type", "json-answer] [shuffled] [escaped] [bom] [decoy"]) {
    simulator.reset();
    const report = await page.evaluate(streamed, { endpoint: simulator.url, input: `Draw a lake [${words}]`, request: WITH_PREVIEWS });
    expect(report.loopError).toBeUndefined();
    expect(kindsOf(report.events)).toEqual(["image", "status completed", "completed"]);
    expect(hashes(report.ok?.images)).toEqual(sent(simulator, "final"));
    expect(report.ok?.text).not.toBe("");
    expect(posts(simulator)).toHaveLength(1);
  }
});

test("of two pictures each has its previews and its place", async ({ page, simulator }) => {
  const report = await page.evaluate(streamed, { endpoint: simulator.url, input: "Draw a lake [pictures=2]", request: WITH_PREVIEWS });
  expect(report.loopError).toBeUndefined();
  expect(kindsOf(report.events)).toEqual([...PICTURE, ...PICTURE.slice(1), ...END]);
  expect(of(report.events, "partialImage").map(({ outputIndex, index }) => [outputIndex, index])).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  expect(hashes(of(report.events, "partialImage").map(({ image }) => image))).toEqual(sent(simulator, "partial"));
  const [first, second] = sent(simulator, "final");
  expect(first).not.toBe(second);
  expect(sent(simulator, "final")).toEqual([first, second, first, second]);
  expect(hashes(report.ok?.images)).toEqual([first, second]);
  expect(report.ok?.images.map(({ call }) => call?.outputIndex)).toEqual([0, 1]);
  expect(new Set(report.ok?.images.map(({ call }) => call?.id)).size).toBe(2);
  expect(report.steps.at(-1)).toMatchObject({ partialImages: 4, images: 2 });
});

test("a call that fails is told, and what the model says of it", async ({ page, simulator }) => {
  const report = await page.evaluate(streamed, { endpoint: simulator.url, input: "Draw a lake [call-failed] [refusal]", request: WITH_PREVIEWS });
  expect(kindsOf(report.events)).toEqual([...PICTURE.slice(0, 5), "callFailed", "refusalDelta", "status completed"]);
  expect(of(report.events, "callFailed")).toEqual([
    expect.objectContaining({ outputIndex: 0, itemId: expect.stringMatching(/^ig_/), error: expect.objectContaining({ code: "content_filter" }) }),
  ]);
  expect(report.loopError).toMatchObject({ code: "content_filter", lastPartialImage: { sha256: sent(simulator, "partial")[1] } });
  expect(report.error).toEqual(report.loopError);
  expect(report.error?.response).toMatchObject({
    status: "completed",
    images: [],
    failures: [{ call: { outputIndex: 0 }, error: { code: "content_filter" } }],
  });
  expect(saidIn(report.events, "refusalDelta")).toBe(report.error?.response?.refusal);
  expect(report.error?.response?.refusal).not.toBe("");
});

test("a refusal alone is an answer in words", async ({ page, simulator }) => {
  const report = await page.evaluate(streamed, { endpoint: simulator.url, input: "Draw a lake [refusal]", request: WITH_PREVIEWS });
  expect(report.loopError).toBeUndefined();
  expect(kindsOf(report.events)).toEqual(["status in_progress", "refusalDelta", "status completed", "completed"]);
  expect(report.ok).toMatchObject({ images: [], text: "", refusal: saidIn(report.events, "refusalDelta") });
});

// How a response can end that does not complete. `images`: of those, how many had come.
for (const [words, code, billed, status, images, partialImages, param] of [
  ["incomplete=max_output_tokens", "invalid_request", "yes", "incomplete", 1, 2, "max_output_tokens"],
  ["incomplete=content_filter", "content_filter", "unknown", "incomplete", 0, 2],
  ["response-failed", "service", "unknown", "failed", 0, 2],
  ["response-failed=rate_limit_exceeded", "rate_limit", "unknown", "failed", 0, 2],
  ["error-in-stream", "service", "unknown", "in_progress", 0, 2],
  ["rate-limit-in-stream", "rate_limit", "unknown", "in_progress", 0, 2],
  ["moderation-in-stream", "content_filter", "unknown", "in_progress", 0, 2],
  ["no-completed", "stream_truncated", "yes", "in_progress", 1, 2],
  ["malformed-json", "stream_malformed", "yes", "in_progress", 1, 2],
  ["malformed-base64", "stream_malformed", "unknown", "completed", 0, 2],
  ["half-quad", "stream_malformed", "unknown", "completed", 0, 2],
] as const) {
  test(`[${words}] ends as ${code}, with what had come`, { tag: "@nightly" }, async ({ page, simulator }) => {
    const report = await page.evaluate(streamed, { endpoint: simulator.url, input: `Draw a lake [${words}]`, request: WITH_PREVIEWS });
    expect(report.ok).toBeUndefined();
    expect(report.error).toMatchObject({ isAzureImageError: true, code, billed, ...(param && { param }) });
    expect(report.loopError).toEqual(report.error);
    expect(report.error?.response).toMatchObject({ id: report.id, status });
    expect(report.status).toBe(status);
    expect(report.error?.response?.images).toHaveLength(images);
    expect(of(report.events, "image").map(({ image }) => image)).toEqual(report.error?.response?.images);
    expect(of(report.events, "partialImage")).toHaveLength(partialImages);
    expect(of(report.events, "completed")).toEqual([]);
    expect(report.error?.lastPartialImage?.sha256).toBe(sent(simulator, "partial")[partialImages - 1]);
    expect(posts(simulator)).toHaveLength(1);
  });
}

// Cut in each part of the stream, by an end and by a reset.
for (const how of ["truncate", "reset"] as const) {
  for (const place of ["0", "50", "1%", "20%", "45%", "before-picture", "70%", "before-completed", "85%", "99%", "before-headers", "mid-headers"]) {
    test(`[${how}=${place}]: what came is told, then the failure; nothing is sent twice`, { tag: "@nightly" }, async ({ page, simulator }) => {
      const report = await page.evaluate(streamed, { endpoint: simulator.url, input: `Draw a lake [${how}=${place}]`, request: WITH_PREVIEWS });
      const inHeaders = place.endsWith("headers");
      expect(report.ok).toBeUndefined();
      expect(report.error?.code).toBe(how === "reset" || inHeaders ? "connection" : "stream_truncated");
      expect(report.loopError).toEqual(report.error);
      const { events, error } = report;
      const images = of(events, "image");
      expect(images.length).toBeLessThanOrEqual(1);
      expect(error?.billed).toBe(images.length > 0 ? "yes" : "unknown");
      // The bytes that a reset takes along may hold anything.
      if (how === "truncate" && !inHeaders) {
        expect(images).toHaveLength(["70%", "before-completed", "85%", "99%"].includes(place) ? 1 : 0);
        expect(of(events, "partialImage").length).toBe(["0", "50", "1%"].includes(place) ? 0 : place === "20%" ? 1 : 2);
      }
      expect(error?.response?.id).toBe(report.id);
      expect(report.id === undefined).toBe(events.length === 0);
      if (report.id !== undefined) {
        expect(error?.response).toMatchObject({ status: "in_progress", text: saidIn(events, "textDelta"), images: images.map(({ image }) => image) });
        // Events that are not reported count too.
        expect(error?.response?.lastSequenceNumber).toBeGreaterThanOrEqual(events.at(-1)?.sequenceNumber ?? 0);
      }
      expect(error?.lastPartialImage).toEqual(of(events, "partialImage").at(-1)?.image);
      expect(posts(simulator)).toHaveLength(1);
    });
  }
}

test("with retryUnknownOutcome a stream that broke is begun anew, and is told anew", async ({ page, simulator }) => {
  const options = { retryOptions: { retryUnknownOutcome: true, retryDelayInMs: 1 } };
  const report = await page.evaluate(streamed, {
    endpoint: simulator.url,
    input: "Draw a lake [truncate=before-picture] [times=1]",
    options,
    request: WITH_PREVIEWS,
  });
  expect(report.loopError).toBeUndefined();
  expect(kindsOf(report.events)).toEqual([...PICTURE.slice(0, 6), ...PICTURE, ...END]);
  expect(hashes(of(report.events, "partialImage").map(({ image }) => image))).toEqual(sent(simulator, "partial"));
  expect(saidIn(report.events, "textDelta")).toBe(report.ok?.text);
  expect(hashes(report.ok?.images)).toEqual(finals(simulator));
  expect(posts(simulator)).toHaveLength(2);
  expect(report.id).toBe(report.ok?.id);
});

test("a stream that broke behind its picture is not begun anew: it is paid", async ({ page, simulator }) => {
  const options = { retryOptions: { retryUnknownOutcome: true, retryDelayInMs: 1 } };
  const report = await page.evaluate(streamed, {
    endpoint: simulator.url,
    input: "Draw a lake [truncate=before-completed]",
    options,
    request: WITH_PREVIEWS,
  });
  expect(report.error).toMatchObject({ code: "stream_truncated", billed: "yes", response: { images: [{ sha256: finals(simulator)[0] }] } });
  expect(posts(simulator)).toHaveLength(1);
});

test("of two tries that break, the error has what came of the second", async ({ page, simulator }) => {
  const options = { retryOptions: { retryUnknownOutcome: true, retryDelayInMs: 1, maxRetries: 1 } };
  const report = await page.evaluate(streamed, { endpoint: simulator.url, input: "Say hello [truncate=80%]", options });
  expect(posts(simulator)).toHaveLength(2);
  const text = saidIn(report.events, "textDelta");
  expect(report.error?.response).toMatchObject({ id: report.id, text: text.slice(text.length / 2) });
  expect(report.error?.response?.lastSequenceNumber).toBeGreaterThanOrEqual(report.events.at(-1)?.sequenceNumber ?? 0);
});

// Where the service does not stream the tool.

test("a service that refuses to stream the tool is asked without, once for each model; the result says so", async ({ page, simulator }) => {
  const reports = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const run = async (model: string, words: string) => {
      const retries: (number | undefined)[] = [];
      const request = { model, input: `Draw a lake ${words}`, tool: { partialImages: 2, quality: "low" } };
      const stream = client.responses.stream(request, { onProgress: ({ retry }) => void (retry && retries.push(retry.error.status)) });
      return { retries, ...(await helpers.readEvents(stream)), ...(await helpers.responseOutcome(stream.result())) };
    };
    return [await run("gpt-4.1", "[no-tool-streaming]"), await run("gpt-4.1", "[no-tool-streaming]"), await run("gpt-4o", "")];
  }, simulator.url);
  const [refused, known, other] = reports;
  for (const report of [refused, known]) {
    expect(report?.error).toBeUndefined();
    expect(kindsOf(report?.events ?? [])).toEqual(["image", "status completed", "completed"]);
    expect(hashes(report?.ok?.images)).toEqual([sent(simulator, "final")[0]]);
    expect(report?.ok?.warnings).toEqual([{ param: "stream", severity: "warning", message: expect.stringContaining("does not stream") }]);
    expect(report?.ok?.text).not.toBe("");
  }
  expect([refused?.retries, known?.retries]).toEqual([[400], []]);
  expect(kindsOf(other?.events ?? [])).toEqual([...PICTURE, ...END]);
  expect(other?.ok).not.toHaveProperty("warnings");
  type Body = { model: string; stream?: boolean; tools: { partial_images?: number }[] };
  const asked = posts(simulator).map(({ status, body }) => ({ body: body as Body, status }));
  expect(asked.map(({ body, status }) => [body.model, body.stream ?? false, body.tools[0]?.partial_images, status])).toEqual([
    ["gpt-4.1", true, 2, 400],
    ["gpt-4.1", false, undefined, 200],
    ["gpt-4.1", false, undefined, 200],
    ["gpt-4o", true, 2, 200],
  ]);
});

test("so is it with an agent, which is remembered apart from models", async ({ page, simulator }) => {
  const reports = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(`${endpoint}/api/projects/garden`, () => "simulator-token", { imageDeployment: "gpt-image-1" });
    for (const name of ["painter", "drawer"])
      await client.agents.createVersion(name, { model: "gpt-4.1", tools: [{ type: "image_generation", partialImages: 1 }] });
    const run = async (agent: string, words: string) => {
      const { images, warnings } = await client.responses.stream({ agent, input: `Draw a lake ${words}` }).result();
      return { images: images.length, warnings: warnings?.map(({ param }) => param) };
    };
    return [await run("painter", "[no-tool-streaming]"), await run("painter", ""), await run("drawer", "")];
  }, simulator.url);
  const warned = { images: 1, warnings: ["stream"] };
  expect(reports).toEqual([warned, warned, { images: 1, warnings: undefined }]);
  const asked = posts(simulator).filter(({ path }) => path.endsWith("/responses"));
  expect(asked.map(({ body }) => (body as { stream?: boolean }).stream ?? false)).toEqual([true, false, false, true]);
});

test("a failure behind the fallback is that of the call, and another 400 is not tried again", async ({ page, simulator }) => {
  const fallen = await page.evaluate(streamed, {
    endpoint: simulator.url,
    input: "Draw a lake [no-tool-streaming] [response-failed]",
    request: WITH_PREVIEWS,
  });
  expect(fallen.error).toMatchObject({ code: "service", response: { status: "failed" } });
  expect(posts(simulator)).toHaveLength(2);
  simulator.reset();
  const refused = await page.evaluate(streamed, { endpoint: simulator.url, input: "Draw a lake [status=400]", request: WITH_PREVIEWS });
  expect(refused.error).toMatchObject({ code: "invalid_request", status: 400, billed: "no" });
  expect(refused.loopError).toEqual(refused.error);
  expect(refused.events).toEqual([]);
  expect(posts(simulator)).toHaveLength(1);
});

// Letting go.

for (const how of ["break", "cancel()", "dispose()", "abortSignal"] as const) {
  test(`${how} in the middle ends loop, result and connection, and leaves no listener`, async ({ page, simulator }) => {
    const report = await page.evaluate(
      async ([endpoint, how]) => {
        const controller = new AbortController();
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
        const request = { model: "gpt-4.1", input: "Draw a lake [stall]", tool: { partialImages: 1, quality: "low" } };
        const stream = client.responses.stream(request, { abortSignal: controller.signal });
        let thrown;
        try {
          for await (const { type } of stream) {
            if (type !== "partialImage") continue;
            if (how === "break") break;
            if (how === "cancel()") stream.cancel();
            else if (how === "dispose()") stream.dispose();
            else controller.abort("enough");
          }
        } catch (error) {
          thrown = await helpers.describeError(error);
        }
        stream.cancel();
        const outcome = await helpers.responseOutcome(stream.result());
        return { thrown, outcome, status: stream.status, id: stream.id, listeners: helpers.listenersOf(controller.signal) };
      },
      [simulator.url, how] as const,
    );
    const { error } = report.outcome;
    expect(error).toMatchObject({
      code: "cancelled",
      name: "AbortError",
      billed: "unknown",
      lastPartialImage: { sha256: sent(simulator, "partial")[0] },
    });
    expect(error?.response).toMatchObject({ id: report.id, status: "in_progress", images: [] });
    // The response ends with its connection: there is nothing to resume.
    expect(error?.message).not.toContain("resume");
    expect(report.thrown).toEqual(how === "break" ? undefined : error);
    if (how === "abortSignal") expect(error?.cause).toBe("enough");
    expect(report.listeners).toBe(0);
    await posts(simulator)[0]?.closed;
    expect(posts(simulator).map(({ aborted }) => aborted)).toEqual([true]);
    await expect.poll(() => simulator.activeRequests).toBe(0);
  });
}

test("an abort before the start sends nothing; one behind the end changes nothing", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
    const before = client.responses.stream({ model: "gpt-4.1", input: "Say hello" }, { abortSignal: AbortSignal.abort() });
    const failed = await helpers.responseOutcome(before.result());
    const controller = new AbortController();
    const { signal: abortSignal } = controller;
    const after = client.responses.stream({ model: "gpt-4.1", input: "Say hello", extraBody: { tools: [] } }, { abortSignal });
    const early = await after.result();
    controller.abort();
    after.dispose();
    return { failed, same: early === (await after.result()), listeners: helpers.listenersOf(abortSignal), loop: await helpers.readEvents(before) };
  }, simulator.url);
  expect(report.failed.error).toMatchObject({ code: "cancelled", billed: "no" });
  expect(report.loop).toMatchObject({ events: [], error: { code: "cancelled" } });
  expect(report).toMatchObject({ same: true, listeners: 0 });
  expect(posts(simulator)).toHaveLength(1);
});

test("the previews of a call are freed by the next picture of the call, and by no other", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const request = { model: "gpt-4.1", input: "Draw a lake [pictures=2]", tool: { partialImages: 2, quality: "low" } };
    const run = async (keepPartialImages: boolean) => {
      const stream = client.responses.stream(request, { keepPartialImages });
      const alive: string[] = [];
      const before = helpers.liveUrls.size;
      for await (const event of stream) {
        if (!("image" in event)) continue;
        await helpers.load(event.image.objectUrl);
        alive.push(`${event.type} ${event.outputIndex}: ${helpers.liveUrls.size - before}`);
      }
      const afterEnd = helpers.liveUrls.size - before;
      stream.dispose();
      const afterDispose = helpers.liveUrls.size - before;
      for (const image of (await stream.result()).images) image.dispose();
      return { alive, afterEnd, afterDispose, atLast: helpers.liveUrls.size };
    };
    return { freed: await run(false), kept: await run(true) };
  }, simulator.url);
  const shown = ["partialImage 0", "partialImage 0", "image 0", "partialImage 1", "partialImage 1", "image 1"];
  // The one that is shown, and the one that it replaces until the page has dealt with it; the first picture stays.
  expect(report.freed.alive).toEqual([1, 2, 2, 2, 3, 3].map((urls, index) => `${shown[index]}: ${urls}`));
  expect(report.freed).toMatchObject({ afterEnd: 2, afterDispose: 2, atLast: 0 });
  expect(report.kept.alive).toEqual(shown.map((what, index) => `${what}: ${index + 1}`));
  expect(report.kept).toMatchObject({ afterEnd: 6, afterDispose: 2, atLast: 0 });
});

test("previews of interleaved calls do not free each other", async ({ page, simulator }) => {
  const urls = await page.evaluate(async (endpoint) => {
    const preview = async (input: string) => {
      const { lastPartialImage } = await client.responses
        .stream({ model: "gpt-4.1", input: `${input} [truncate=before-picture]`, tool: { partialImages: 1, quality: "low" } })
        .result()
        .catch((error) => error);
      return btoa(Array.from(await lastPartialImage.bytes(), (byte: number) => String.fromCharCode(byte)).join(""));
    };
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const picture = await preview("Draw a lake");
    let number = 0;
    const lines: string[] = [];
    const say = (event: object) => lines.push(`data: ${JSON.stringify({ ...event, sequence_number: number++ })}\n\n`);
    const partial = (output_index: number, partial_image_index: number) =>
      say({
        type: "response.image_generation_call.partial_image",
        item_id: `ig_${output_index}`,
        output_index,
        partial_image_index,
        partial_image_b64: picture,
      });
    say({ type: "response.created", response: { id: "resp_1", status: "in_progress" } });
    partial(0, 0);
    partial(1, 0);
    partial(0, 1);
    const done = (output_index: number) =>
      say({
        type: "response.output_item.done",
        output_index,
        item: { type: "image_generation_call", id: `ig_${output_index}`, status: "completed", result: picture },
      });
    done(1);
    done(0);
    say({ type: "response.completed", response: { id: "resp_1", status: "completed", output: [] } });
    const fetch = async () => new Response(lines.join(""), { headers: { "content-type": "text/event-stream" } });
    const stream = new azure.AzureImageClient("https://my-resource.openai.azure.com", null, { imageDeployment: "d", fetch }).responses.stream({
      model: "m",
      input: "x",
    });
    const partialImages: string[] = [];
    const alive: string[] = [];
    for await (const event of stream) {
      if (event.type === "partialImage") partialImages.push(event.image.objectUrl);
      alive.push(`${event.type}: ${partialImages.flatMap((url, index) => (helpers.liveUrls.has(url) ? index : [])).join(" ")}`);
    }
    return { alive, places: (await stream.result()).images.map(({ call }) => call?.outputIndex) };
  }, simulator.url);
  expect(urls).toEqual({
    alive: ["status: ", "partialImage: 0", "partialImage: 0 1", "partialImage: 0 1 2", "image: 1 2", "image: 2", "status: ", "completed: "],
    places: [0, 1],
  });
});

test("a loop that begins late is given all; a second one is refused by name; several next() are served in order", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const stream = client.responses.stream({ model: "gpt-4.1", input: "Draw a lake", tool: { partialImages: 1, quality: "low" } });
    const [one, two] = await Promise.all([stream.result(), stream.result()]);
    const iterator = stream[Symbol.asyncIterator]();
    const first = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    const rest: string[] = [];
    for (let step; !(step = await iterator.next()).done; ) rest.push(step.value.type);
    const behind = await Promise.all([iterator.next(), iterator.next()]);
    let second;
    try {
      stream[Symbol.asyncIterator]();
    } catch (error) {
      second = await helpers.describeError(error);
    }
    // Those that wait when the stream fails: the first hears of it, the others that it is over.
    const failing = client.responses.stream({ model: "gpt-4.1", input: "Draw a lake [status=400]" })[Symbol.asyncIterator]();
    const waiting = await Promise.allSettled([failing.next(), failing.next(), failing.next()]);
    return {
      same: one === two,
      first: first.map(({ value }) => value?.type),
      rest,
      behind,
      second,
      waiting: waiting.map((step) => (step.status === "fulfilled" ? step.value.done : step.reason.code)),
    };
  }, simulator.url);
  expect(report.same).toBe(true);
  expect(report.first).toEqual(["status", "callStatus", "callStatus"]);
  expect(report.rest.filter((type) => type !== "textDelta")).toEqual(["partialImage", "callStatus", "image", "status", "completed"]);
  const over = { done: true, value: undefined };
  expect(report.behind).toEqual([over, over]);
  expect(report.second).toMatchObject({
    code: "invalid_request",
    message: expect.stringMatching(/^A ResponseStream can be iterated over only once/),
  });
  expect(report.waiting).toEqual(["invalid_request", true, true]);
});

test("a stream that is dropped leaves nothing, however it ends", async ({ page, simulator }) => {
  await page.evaluate((endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    for (const words of ["", "[truncate=before-picture]", "[status=400]", "[error-in-stream]"]) {
      client.responses.stream({ model: "gpt-4.1", input: `Draw a lake ${words}`, tool: { partialImages: 1, quality: "low" } });
    }
  }, simulator.url);
  // What is left behind, the fixture sees.
  await expect.poll(() => posts(simulator).length).toBe(4);
  await expect.poll(() => simulator.activeRequests).toBe(0);
  expect(await page.evaluate(() => helpers.liveUrls.size)).toBe(0);
});

test("streams run side by side without touching each other", async ({ page, simulator }) => {
  const reports = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { imageDeployment: "gpt-image-1" });
    const run = async (animal: string) => {
      const stream = client.responses.stream({
        model: "gpt-4.1",
        input: `Draw a ${animal} [chunk=20000]`,
        tool: { partialImages: 1, quality: "low" },
      });
      return { ...(await helpers.readEvents(stream)), ...(await helpers.responseOutcome(stream.result())), id: stream.id };
    };
    return Promise.all([run("cat"), run("dog")]);
  }, simulator.url);
  const [cat, dog] = reports;
  expect(cat?.id).not.toBe(dog?.id);
  for (const { events, ok, id } of reports) {
    expect(ok?.id).toBe(id);
    expect(of(events, "image").map(({ image }) => image)).toEqual(ok?.images);
    expect(new Set(events.map(({ type, sequenceNumber }) => `${type} ${sequenceNumber}`)).size).toBe(events.length);
    expect(saidIn(events, "textDelta")).toBe(ok?.text);
  }
  expect(reports.flatMap(({ ok }) => hashes(ok?.images) ?? []).toSorted()).toEqual(finals(simulator).toSorted());
});
