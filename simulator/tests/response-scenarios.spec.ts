/** The scenario words of the image routes, as responses obey them. */

import type { Simulator } from "azure-image-simulator";
import { expect, readEvents, sha256, test } from "./fixtures.js";
import { ask, create, drawing, HEADERS, namesOf, picturesOf, poll, resumable, RESPONSES, stream, streamedDrawing, textOf } from "./responses.js";

const post = (simulator: Simulator, body: object) => ask(simulator, RESPONSES.resource, { body });
const text = async (simulator: Simulator, words: string) => (await post(simulator, streamedDrawing(`Draw a lake ${words}`))).text();

const refusals: readonly [words: string, status: number, body: Record<string, unknown>][] = [
  ["[status=429] [retry-after=7]", 429, { error: { code: "429", message: expect.stringContaining("retry after 7 seconds") } }],
  ["[error=401-permission-denied-foundry]", 401, { error: { code: "PermissionDenied" } }],
  ["[content-filter]", 400, { error: { code: "content_filter", param: "prompt" } }],
  ["[content-policy]", 400, { error: { code: "content_policy_violation" } }],
  ["[moderation]", 400, { error: { code: "moderation_blocked" } }],
];
for (const [words, status, body] of refusals) {
  test(`${words} is answered with ${status}`, async ({ simulator }) => {
    for (const request of [drawing(`Draw a lake ${words}`), resumable(`Draw a lake ${words}`)]) {
      const response = await post(simulator, request);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject(body);
    }
  });
}

const errors: readonly [word: string, data: Record<string, unknown>][] = [
  ["error-in-stream", { type: "error", code: "server_error", message: expect.any(String), param: null, sequence_number: 7 }],
  ["rate-limit-in-stream", { type: "error", error: { code: "rate_limit_exceeded" } }],
  ["moderation-in-stream", { error: { code: "moderation_blocked" } }],
];
for (const [word, data] of errors) {
  test(`[${word}] ends a stream with an error event, and the response failed`, async ({ simulator }) => {
    const events = await stream(simulator, streamedDrawing(`Draw a lake [${word}]`));
    expect(events.at(-1)).toMatchObject({ name: "error", data });
    expect(namesOf(events)).toContain("image_generation_call.partial_image");
    const id = events[0]?.data["response"].id;
    expect(await poll(simulator, id)).toMatchObject({ status: "failed", output: [] });
  });
}

test("words stand in the name of either deployment too", async ({ simulator }) => {
  const inText = await post(simulator, drawing("Draw a lake", { model: "gpt-4.1--response-failed" }));
  expect(await inText.json()).toMatchObject({ status: "failed", model: "gpt-4.1" });
  const headers = { ...HEADERS, "x-ms-oai-image-generation-deployment": "gpt-image-1--refusal" };
  const inHeader = await ask(simulator, RESPONSES.resource, { headers, body: drawing() });
  expect(await inHeader.json()).toMatchObject({ output: [{ content: [{ type: "refusal" }] }] });
});

test("[times] counts the requests that make a response", async ({ simulator }) => {
  const statuses: number[] = [];
  for (let time = 0; time < 3; time++) statuses.push((await post(simulator, drawing("What is a lake? [status=503] [times=2]"))).status);
  expect(statuses).toEqual([503, 503, 200]);
});

test("[no-image] is an answer in words", async ({ simulator }) => {
  const response = await create(simulator, drawing("Draw a lake [no-image]"));
  expect(picturesOf(response)).toEqual([]);
  expect(textOf(response)).toBe("I cannot create that image.");
});

test("[json-answer] answers a stream with a document", async ({ simulator }) => {
  const response = await post(simulator, streamedDrawing("Draw a lake [json-answer]"));
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(picturesOf(await response.json())).toHaveLength(1);
});

test("the framing follows its words", async ({ simulator }) => {
  expect(await text(simulator, "[crlf]")).toMatch(/^event: response\.created\r\ndata: .*\r\n\r\n/);
  expect(await text(simulator, "[data-only]")).toMatch(/^data: .*\n\ndata: /);
  expect(await text(simulator, "[comments] [bom]")).toMatch(/^: keep-alive\n\nevent: /);
  expect(await text(simulator, "[done-marker]")).toMatch(/\n\ndata: \[DONE\]\n\n$/);
  expect(namesOf(readEvents(await text(simulator, "[no-completed]"))).at(-1)).toBe("output_item.done");
});

test("the JSON follows its words and means the same", async ({ simulator }) => {
  const [plain] = picturesOf(await create(simulator, drawing("Draw a lake")));
  for (const word of ["shuffled", "decoy", "minimal", "escaped"]) {
    const [picture] = picturesOf(await create(simulator, drawing(`Draw a lake [${word}]`)));
    expect(picture?.equals(plain ?? Buffer.alloc(0)), word).toBe(true);
    const events = await stream(simulator, streamedDrawing(`Draw a lake [${word}]`));
    const done = events.find(({ name, data }) => name === "response.output_item.done" && data["item"].result);
    expect(sha256(done?.data["item"].result), word).toBe(sha256((plain ?? Buffer.alloc(0)).toString("base64")));
  }
});

test("damaged pictures and JSON are damaged", async ({ simulator }) => {
  const result = async (word: string) => (await create(simulator, drawing(`Draw a lake [${word}]`))).output[0].result as string;
  expect(await result("malformed-base64")).toContain("!*~?");
  expect((await result("half-quad")).length % 4).toBe(1);
  const malformed = await text(simulator, "[malformed-json]");
  const completed = malformed.slice(malformed.lastIndexOf("data: ") + 6);
  expect(() => JSON.parse(completed)).toThrow();
});

test("[truncate] and [reset] cut a stream where they say", async ({ simulator }) => {
  const whole = await text(simulator, "");
  const half = await text(simulator, "[truncate=50%]");
  expect(half.length).toBeGreaterThan(whole.length * 0.45);
  expect(half.length).toBeLessThan(whole.length * 0.55);
  const beforePicture = namesOf(readEvents(await text(simulator, "[truncate=before-picture]")));
  expect(beforePicture.at(-1)).toBe("image_generation_call.completed");
  const beforeCompleted = namesOf(readEvents(await text(simulator, "[truncate=before-completed]")));
  expect(beforeCompleted.at(-1)).toBe("output_item.done");
  // Node's fetch takes the reset for the end.
  const afterPreview = readEvents(await text(simulator, "[reset=after-first-preview]"));
  expect(afterPreview.at(-1)).toMatchObject({ name: "response.image_generation_call.partial_image", data: { partial_image_index: 0 } });
});

test("[stall] keeps a connection open", async ({ simulator }) => {
  const abort = new AbortController();
  const response = await fetch(simulator.url + RESPONSES.resource, {
    method: "POST",
    headers: HEADERS,
    body: JSON.stringify(streamedDrawing("Draw a lake [stall]")),
    signal: abort.signal,
  });
  expect(response.status).toBe(200);
  await expect.poll(() => simulator.pictures.length).toBe(1);
  expect(simulator.activeRequests).toBe(1);
  abort.abort();
});
