import type { Simulator } from "azure-image-simulator";
import { expect, sent, test } from "./fixtures.js";
import { PICTURES, STREAM } from "./samples.js";

const posts = (simulator: Simulator) => simulator.requests.filter((request) => request.method === "POST");

// Asking for events.

test("several next() at once: each event once and in order, then each is at the end", async ({ page, simulator }) => {
  const steps = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const iterator = client.generateStream({ prompt: "a lake [chunk=50000]", partialImages: 3 })[Symbol.asyncIterator]();
    const steps = await Promise.all(Array.from({ length: 8 }, () => iterator.next()));
    steps.push(await iterator.next());
    return Promise.all(steps.map(async ({ done, value }) => (done ? [value] : [value.type, await helpers.sha256(value.image.blob)])));
  }, simulator.url);
  const partialImages = sent(simulator, "partial").map((hash) => ["partialImage", hash]);
  expect(partialImages).toHaveLength(3);
  expect(steps).toEqual([...partialImages, ["image", sent(simulator, "final")[0]], ...Array(5).fill([undefined])]);
});

for (const [what, words] of [
  ["a failure", "[truncate=before-completed]"],
  ["a refusal", "[status=400]"],
  ["cancel()", "[stall]"],
  ["dispose()", "[stall]"],
  ["an abort", "[stall]"],
] as const) {
  test(`several next() at once when the end is ${what}: one rejects, the others are at the end`, async ({ page, simulator }) => {
    const report = await page.evaluate(
      async ([endpoint, what, words]) => {
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
        const controller = new AbortController();
        const stream = client.generateStream({ prompt: `a lake ${words}`, partialImages: 1 }, { abortSignal: controller.signal });
        const iterator = stream[Symbol.asyncIterator]();
        const asked = Array.from({ length: 5 }, () => iterator.next());
        const settled = Promise.allSettled(asked);
        if (what !== "a refusal") await asked[0];
        if (what === "cancel()") stream.cancel();
        if (what === "dispose()") stream.dispose();
        if (what === "an abort") controller.abort();
        const error = await stream.result().then(
          () => undefined,
          (error) => error,
        );
        const steps = (await settled).map((step) =>
          step.status === "rejected" ? (step.reason === error ? "the error of result()" : String(step.reason)) : (step.value.value?.type ?? "end"),
        );
        const after = await iterator.next();
        return { steps, after: after.done, code: error.code };
      },
      [simulator.url, what, words] as const,
    );
    const rest = ["the error of result()", "end", "end", "end"];
    expect(report.steps).toEqual(what === "a refusal" ? [...rest, "end"] : ["partialImage", ...rest]);
    expect(report.after).toBe(true);
    await expect.poll(() => simulator.activeRequests).toBe(0);
  });
}

for (const when of ["before the first event", "after a preview", "twice", "before any next()"] as const) {
  test(`return() ${when} ends what waits, the request and the result`, async ({ page, simulator }) => {
    const report = await page.evaluate(
      async ([endpoint, when]) => {
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
        const stream = client.generateStream({
          prompt: `a lake [${when === "after a preview" ? "stall" : "slow-first-byte=60000"}]`,
          partialImages: 1,
        });
        const iterator = stream[Symbol.asyncIterator]();
        if (when === "after a preview") void (await iterator.next()).value?.image.objectUrl;
        const waiting = when === "before any next()" ? [] : [iterator.next(), iterator.next()];
        const returned = [await iterator.return!()];
        if (when === "twice") returned.push(await iterator.return!());
        const steps = await Promise.all([...waiting, iterator.next()]);
        const { error } = await helpers.outcome(stream.result());
        stream.dispose();
        return { returned, steps, code: error?.code, name: error?.name, urls: helpers.liveUrls.size };
      },
      [simulator.url, when] as const,
    );
    const end = { done: true, value: undefined };
    expect(report.returned).toEqual(Array(when === "twice" ? 2 : 1).fill(end));
    expect(report.steps).toEqual(Array(when === "before any next()" ? 1 : 3).fill(end));
    expect(report).toMatchObject({ code: "cancelled", name: "AbortError", urls: 0 });
    await expect.poll(() => simulator.activeRequests).toBe(0);
  });
}

