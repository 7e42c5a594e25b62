import { expect, sent, test } from "./fixtures.js";
import { MEBIBYTE } from "./held.js";

/** Streams a picture within the page, by iteration and by `result()`, and tells all of what came. */
function streamed({ endpoint, prompt, partialImages, deployment, size }: StreamRequest) {
  return (async () => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: deployment ?? "gpt-image-1" });
    const stream = client.generateStream({ prompt, size: size ?? "1024x1024", ...(partialImages !== undefined && { partialImages }) });
    const events = [];
    let thrown;
    try {
      for await (const event of stream) {
        const { image, type } = event;
        const usage = event.type === "image" ? event.usage : undefined;
        events.push({ type, index: event.type === "partialImage" ? event.index : undefined, usage, ...(await helpers.describeImage(image)) });
      }
    } catch (error) {
      thrown = await helpers.describeError(error);
    }
    return { events, thrown, outcome: await helpers.outcome(stream.result()) };
  })();
}

interface StreamRequest {
  endpoint: string;
  prompt: string;
  partialImages?: number;
  deployment?: string;
  size?: string;
}

test("previews come one after the other, then the picture; each is what the service sent", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(streamed, { endpoint: simulator.url, prompt: "a lake at night", partialImages: 3 });
  expect(report.thrown).toBeUndefined();
  expect(report.events.map((event) => [event.type, event.index])).toEqual([
    ["partialImage", 0],
    ["partialImage", 1],
    ["partialImage", 2],
    ["image", undefined],
  ]);
  expect(report.events.map((event) => event.sha256)).toEqual([...sent(simulator, "partial"), ...sent(simulator, "final")]);
  expect(new Set(report.events.map((event) => event.sha256)).size).toBe(4);
  for (const event of report.events) expect(event).toMatchObject({ mediaType: "image/png", width: 1024, height: 1024 });
  expect(report.events.at(-1)?.usage?.outputTokens).toBeGreaterThan(0);
  expect(report.outcome.ok?.images.map((image) => image.sha256)).toEqual(sent(simulator, "final"));
  expect(report.outcome.ok?.usage).toEqual(report.events.at(-1)?.usage);
  const post = simulator.requests.find((request) => request.method === "POST");
  expect(post?.body).toMatchObject({ stream: true, partial_images: 3 });
  // A success is read to its end, so that no log calls it aborted and the connection serves again.
  await post?.closed;
  expect(post?.aborted).toBe(false);
});

test("without previews the picture alone comes", async ({ page, simulator }) => {
  const report = await page.evaluate(streamed, { endpoint: simulator.url, prompt: "a lake", partialImages: 0 });
  expect(report.events.map((event) => event.type)).toEqual(["image"]);
  expect(report.events.map((event) => event.sha256)).toEqual(sent(simulator, "final"));
});

// Whatever a server makes of the framing and of the JSON, the events are the same.
for (const words of [
  "crlf",
  "cr",
  "comments",
  "bom",
  "data-only",
  "done-marker",
  "escaped",
  "shuffled",
  "decoy",
  "shuffled] [escaped] [decoy] [crlf] [comments] [bom",
  "minimal",
  "wrong-type",
  "preview-after-completed",
  "chunk=1000",
  "chunk=16384",
  "chunk=65537",
]) {
  test(`the events are the same when the answer comes as [${words}]`, { tag: "@nightly" }, async ({ page, simulator }) => {
    const report = await page.evaluate(streamed, { endpoint: simulator.url, prompt: `a lake [${words}]`, partialImages: 2, size: "1024x1024" });
    expect(report.thrown).toBeUndefined();
    expect(report.events.map((event) => event.type)).toEqual(["partialImage", "partialImage", "image"]);
    const [first, second] = sent(simulator, "partial");
    expect(report.events.map((event) => event.sha256)).toEqual([first, second, sent(simulator, "final")[0]]);
  });
}

