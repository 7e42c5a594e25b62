import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Simulator } from "azure-image-simulator";
import { expect, sent, test } from "./fixtures.js";
import { MEBIBYTE } from "./held.js";
import { answers, streams, type JudgementCase } from "./judgement-cases.js";
import type { CallOptions } from "../../js/index.js";

// Answers at once are asked for with the key, streams with the token.
const KEY = "simulator-key";
const TOKEN = "simulator-token";

/** Calls once, and tells all that a page can see of it. */
async function call({ endpoint, words, streamed, retryUnknownOutcome }: Call) {
  const printed: string[] = [];
  for (const name of ["debug", "log", "info", "warn", "error"] as const) console[name] = (...texts: unknown[]) => printed.push(texts.join(" "));
  const controller = new AbortController();
  const client = new azure.AzureImageClient(endpoint, streamed ? () => "simulator-token" : { key: "simulator-key" }, {
    deployment: "gpt-image-1",
    retryOptions: { maxRetries: 2, retryDelayInMs: 1, retryUnknownOutcome },
  });
  const retries = new Set<string>();
  const options: CallOptions = {
    abortSignal: controller.signal,
    // That another token is asked for is told too, as no retry.
    onProgress: ({ retry }) => retry && retry.retries > 0 && retries.add(`${retry.error.code} ${retry.retries}`),
  };
  const request = { prompt: `a lake [${words}]`, ...(streamed && { partialImages: 2 as const }) };
  const result = streamed ? client.generateStream(request, options).result() : client.generate(request, options);
  const { ok, error } = await helpers.outcome(result);
  const listeners = helpers.listenersOf(controller.signal);
  // Once for each failure is enough: it takes as long as the failure does.
  const aftermath = retryUnknownOutcome ? { memory: helpers.memory(), urls: helpers.liveUrls.size } : await helpers.aftermath(client);
  return { ok, error, retries: [...retries], printed, listeners, next: undefined, ...aftermath };
}

interface Call {
  endpoint: string;
  words: string;
  streamed: boolean;
  retryUnknownOutcome: boolean;
}

for (const streamed of [false, true]) {
  for (const retryUnknownOutcome of [false, true]) {
    const title = `${streamed ? "a streamed answer" : "an answer at once"}${retryUnknownOutcome ? ", with retryUnknownOutcome" : ""}`;
    test(`${title}: each failure is what it is, costs one request unless more are free or wished for, and tells no secret${retryUnknownOutcome ? "" : ", and the next call works"}`, {
      tag: "@nightly",
    }, async ({ page, simulator }) => {
      for (const given of streamed ? [...answers, ...streams] : answers) {
        await test.step(`[${given.words}]`, async () => {
          simulator.reset();
          const report = await page.evaluate(call, { endpoint: simulator.url, words: given.words, streamed, retryUnknownOutcome });
          await expect.poll(() => simulator.activeRequests, given.words).toBe(0);
          check(given, retryUnknownOutcome, report, simulator);
        });
      }
    });
  }
}

function check(
  { words, code, status, billed, retryable, preview, ...given }: JudgementCase,
  retryUnknownOutcome: boolean,
  report: Awaited<ReturnType<typeof call>>,
  simulator: Simulator,
) {
  const { ok, error, retries, printed, listeners, urls, next, memory } = report;
  const posts = retryUnknownOutcome ? given.postsIfUnknownMayBeRepeated : given.posts;
  const nextCalls = retryUnknownOutcome ? undefined : 1;
  const seen = {
    ...{ words, ok, code: error?.code, status: error?.status, billed: error?.billed, retryable: error?.retryable },
    ...{ posts: simulator.requests.filter(({ method }) => method === "POST").length - (nextCalls ?? 0), retries, listeners, urls, next },
  };
  expect.soft(seen, words).toEqual({
    ...{ words, ok: undefined, code, status, billed, retryable, posts, listeners: 0, urls: 0, next: nextCalls },
    // Every retry is told, and why.
    retries: Array.from({ length: posts - 1 }, (_, index) => `${code} ${index + 1}`),
  });
  expect.soft(error, words).toMatchObject({ isAzureImageError: true, name: "AzureImageError" });
  expect.soft(memory, words).toBeLessThanOrEqual(4 * MEBIBYTE);
  if (preview) expect.soft(sent(simulator, "partial"), words).toContain(error?.lastPartialImage?.sha256);
  // It ends in what to do.
  expect.soft(error?.message, words).toMatch(/\. \S.*\.$|https:\/\/\S+$/s);
  const requests = simulator.requests.map(({ path, query }) => `${path} ${JSON.stringify(query)}`);
  const texts = [error?.text, error?.json, error?.cause, ...printed, ...requests].join("\n");
  for (const secret of [KEY, TOKEN]) expect.soft(texts, words).not.toContain(secret);
}

test("each known error of Azure has its row", () => {
  const samples = readdirSync(fileURLToPath(new URL("../samples/errors/", import.meta.url))).filter((name) => name !== "index.json");
  const rows = answers.map(({ words }) => /error=([\w-]+)/.exec(words)?.[1]);
  for (const sample of samples) expect(rows).toContain(sample.replace(/\.\w+$/, ""));
});

test("the other pictures come, and the one that was withheld is named with its reason", async ({ page, simulator }) => {
  const report = await page.evaluate(
    async ([endpoint, key]) => {
      const client = new azure.AzureImageClient(endpoint, { key }, { deployment: "gpt-image-1" });
      const { images, failures } = await client.generate({ prompt: "a lake [partially-filtered]", n: 4 });
      const described = await Promise.all(
        (failures ?? []).map(async ({ imageIndex, error }) => ({ imageIndex, error: await helpers.describeError(error) })),
      );
      return { hashes: await Promise.all(images.map(({ blob }) => helpers.sha256(blob))), described };
    },
    [simulator.url, KEY] as const,
  );
  expect(report.hashes).toEqual(sent(simulator, "final"));
  expect(report.hashes).toHaveLength(3);
  expect(report.described).toMatchObject([
    { imageIndex: 3, error: { code: "content_filter", contentFilter: { source: "image", categories: [{ name: "violence", severity: "medium" }] } } },
  ]);
  expect(report.described[0]?.error.message).toContain("violence: medium");
});