test("a loop that begins after the end is given everything; a second one is refused, whatever became of the first", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const loop = async (stream: ReturnType<typeof client.generateStream>) => {
      const seen: string[] = [];
      try {
        for await (const { type } of stream) seen.push(type);
      } catch (error) {
        const { code, param } = error as InstanceType<typeof azure.AzureImageError>;
        seen.push(param === undefined ? code : `${code} ${param}`);
      }
      return seen;
    };
    const done = client.generateStream({ prompt: "a lake", partialImages: 2 });
    await done.result();
    const failed = client.generateStream({ prompt: "a lake [no-completed]", partialImages: 2 });
    await failed.result().catch(() => {});
    const left = client.generateStream({ prompt: "a lake", partialImages: 2 });
    for await (const _ of left) break;
    // What has come and was not asked for when the page gives up is handed over all the same.
    const cancelled = client.generateStream(
      { prompt: "a lake [stall]", partialImages: 1 },
      { onProgress: ({ partialImages }) => void (partialImages && cancelled.cancel()) },
    );
    await cancelled.result().catch(() => {});
    const unread = client.generateStream({ prompt: "a lake", partialImages: 2 });
    await unread.result();
    unread.dispose();
    const disposed = client.generateStream({ prompt: "a lake [stall]", partialImages: 2 });
    disposed.dispose();
    disposed.dispose();
    const report: Record<string, string[][]> = {};
    for (const [name, stream] of Object.entries({ done, failed, left, cancelled, unread, disposed }))
      report[name] = [await loop(stream), await loop(stream)];
    return { report, images: (await unread.result()).images.length };
  }, simulator.url);
  const again = ["invalid_request stream"];
  expect(report.report).toEqual({
    done: [["partialImage", "partialImage", "image"], again],
    failed: [["partialImage", "partialImage", "stream_truncated"], again],
    left: [again, again],
    cancelled: [["partialImage", "cancelled"], again],
    unread: [[], again],
    disposed: [["cancelled"], again],
  });
  expect(report.images).toBe(1);
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("a loop that begins late is given thousands of events, each once and in order, in linear time and leaving the page its turns", async ({
  page,
}) => {
  const report = await page.evaluate(async () => {
    const deltas = Array.from({ length: 100_000 }, (_, index) => String(index % 10));
    const events = deltas.map((delta) => ({ type: "response.output_text.delta", delta }));
    const end = { type: "response.completed", response: { id: "resp_1", status: "completed", output: [] } };
    const body = [...events, end].map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
    const fetch = async () => new Response(body, { headers: { "content-type": "text/event-stream" } });
    await azure.init();
    /** How many elements the methods that move them were called for. */
    let moved = 0;
    for (const name of ["shift", "splice", "slice"] as const) {
      const { [name]: original } = Array.prototype as unknown as Record<string, (...parameters: unknown[]) => unknown>;
      const counting = function (this: unknown[], ...parameters: unknown[]) {
        moved += this.length;
        return original!.apply(this, parameters);
      };
      Object.assign(Array.prototype, { [name]: counting });
    }
    let turns = 0;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      turns += 1;
      port2.postMessage(undefined);
    };
    port2.postMessage(undefined);
    const stream = new azure.AzureImageClient("/api", null, { fetch }).responses.stream({ model: "m", input: "a" });
    let text = "";
    let [whileReading, whileDraining] = [0, 0];
    // Some as they come, and the others when all have come.
    for await (const event of stream) {
      if (event.type !== "textDelta") continue;
      text += event.delta;
      if (text.length !== 500) continue;
      whileReading = -turns;
      await stream.result();
      whileReading += turns;
      whileDraining = -turns;
    }
    whileDraining += turns;
    port1.close();
    return { length: text.length, isInOrder: text === deltas.join(""), moved, whileReading, whileDraining };
  });
  expect(report).toMatchObject({ length: 100_000, isInOrder: true });
  expect(report.moved).toBeLessThan(10 * 100_000);
  expect(report.whileReading).toBeGreaterThan(3);
  expect(report.whileDraining).toBeGreaterThan(0);
});