test("a plain JSON answer to a streamed request is read as what it is", async ({ page, simulator }) => {
  for (const words of ["json-answer", "json-answer] [wrong-type", "json-answer] [shuffled] [escaped] [bom] [decoy"]) {
    simulator.reset();
    const report = await page.evaluate(streamed, { endpoint: simulator.url, prompt: `a lake [${words}]`, partialImages: 2 });
    expect(report.thrown).toBeUndefined();
    expect(report.events.map((event) => [event.type, event.sha256])).toEqual([["image", sent(simulator, "final")[0]]]);
    expect(report.outcome.ok?.usage?.outputTokens).toBeGreaterThan(0);
  }
});

// A preview is never taken for the picture, and an answer without its end never for a success.
for (const [words, code, partialImages] of [
  ["truncate=before-completed", "stream_truncated", 2],
  ["no-completed", "stream_truncated", 2],
  ["truncate=95%", "stream_truncated", 2],
  ["truncate=3%", "stream_truncated", 0],
  ["reset=before-completed", "connection", 2],
  ["reset=95%", "connection", 2],
  ["malformed-json", "stream_malformed", 2],
  ["malformed-base64", "stream_malformed", 2],
  ["half-quad", "stream_malformed", 2],
  ["no-image", "no_image", 2],
  ["error-in-stream", "service", 2],
  ["moderation-in-stream", "content_filter", 2],
] as const) {
  test(`[${words}] ends as ${code}, with the last preview and never with a picture`, {
    tag: words.startsWith("reset=") ? "@browser" : "@nightly",
  }, async ({ page, simulator }) => {
    const report = await page.evaluate(streamed, { endpoint: simulator.url, prompt: `a lake [${words}]`, partialImages: 2 });
    expect(report.outcome.ok).toBeUndefined();
    expect(report.outcome.error).toMatchObject({ isAzureImageError: true, name: "AzureImageError", code, billed: "unknown" });
    expect(report.thrown).toEqual(report.outcome.error);
    // A connection that breaks takes along what the browser has received and the page not yet read (the Streams standard drops
    // the queue on an error), so only then fewer previews may have come. The last of them is always there.
    const came = code === "connection" ? report.events.length : partialImages;
    expect(came).toBeLessThanOrEqual(partialImages);
    expect(report.events.map((event) => event.type)).toEqual(Array(came).fill("partialImage"));
    expect(report.outcome.error?.lastPartialImage?.sha256).toBe(sent(simulator, "partial")[came - 1]);
    expect(simulator.requests.filter((request) => request.method === "POST")).toHaveLength(1);
  });
}

test("leaving the loop ends the request", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const stream = client.generateStream({ prompt: "a lake [stall]", partialImages: 2 });
    const seen = [];
    for await (const event of stream) {
      seen.push(event.type);
      break;
    }
    return { seen, outcome: await helpers.outcome(stream.result()) };
  }, simulator.url);
  expect(report.seen).toEqual(["partialImage"]);
  expect(report.outcome.error).toMatchObject({ code: "cancelled", name: "AbortError", billed: "unknown" });
  const post = simulator.requests.find((request) => request.method === "POST");
  await post?.closed;
  expect(post?.aborted).toBe(true);
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

