import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.js";
import type { ImageStreamEvent } from "../../js/index.js";

const SAMPLES = new URL("../samples/images/", import.meta.url);

interface Cut {
  text: string;
  /** Whether the body ends as if it were complete, or breaks. */
  how: "ends" | "breaks";
}

/** Streams an answer once for each of its bytes, cut there, and tells where each kind of outcome begins. */
async function cutEverywhere({ text, how }: Cut) {
  const bytes = new TextEncoder().encode(text);
  const outcomes: { from: number; outcome: string }[] = [];
  let closed = 0;
  for (let length = 0; length <= bytes.length; length += 1) {
    const fetch = async () =>
      new Response(
        new ReadableStream(
          {
            pull(controller) {
              if (controller.desiredSize === null) return;
              if (length > 0 && !this.sent) controller.enqueue(bytes.slice(0, length));
              else if (how === "ends") controller.close();
              else controller.error(new TypeError("network error"));
              this.sent = true;
            },
            sent: false,
          } as UnderlyingDefaultSource & { sent: boolean },
          { highWaterMark: 0 },
        ),
      );
    const client = new azure.AzureImageClient("/api", null, { deployment: "x", fetch });
    const stream = client.generateStream({ prompt: "a", partialImages: 3 });
    const events: ImageStreamEvent[] = [];
    let thrown: unknown;
    try {
      for await (const event of stream) events.push(event);
    } catch (error) {
      thrown = error;
    }
    const { ok, error } = await helpers.outcome(stream.result());
    const completed = events.filter(({ type }) => type === "completed").length;
    const previews = events.filter(({ type }) => type === "partialImage").length;
    const last = events.at(-1)?.image;
    const keptLast = previews === 0 ? error?.lastPreview === undefined : error?.lastPreview?.sha256 === (last && (await helpers.sha256(last.blob)));
    const outcome = ok
      ? `success with ${ok.images.length} of ${completed}`
      : `${error?.code}, ${previews} previews, ${keptLast ? "the last kept" : "the last lost"}, ${completed} completed, ${thrown ? "thrown" : "silent"}`;
    if (outcomes.at(-1)?.outcome !== outcome) outcomes.push({ from: length, outcome });
    stream.dispose();
    closed += 1;
  }
  return { outcomes, closed };
}

for (const name of ["generations.stream.sse", "generations.stream.data-only.sse", "generations.stream.crlf-comments.sse", "edits.stream.sse"]) {
  for (const how of ["ends", "breaks"] as const) {
    test(`${name}, which ${how} at each of its bytes, is a success only with the whole of its completed event`, async ({ page }) => {
      const text = await readFile(new URL(name, SAMPLES), "utf8");
      const { outcomes, closed } = await page.evaluate(cutEverywhere, { text, how });
      expect(closed).toBe(new TextEncoder().encode(text).length + 1);
      const code = how === "ends" ? "stream_truncated" : "connection";
      const successes = outcomes.filter(({ outcome }) => outcome.startsWith("success"));
      // From the completed event on, and never before.
      expect(successes).toEqual([{ from: successes[0]?.from, outcome: "success with 1 of 1" }]);
      expect(outcomes.at(-1)).toEqual(successes[0]);
      const start = text.indexOf("completed");
      const dataEnd = text.lastIndexOf("}");
      expect(start).toBeGreaterThan(0);
      expect(successes[0]?.from).toBeGreaterThan(dataEnd);
      for (const [previews, { outcome }] of outcomes.slice(0, -1).entries()) {
        expect(outcome).toBe(`${code}, ${previews} previews, the last kept, 0 completed, thrown`);
      }
    });
  }
}

test("a cut over a real connection closes it, at every tenth of the answer", async ({ page, simulator }) => {
  for (const how of ["truncate", "reset"]) {
    for (let percent = 0; percent < 100; percent += 10) {
      simulator.reset();
      const { ok, error } = await page.evaluate(
        ([endpoint, words]) => {
          const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
          return helpers.outcome(client.generateStream({ prompt: `a lake [${words}]`, partialImages: 2 }).result());
        },
        [simulator.url, `${how}=${percent}%`] as const,
      );
      expect(ok, `${how}=${percent}%`).toBeUndefined();
      expect(error, `${how}=${percent}%`).toMatchObject({ code: how === "reset" ? "connection" : "stream_truncated", billed: "unknown" });
      expect(simulator.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
      await expect.poll(() => simulator.activeRequests).toBe(0);
      await expect.poll(() => simulator.openConnections()).toBe(0);
    }
  }
});