test("what comes without end behind an answer leaves the page its turns, and is closed", async ({ page }) => {
  const images = await page.evaluate(async () => {
    const answer = new TextEncoder().encode('{"created":1,"data":[{"b64_json":"AAAA"}]}');
    const space = new TextEncoder().encode(" ".repeat(1000));
    let close: () => void = () => {};
    const closed = new Promise<void>((resolve) => (close = resolve));
    // All of it is there at once, as in what a page or its service worker has stored.
    const body = new ReadableStream({ start: (it) => it.enqueue(answer), pull: (it) => it.enqueue(space), cancel: close });
    const client = new azure.AzureImageClient("/api", null, { deployment: "x", fetch: async () => new Response(body) });
    const { images } = await client.generate({ prompt: "a" });
    await closed;
    return images.length;
  });
  expect(images).toBe(1);
});

test("result() is the same every time, before and after the end, for success and failure", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const report = [];
    for (const words of ["", "[status=400]", "[stall]"]) {
      const stream = client.generateStream({ prompt: `a lake ${words}`, partialImages: 1 });
      const keep = (promise: Promise<unknown>) =>
        promise.then(
          (result) => result,
          (error) => error,
        );
      const early = [stream.result(), stream.result()].map(keep);
      if (words === "[stall]") stream.cancel();
      let thrown: unknown;
      try {
        for await (const _ of stream) continue;
      } catch (error) {
        thrown = error;
      }
      const all = await Promise.all([...early, keep(stream.result()), ...(words === "" ? [] : [thrown])]);
      stream.cancel();
      stream.dispose();
      all.push(await keep(stream.result()));
      report.push(all.length > 3 && new Set(all).size);
    }
    return report;
  }, simulator.url);
  expect(report).toEqual([1, 1, 1]);
});

// Letting go.

test("`using` lets go of a stream and of pictures", { tag: "@browser" }, async ({ page, simulator, engine }) => {
  test.skip(engine === "webkit", "It does not read the word yet.");
  // As a text, so that the browser itself reads it.
  const report = await page.evaluate(`(async () => {
    const client = new azure.AzureImageClient(${JSON.stringify(simulator.url)}, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    let kept, live;
    {
      using stream = client.generateStream({ prompt: "a lake [stall]", partialImages: 1 }, { keepPartialImages: true });
      const { value } = await stream[Symbol.asyncIterator]().next();
      void value.image.objectUrl;
      kept = stream.result();
    }
    const { error } = await helpers.outcome(kept);
    {
      using image = (await client.generate({ prompt: "a lake" })).images[0];
      void image.objectUrl;
      live = helpers.liveUrls.size;
    }
    return { code: error.code, live, after: helpers.liveUrls.size };
  })()`);
  expect(report).toEqual({ code: "cancelled", live: 1, after: 0 });
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("a preview that was let go of can be shown again, and is let go of with the stream", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const stream = client.generateStream({ prompt: "a lake [stall]", partialImages: 1 });
    const { value } = await stream[Symbol.asyncIterator]().next();
    const preview = value!.image;
    const first = preview.objectUrl;
    preview.dispose();
    preview.dispose();
    const second = preview.objectUrl;
    const { width } = await helpers.load(second);
    stream.dispose();
    stream.dispose();
    const live = helpers.liveUrls.size;
    // An image may come from what the browser has decoded before.
    const gone = await fetch(second).catch(() => "gone");
    const again = await helpers.load(preview.objectUrl);
    preview.dispose();
    return { isNew: first !== second, width, live, gone, again: again.width, bytes: (await preview.bytes()).length === preview.byteLength };
  }, simulator.url);
  expect(report).toEqual({ isNew: true, width: 1024, live: 0, gone: "gone", again: 1024, bytes: true });
});