for (const how of ["cancel()", "dispose()", "abortSignal"] as const) {
  test(`${how} in the middle ends loop, result and connection at once`, async ({ page, simulator }) => {
    const report = await page.evaluate(
      async ([endpoint, how]) => {
        const controller = new AbortController();
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
        const stream = client.generateStream({ prompt: "a lake [stall]", partialImages: 2 }, { abortSignal: controller.signal });
        let thrown;
        try {
          for await (const event of stream) {
            if (event.type === "image") throw new Error("no end was to come");
            if (how === "cancel()") stream.cancel();
            else if (how === "dispose()") stream.dispose();
            // A reason that is no Error must do no harm.
            else controller.abort("enough");
          }
        } catch (error) {
          thrown = await helpers.describeError(error);
        }
        stream.cancel();
        stream.dispose();
        return { thrown, outcome: await helpers.outcome(stream.result()) };
      },
      [simulator.url, how] as const,
    );
    expect(report.thrown).toMatchObject({ code: "cancelled", name: "AbortError", isAzureImageError: true });
    if (how === "abortSignal") expect(report.thrown?.cause).toBe("enough");
    expect(report.thrown?.lastPartialImage?.sha256).toBe(sent(simulator, "partial")[0]);
    expect(report.outcome.error).toEqual(report.thrown);
    await expect.poll(() => simulator.activeRequests).toBe(0);
    expect(simulator.requests.find((request) => request.method === "POST")?.aborted).toBe(true);
  });
}

test("an abort before the start sends nothing, and one while waiting for the answer ends the request", async ({ page, simulator }) => {
  const before = await page.evaluate((endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    return helpers.outcome(client.generate({ prompt: "a lake" }, { abortSignal: AbortSignal.abort() }));
  }, simulator.url);
  expect(before.error).toMatchObject({ code: "cancelled", name: "AbortError", billed: "no" });
  expect(simulator.requests).toEqual([]);

  const call = await page.evaluateHandle((endpoint) => {
    const controller = new AbortController();
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const request = { prompt: "a lake [slow-first-byte=60000]" };
    return { controller, outcome: helpers.outcome(client.generate(request, { abortSignal: controller.signal })) };
  }, simulator.url);
  await expect.poll(() => simulator.requests.filter((request) => request.method === "POST").length).toBe(1);
  const waiting = await call.evaluate(({ controller, outcome }) => {
    controller.abort();
    return outcome;
  });
  expect(waiting.error).toMatchObject({ code: "cancelled", name: "AbortError", billed: "unknown" });
  await expect.poll(() => simulator.activeRequests).toBe(0);
  expect(simulator.requests.find((request) => request.method === "POST")?.aborted).toBe(true);
});

test("a stream can be iterated over once, and asked for its result as often as one likes", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const stream = client.generateStream({ prompt: "a lake", partialImages: 1 });
    const [one, two] = await Promise.all([stream.result(), stream.result()]);
    const iterator = stream[Symbol.asyncIterator]();
    // Several at once are served in order; behind the end there is nothing more.
    const steps = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
    let second;
    try {
      stream[Symbol.asyncIterator]();
    } catch (error) {
      second = await helpers.describeError(error);
    }
    return { same: one === two, steps: steps.map((step) => [step.done, step.value?.type]), second };
  }, simulator.url);
  expect(report.same).toBe(true);
  expect(report.steps).toEqual([
    [false, "partialImage"],
    [false, "image"],
    [true, undefined],
    [true, undefined],
  ]);
  expect(report.second).toMatchObject({ code: "invalid_request", billed: "no" });
});

test("a preview's object URL lives until the next picture was handed over, and only then", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const alive: number[] = [];
    const loaded: number[] = [];
    for await (const { image } of client.generateStream({ prompt: "a lake", partialImages: 3 })) {
      loaded.push((await helpers.load(image.objectUrl)).width);
      alive.push(helpers.liveUrls.size);
    }
    const afterEnd = helpers.liveUrls.size;
    const kept = client.generateStream({ prompt: "a lake", partialImages: 3 }, { keepPartialImages: true });
    for await (const { image } of kept) void image.objectUrl;
    const withKept = helpers.liveUrls.size;
    kept.dispose();
    const afterDispose = helpers.liveUrls.size;
    const unread = client.generateStream({ prompt: "a lake", partialImages: 3 });
    await unread.result();
    return { alive, loaded, afterEnd, withKept, afterDispose, afterUnread: helpers.liveUrls.size };
  }, simulator.url);
  expect(report.loaded).toEqual([1024, 1024, 1024, 1024]);
  // The one that is shown, and the one that it replaces until the page has dealt with it.
  expect(report.alive).toEqual([1, 2, 2, 2]);
  expect(report.afterEnd).toBe(1);
  expect(report.withKept).toBe(1 + 4);
  expect(report.afterDispose).toBe(1 + 1);
  expect(report.afterUnread).toBe(1 + 1);
});

