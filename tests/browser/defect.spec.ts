import { expect, test } from "./fixtures.js";

// A chunk that lies about its length is what no server and no browser sends. It is the shortest way to a defect of the engine.
test("a defect of the engine ends every call, leaves nothing behind, and the next call starts afresh", async ({ page, simulator }) => {
  // The page's console shows it too, as it should.
  page.removeAllListeners("pageerror");
  const report = await page.evaluate(async (endpoint) => {
    let length = 5;
    const liar = {
      length: 5,
      BYTES_PER_ELEMENT: 1,
      subarray: () => ({
        get length() {
          return length++;
        },
      }),
    };
    const fetchLies = async () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(liar as never) }));
    const make = (options = {}) => new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", ...options });
    const signals = Array.from({ length: 3 }, () => new AbortController().signal);

    const until = (is: (progress: import("../../js/index.js").Progress) => boolean) => {
      let onProgress!: (progress: import("../../js/index.js").Progress) => void;
      const reached = new Promise<void>((resolve) => (onProgress = (progress) => is(progress) && resolve()));
      return { onProgress, reached };
    };
    const inWait = until(({ retry }) => retry !== undefined);
    const withPreview = until(({ previews }) => previews > 0);
    const waiting = helpers.outcome(
      make().generate({ prompt: "a [status=429] [retry-after=60]" }, { abortSignal: signals[0]!, onProgress: inWait.onProgress }),
    );
    const streaming = helpers.outcome(
      make()
        .generateStream(
          { prompt: "a [stall=after-first-preview]", partialImages: 2 },
          { abortSignal: signals[1]!, onProgress: withPreview.onProgress },
        )
        .result(),
    );
    let probeAborted = false;
    const asked = new Promise<void>((resolve) => {
      const fetch = (request: Request) => {
        request.signal.addEventListener("abort", () => (probeAborted = true));
        resolve();
        return new Promise<never>(() => {});
      };
      probing = make({ fetch })
        .probe({ abortSignal: signals[2]! })
        .then(() => undefined, helpers.describeError);
    });
    await Promise.all([inWait.reached, withPreview.reached, asked]);

    const dying = await helpers.outcome(make({ fetch: fetchLies }).generate({ prompt: "a" }));
    const errors = [dying.error, (await waiting).error, (await streaming).error, await probing];
    const next = await helpers.outcome(make().generate({ prompt: "a" }));
    return { errors, next: next.ok?.images.length, probeAborted, listeners: signals.map(helpers.listenersOf) };
  }, simulator.url);
  expect(report.errors.map((error) => error?.code)).toEqual(Array(4).fill("internal"));
  expect(report.errors.map((error) => error?.billed)).toEqual(["unknown", "no", "unknown", "no"]);
  expect(report.errors[0]?.message).toMatch(/defect of azure-image-client/);
  expect(report.errors[2]?.lastPreview).toBeDefined();
  expect(report).toMatchObject({ next: 1, probeAborted: true, listeners: [0, 0, 0] });
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

declare global {
  var probing: Promise<import("./fixtures.js").ErrorReport | undefined>;
}