for (const keepPartialImages of [false, true]) {
  for (const [end, words] of [
    ["success", ""],
    ["failure", "[truncate=before-completed]"],
    ["a stall that is cancelled", "[stall=before-completed]"],
    ["a break", "[stall=before-completed]"],
    ["a mistake in the loop", ""],
    ["failure of one of several", "[no-completed] [times=1]"],
  ] as const) {
    test(`no object URL is left after ${end}${keepPartialImages ? ", with keepPartialImages" : ""}`, {
      tag: keepPartialImages ? "@nightly" : [],
    }, async ({ page, simulator }) => {
      const report = await page.evaluate(
        async ([endpoint, end, words, keepPartialImages]) => {
          const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
          const n = end === "failure of one of several" ? 3 : 1;
          const stream = client.generateStream({ prompt: `a lake ${words}`, partialImages: 2, n }, { keepPartialImages });
          let partialImages = 0;
          const caught: unknown[] = [];
          try {
            for await (const { image, type } of stream) {
              void image.objectUrl;
              if (type !== "partialImage" || (partialImages += 1) < 2) continue;
              if (end === "a break") break;
              if (end === "a mistake in the loop") throw new Error("mistake");
              if (end === "a stall that is cancelled") stream.cancel();
            }
          } catch (error) {
            caught.push(error);
          }
          const result = await stream.result().catch((error) => (caught.push(error), undefined));
          for (const error of [...caught, ...(result?.failures ?? []).map(({ error }) => error)]) {
            if (error instanceof azure.AzureImageError) void error.lastPartialImage?.objectUrl;
          }
          const before = helpers.liveUrls.size;
          stream.dispose();
          const finished = helpers.liveUrls.size;
          for (const image of result?.images ?? []) image.dispose();
          return { before, finished, images: result?.images.length ?? 0, after: helpers.liveUrls.size };
        },
        [simulator.url, end, words, keepPartialImages] as const,
      );
      expect(report.after).toBe(0);
      expect(report.finished).toBe(report.images);
      const expected = {
        success: 1,
        failure: 0,
        "a stall that is cancelled": 0,
        "a break": 0,
        "a mistake in the loop": 0,
        "failure of one of several": 2,
      };
      expect(report.images).toBe(expected[end]);
      // A picture that did not come leaves its previews to the page until the stream is disposed of.
      if (end !== "success") expect(report.before).toBeGreaterThan(report.images);
      await expect.poll(() => simulator.activeRequests).toBe(0);
    });
  }
}

test("the last preview of an error goes with the stream, though no loop handed it over", async ({ page, simulator }) => {
  const live = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const stream = client.generateStream({ prompt: "a lake [no-completed]", partialImages: 2 });
    const error = await stream.result().then(
      () => undefined,
      (error) => error,
    );
    void error.lastPartialImage.objectUrl;
    stream.dispose();
    const live = helpers.liveUrls.size;
    error.lastPartialImage.dispose();
    return live;
  }, simulator.url);
  expect(live).toBe(0);
});

// Aborting.

const STAGES = [
  ["before it began", "", "no"],
  ["at once", "", "no"],
  ["while authenticating", "", "no"],
  ["while authenticating anew after a 401", "", "no"],
  ["while waiting", "[slow-first-byte=60000]", "unknown"],
  ["while receiving", "[stall=20%]", "unknown"],
  ["while waiting to try a 429 again", "[status=429] [retry-after=30]", "no"],
  ["while waiting to try a 500 again", "[status=500]", "unknown"],
] as const;