test("an answer that does not end behind its picture is a success at once, and its connection is closed", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    let closed!: (reason: string) => void;
    const closing = new Promise<string>((resolve) => (closed = resolve));
    const { body } = await fetch(`${endpoint}/openai/v1/images/generations`, {
      method: "POST",
      headers: { "api-key": "simulator-key", "content-type": "application/json" },
      body: JSON.stringify({ model: "gpt-image-1", prompt: "a lake", stream: true }),
    });
    const endless = new ReadableStream({
      async start(controller) {
        for (const reader = body!.getReader(); ; ) {
          const { done, value } = await reader.read();
          if (done) return;
          controller.enqueue(value);
        }
      },
      cancel: () => closed("closed"),
    });
    const client = new azure.AzureImageClient(endpoint, null, { deployment: "gpt-image-1", fetch: async () => new Response(endless) });
    const { images } = await client.generateStream({ prompt: "a lake" }).result();
    return { images: images.length, closing: await closing };
  }, simulator.url);
  expect(report).toEqual({ images: 1, closing: "closed" });
});

test("streams run side by side without touching each other", async ({ page, simulator }) => {
  const hashes = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const streams = ["a cat", "a dog", "a bird", "a fish"].map((animal) =>
      client.generateStream({ prompt: `${animal} [chunk=5000] [delay=1]`, partialImages: 1 }),
    );
    return Promise.all(streams.map(async (stream) => helpers.sha256((await stream.result()).images[0]!.blob)));
  }, simulator.url);
  expect(new Set(hashes).size).toBe(4);
  expect(hashes.toSorted()).toEqual(sent(simulator, "final").toSorted());
});

test("a picture of over 20 MB streams in 16 KiB chunks, and WebAssembly's memory stays below 4 MiB", { tag: "@browser" }, async ({
  page,
  simulator,
}) => {
  test.slow();
  const measured = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-2" });
    const run = async (partialImages: number) => {
      const stream = client.generateStream({ prompt: "a lake [noise] [chunk=16384]", size: "3840x2160", partialImages });
      const { images } = await stream.result();
      return helpers.describeImage(images[0]!);
    };
    const image = await run(1);
    const memory = helpers.memories.map((memory) => memory.buffer.byteLength);
    await run(1);
    return { image, memory, again: helpers.memories.map((memory) => memory.buffer.byteLength) };
  }, simulator.url);
  expect(measured.image.byteLength).toBeGreaterThan(20 * MEBIBYTE);
  expect(measured.image).toMatchObject({ mediaType: "image/png", width: 3840, height: 2160 });
  expect(measured.image.sha256).toBe(sent(simulator, "final")[0]);
  expect(measured.memory).toHaveLength(1);
  expect(measured.memory[0]).toBeLessThanOrEqual(4 * MEBIBYTE);
  expect(measured.again[0]).toBeLessThanOrEqual(4 * MEBIBYTE);
  test.info().annotations.push({ type: "WebAssembly memory", description: `${measured.memory[0]} bytes` });
});

test("leaving the loop, or cancelling, with the finished picture in hand is no abort", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const outcomes = [];
    for (const leave of ["break", "cancel"]) {
      const stream = client.generateStream({ prompt: "a lake", partialImages: 1 });
      for await (const event of stream) {
        if (event.type !== "image") continue;
        if (leave === "break") break;
        stream.cancel();
      }
      outcomes.push((await helpers.outcome(stream.result())).ok?.images.length);
    }
    return outcomes;
  }, simulator.url);
  expect(report).toEqual([1, 1]);
});