for (const streamed of [false, true]) {
  for (const [when, words, billed] of STAGES) {
    test(`an abort ${when} rejects at once with its reason and leaves nothing${streamed ? ", streamed" : ""}`, async ({ page, simulator }) => {
      const run = await page.evaluateHandle(
        async ([endpoint, when, words, streamed]) => {
          const controller = new AbortController();
          const { signal } = controller;
          const reason = { toString: () => "enough" };
          let reached!: () => void;
          const there = new Promise<void>((resolve) => (reached = resolve));
          let takenBack = when !== "while authenticating" && when !== "while authenticating anew after a 401";
          const credential = ({ abortSignal, forceRefresh }: { abortSignal: AbortSignal; forceRefresh: boolean }) => {
            if (when === "while authenticating anew after a 401" && !forceRefresh) return "wrong-token";
            if (takenBack) return "simulator-token";
            abortSignal.onabort = () => (takenBack = true);
            reached();
            return new Promise<string>(() => {});
          };
          const retryOptions = { retryUnknownOutcome: true, retryDelayInMs: 30_000 };
          const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1", retryOptions });
          await client.getEndpoint();
          const onProgress = ({ stage, receivedBytes }: import("../../js/index.js").Progress) => {
            if (when === "while receiving" && stage === "receiving" && receivedBytes > 0) reached();
            if (when.startsWith("while waiting to try") && stage === "retrying") reached();
          };
          const options = { abortSignal: signal, onProgress };
          if (when === "before it began") controller.abort(reason);
          const request = { prompt: `a lake ${words}` };
          const call = streamed ? client.generateStream(request, options).result() : client.generate(request, options);
          if (when === "at once") controller.abort(reason);
          call.catch(() => {});
          if (!["before it began", "at once", "while waiting"].includes(when)) await there;
          return {
            running: helpers.running,
            abort: async () => {
              const late = new Promise<never>((_, reject) => {
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = () => (port1.close(), reject(new Error("too late")));
                port2.postMessage(undefined);
              });
              controller.abort(reason);
              const error = await Promise.race([call, late]).then(
                () => new Error("no end"),
                (error) => error,
              );
              const atOnce = helpers.listenersOf(signal);
              return { error: { ...(await helpers.describeError(error)), isReason: error.cause === reason }, atOnce, takenBack };
            },
          };
        },
        [simulator.url, when, words, streamed] as const,
      );
      if (when === "while waiting") await expect.poll(() => posts(simulator).length).toBe(1);
      const { error, atOnce, takenBack } = await run.evaluate(({ abort }) => abort());
      expect(error).toMatchObject({ isAzureImageError: true, code: "cancelled", name: "AbortError", billed, retryable: false, isReason: true });
      expect(error.message).toMatch(/^The call was cancelled/);
      if (billed === "unknown") expect(error.message).toContain("generated and billed");
      else if (words === "") expect(error.message).toMatch(/before anything was sent|Nothing was billed/);
      else expect(error.message).toContain("Nothing was billed");
      expect(atOnce).toBe(0);
      expect(takenBack).toBe(true);
      await expect.poll(() => run.evaluate(({ running }) => running())).toEqual({ timers: 0, readers: 0 });
      await expect.poll(() => simulator.activeRequests).toBe(0);
      const sent = posts(simulator);
      expect(sent).toHaveLength(when.startsWith("while") && when !== "while authenticating" ? 1 : 0);
      if (when === "while waiting" || when === "while receiving") expect(sent[0]?.aborted).toBe(true);
    });
  }
}

test("what was refused was sent all the same", async ({ page, simulator }) => {
  const { error } = await page.evaluate((endpoint) => {
    const controller = new AbortController();
    const credential = ({ forceRefresh }: { forceRefresh: boolean }) => {
      if (!forceRefresh) return "wrong-token";
      queueMicrotask(() => controller.abort());
      return new Promise<string>(() => {});
    };
    const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" });
    return helpers.outcome(client.generate({ prompt: "a lake" }, { abortSignal: controller.signal }));
  }, simulator.url);
  expect(posts(simulator)).toHaveLength(1);
  expect(error?.message).toContain("Nothing was billed");
});

test("an abort closes a connection whose request could have been garbage collected", async ({ page, simulator }) => {
  const run = await page.evaluateHandle(async (endpoint) => {
    const controller = new AbortController();
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    client.generate({ prompt: "a lake [slow-first-byte=60000]" }, { abortSignal: controller.signal }).catch(() => {});
    return controller;
  }, simulator.url);
  await expect.poll(() => simulator.activeRequests).toBe(1);
  await run.evaluate(async (controller) => {
    for (let times = 0; times < 3; times += 1) await globalThis.gc?.({ execution: "async" });
    controller.abort();
  });
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("one signal for many calls: each leaves it, whether it succeeds, fails or is aborted", async ({ page, simulator }) => {
  const report = await page.evaluate(
    async ([endpoint, answer, stream]) => {
      const fetch = async (request: Request) => {
        const { prompt, stream: streamed } = (await request.json()) as { prompt: string; stream?: boolean };
        if (prompt === "wait") return new Promise<never>(() => {});
        return new Response(streamed ? stream : answer, { status: prompt === "fail" ? 400 : 200 });
      };
      const client = new azure.AzureImageClient(endpoint, null, { deployment: "d", fetch });
      const report = [];
      for (const prompt of ["succeed", "fail", "wait"]) {
        const controller = new AbortController();
        const { signal: abortSignal } = controller;
        const calls = Array.from({ length: 50 }, (_, index) =>
          index % 2 ? client.generate({ prompt }, { abortSignal }) : client.generateStream({ prompt }, { abortSignal }).result(),
        );
        const during = helpers.listenersOf(abortSignal);
        if (prompt === "wait") controller.abort();
        const ends = await Promise.allSettled(calls);
        const codes = new Set(ends.map((end) => (end.status === "fulfilled" ? end.value.images.length : end.reason.code)));
        const after = helpers.listenersOf(abortSignal);
        controller.abort();
        report.push([during, [...codes], after]);
      }
      return report;
    },
    [simulator.url, PICTURES, STREAM] as const,
  );
  expect(report).toEqual([
    [50, [1], 0],
    [50, ["invalid_request"], 0],
    [50, ["cancelled"], 0],
  ]);
});

test("a call that cannot begin leaves the signal too", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const { signal: abortSignal } = new AbortController();
    const make = (options: object) => new azure.AzureImageClient(endpoint, null, options);
    const outcomes = [
      await helpers.outcome(make({}).generate(null as never, { abortSignal })),
      await helpers.outcome(make({ timeoutInMs: -1 }).generate({ prompt: "a lake" }, { abortSignal })),
      await helpers.outcome(make({ deployment: "d" }).generateStream({ prompt: "" }, { abortSignal }).result()),
      await helpers.outcome(make({ deployment: "d" }).edit({ prompt: "a lake", image: "https://x.invalid/a.png" }, { abortSignal })),
      await helpers.outcome(make({ deployment: "d" }).edit({ prompt: "a lake", image: 7 as never }, { abortSignal })),
    ];
    return { codes: outcomes.map(({ error }) => error?.code), listeners: helpers.listenersOf(abortSignal) };
  }, simulator.url);
  expect(report).toEqual({ codes: Array(5).fill("invalid_request"), listeners: 0 });
  expect(simulator.requests).toEqual([]);
});

test("an abort after success changes nothing", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const controller = new AbortController();
    const options = { abortSignal: controller.signal };
    const plain = await client.generate({ prompt: "a lake" }, options);
    const stream = client.generateStream({ prompt: "a lake", partialImages: 1 }, options);
    const streamed = await stream.result();
    const urls = [plain, streamed].map(({ images }) => images[0]!.objectUrl);
    controller.abort();
    stream.cancel();
    const seen: string[] = [];
    for await (const { type } of stream) seen.push(type);
    const widths = await Promise.all(urls.map(async (url) => (await helpers.load(url)).width));
    return { seen, widths, same: (await stream.result()) === streamed };
  }, simulator.url);
  expect(report).toEqual({ seen: ["partialImage", "image"], widths: [1024, 1024], same: true });
  for (const post of posts(simulator)) {
    await post.closed;
    expect(post.aborted).toBe(false);
  }
});

test("every kind of signal: aborted already, without a reason, by time, and made of others", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const controller = new AbortController();
    const wait = { prompt: "a lake [slow-first-byte=60000]" };
    const signals: [string, AbortSignal][] = [
      ["already", AbortSignal.abort()],
      ["with a text", AbortSignal.abort("enough")],
      ["with null", AbortSignal.abort(null)],
      ["by time", AbortSignal.timeout(1)],
      ["of others", AbortSignal.any([controller.signal, new AbortController().signal])],
    ];
    const ends = signals.map(async ([what, abortSignal]) => {
      const error = await client.generate(wait, { abortSignal }).then(
        () => undefined,
        (error) => error,
      );
      return [
        what,
        error.code,
        error.name,
        String(error.cause?.name ?? error.cause),
        error.cause === abortSignal.reason,
        helpers.listenersOf(abortSignal),
      ];
    });
    controller.abort();
    return Promise.all(ends);
  }, simulator.url);
  expect(report).toEqual([
    ["already", "cancelled", "AbortError", "AbortError", true, 0],
    ["with a text", "cancelled", "AbortError", "enough", true, 0],
    ["with null", "cancelled", "AbortError", "null", true, 0],
    ["by time", "cancelled", "AbortError", "TimeoutError", true, 0],
    ["of others", "cancelled", "AbortError", "AbortError", true, 0],
  ]);
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("an abortSignal that is none is refused by its name", async ({ page, simulator }) => {
  const errors = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const errors = [];
    for (const abortSignal of [{}, "stop", 7, true, { aborted: false }]) {
      errors.push((await helpers.outcome(client.generate({ prompt: "a lake" }, { abortSignal: abortSignal as never }))).error);
      errors.push((await helpers.outcome(client.generateStream({ prompt: "a lake" }, { abortSignal: abortSignal as never }).result())).error);
    }
    return errors;
  }, simulator.url);
  expect(errors.map((error) => [error?.code, error?.param])).toEqual(Array(10).fill(["invalid_request", "abortSignal"]));
  expect(simulator.requests).toEqual([]);
});

// What the page does when it is told.

test("a mistake in onProgress or onImage costs no picture, and the page hears of each", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const heard: string[] = [];
    addEventListener("error", (event) => {
      heard.push(event.error.message);
      event.preventDefault();
    });
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    let [progress, images] = [0, 0];
    const onProgress = () => {
      throw new Error(`progress ${++progress}`);
    };
    const onImage = () => {
      throw new Error(`image ${++images}`);
    };
    const plain = await client.generate({ prompt: "a lake", n: 2 }, { onProgress, onImage });
    const streamed = await client.generateStream({ prompt: "a lake", partialImages: 1 }, { onProgress }).result();
    await new Promise((resolve) => requestAnimationFrame(resolve));
    return {
      came: [plain.images.length, streamed.images.length],
      all: progress + images === heard.length,
      images,
      some: heard.includes("progress 1") && heard.includes("image 2"),
    };
  }, simulator.url);
  expect(report).toEqual({ came: [2, 1], all: true, images: 2, some: true });
});

test("an abort within onProgress ends the call there, and nothing is told after", async ({ page, simulator }) => {
  for (const stage of ["authenticating", "waiting", "receiving"] as const) {
    const report = await page.evaluate(
      async ([endpoint, stage]) => {
        const controller = new AbortController();
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
        const told: string[] = [];
        const stream = client.generateStream(
          { prompt: "a lake", partialImages: 1 },
          {
            abortSignal: controller.signal,
            onProgress: (progress) => {
              told.push(progress.stage);
              if (progress.stage === stage) controller.abort();
            },
          },
        );
        const { error } = await helpers.outcome(stream.result());
        return { told, code: error?.code, billed: error?.billed };
      },
      [simulator.url, stage] as const,
    );
    const all = ["authenticating", "waiting", "receiving"];
    expect(report).toEqual({ told: all.slice(0, all.indexOf(stage) + 1), code: "cancelled", billed: stage === "authenticating" ? "no" : "unknown" });
    await expect.poll(() => simulator.activeRequests).toBe(0);
  }
});

test("an abort within onProgress when all is there comes too late", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const controller = new AbortController();
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    let images = 0;
    const { ok, error } = await helpers.outcome(
      client.generate(
        { prompt: "a lake" },
        {
          abortSignal: controller.signal,
          onProgress: ({ stage }) => void (stage === "completed" && controller.abort()),
          onImage: () => void (images += 1),
        },
      ),
    );
    return { ok: ok?.images.length, code: error?.code, images };
  }, simulator.url);
  expect(report).toEqual({ ok: 1, code: undefined, images: 1 });
});

test("an abort within the last onImage changes nothing, and one within an earlier one ends the call", async ({ page, simulator }) => {
  const report = await page.evaluate(
    async ([endpoint, answer]) => {
      const report = [];
      for (const last of [true, false]) {
        const controller = new AbortController();
        let calls = 0;
        const fetch = async () => (++calls === 2 && !last ? new Promise<never>(() => {}) : new Response(answer));
        const client = new azure.AzureImageClient(endpoint, null, { deployment: "d", model: "dall-e-3", fetch });
        const given: number[] = [];
        const onImage = (_: unknown, imageIndex: number) => {
          given.push(imageIndex);
          if (!last || given.length === 2) controller.abort();
        };
        const { ok, error } = await helpers.outcome(client.generate({ prompt: "a lake", n: 2 }, { abortSignal: controller.signal, onImage }));
        report.push([ok?.images.length, error?.code, given.length]);
      }
      return report;
    },
    [simulator.url, PICTURES] as const,
  );
  expect(report).toEqual([
    [2, undefined, 2],
    [undefined, "cancelled", 1],
  ]);
});

test("a call that is ended after a picture came was billed", async ({ page, simulator }) => {
  const billed = await page.evaluate(
    async ([endpoint, answer]) => {
      const controller = new AbortController();
      let calls = 0;
      const fetch = async () => (++calls === 2 ? new Promise<never>(() => {}) : new Response(answer));
      const client = new azure.AzureImageClient(endpoint, null, { deployment: "d", model: "dall-e-3", fetch });
      const options = { abortSignal: controller.signal, onImage: () => controller.abort() };
      return (await helpers.outcome(client.generate({ prompt: "a lake", n: 2 }, options))).error?.billed;
    },
    [simulator.url, PICTURES] as const,
  );
  expect(billed).toBe("yes");
});

test("a refusal leaves nothing that may be billed, whatever request of the call it was", async ({ page, simulator }) => {
  const billed = await page.evaluate(async (endpoint) => {
    const controller = new AbortController();
    let asked = 0;
    // The second request of the call never gets its token.
    const credential = () => {
      if (asked++ === 0) return "token";
      queueMicrotask(() => controller.abort());
      return new Promise<string>(() => {});
    };
    const fetch = async () => new Response("{}", { status: 400 });
    const client = new azure.AzureImageClient(endpoint, credential, { deployment: "d", fetch, maxParallelRequests: 1 });
    return (await helpers.outcome(client.generateStream({ prompt: "a lake", n: 2 }, { abortSignal: controller.signal }).result())).error?.billed;
  }, simulator.url);
  expect(billed).toBe("no");
});

// Not looking any more.

test("a stream that the page drops leaves nothing, and no rejection that nobody handles", { tag: "@browser" }, async ({ page, simulator }) => {
  await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const { signal } = new AbortController();
    for (const prompt of ["a lake", "a lake [status=400]", "a lake [no-completed]", ""]) {
      client.generateStream({ prompt, partialImages: 1 }, { abortSignal: signal });
    }
    const left = client.generateStream({ prompt: "a lake", partialImages: 1 });
    for await (const _ of left) break;
    client.generateStream({ prompt: "a lake [stall]" }).cancel();
    client.generateStream({ prompt: "a lake [stall]" }).dispose();
    client.generateStream({ prompt: "a lake" }, { abortSignal: AbortSignal.abort() });
    Object.assign(globalThis, { listenersLeft: () => helpers.listenersOf(signal) });
  }, simulator.url);
  await expect.poll(() => page.evaluate("listenersLeft()")).toBe(0);
  await expect.poll(() => simulator.activeRequests).toBe(0);
  // A rejection counts as unhandled in the task after.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  expect(await page.evaluate(() => helpers.unhandled)).toEqual([]);
});

test("a loop that does not look at result() hears of the failure once, and nobody else does", async ({ page, simulator }) => {
  const caught = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const caught = [];
    for (const words of ["[status=400]", "[no-completed]"]) {
      try {
        for await (const _ of client.generateStream({ prompt: `a lake ${words}`, partialImages: 1 })) continue;
      } catch (error) {
        caught.push((error as InstanceType<typeof azure.AzureImageError>).code);
      }
    }
    return caught;
  }, simulator.url);
  expect(caught).toEqual(["invalid_request", "stream_truncated"]);
});

test("a signal that is aborted already leaves no timer of totalTimeoutInMs", async ({ page }) => {
  const timers = await page.evaluate(async () => {
    const client = new azure.AzureImageClient("/api", null, { deployment: "x", totalTimeoutInMs: 60_000 });
    await helpers.outcome(client.generate({ prompt: "a" }, { abortSignal: AbortSignal.abort() }));
    return helpers.running().timers;
  });
  expect(timers).toBe(0);
});

test("an abort when the credential has answered sends nothing, the second time neither", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const billed = [];
    for (const at of [1, 2]) {
      const controller = new AbortController();
      let asked = 0;
      const credential = async () => {
        asked += 1;
        if (asked === at) controller.abort();
        return "simulator-token";
      };
      // It sends whatever became of the signal.
      const fetch = async (request: Request) =>
        globalThis.fetch(request.url, { method: "POST", headers: request.headers, body: await request.text() });
      const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1", fetch });
      const options = { abortSignal: controller.signal };
      billed.push((await helpers.outcome(client.generate({ prompt: "a [status=429] [retry-after=0.01]" }, options))).error?.billed);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return billed;
  }, simulator.url);
  expect(report).toEqual(["no", "no"]);
  expect(simulator.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
});
