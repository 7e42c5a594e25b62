/** Responses against the samples that were written from the specifications and from real traffic: the same events, the same keys. */

import { readFile } from "node:fs/promises";
import { expect, readEvents, test, type StreamEvent } from "./fixtures.js";
import { AGENTS, create, drawing, namesOf, poll, resumable, RESPONSES, stream, streamedDrawing, tool } from "./responses.js";

const sample = (name: string) => readFile(new URL(`../../tests/samples/responses/${name}`, import.meta.url), "utf8");

/** The paths of all keys in a value. */
const keysOf = (value: unknown, path = ""): string[] => {
  if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, `${path}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [`${path}.${key}`, ...keysOf(item, `${path}.${key}`)]);
};

/** What the simulator leaves out: keys that only the newest OpenAI schema has, and the model of the tool, which was not sent. */
const LEFT_OUT = /cache_write_tokens|obfuscation|tools\[\]\.model$/;

function expectKeys(actual: unknown, expected: unknown, what: string): void {
  const have = new Set(keysOf(actual));
  expect(
    [...new Set(keysOf(expected))].filter((key) => !LEFT_OUT.test(key) && !have.has(key)),
    what,
  ).toEqual([]);
}

function expectLike(actual: readonly StreamEvent[], expected: readonly StreamEvent[], optional: readonly string[] = []): void {
  const names = (events: readonly StreamEvent[]) => namesOf(events).filter((name) => !optional.includes(name));
  expect(names(actual)).toEqual(names(expected));
  for (const { name = "", data } of expected) {
    if (optional.includes(name.replace(/^response\./, ""))) continue;
    const candidates = actual.filter((event) => event.name === name && event.data["output_index"] === data["output_index"]);
    expectKeys(
      candidates.map((event) => event.data),
      [data],
      name,
    );
  }
}

const agent = { definition: { kind: "prompt", model: "gpt-4.1", tools: [tool()] } };

test("a stream with previews", async ({ simulator }) => {
  expectLike(await stream(simulator, streamedDrawing()), readEvents(await sample("stream.completed.sse")));
});

test("a stream of an agent", async ({ simulator }) => {
  await create(simulator, agent, `${AGENTS}/painter/versions?api-version=v1`);
  const body = { input: "Draw a lake", stream: true, agent_reference: { type: "agent_reference", name: "painter" } };
  expectLike(await stream(simulator, body, RESPONSES["project v1"]), readEvents(await sample("stream.completed.foundry-v1.sse")));
});

test("a stream in the background", async ({ simulator }) => {
  const words = ["content_part.added", "output_text.delta", "output_text.done", "content_part.done"];
  const events = await stream(simulator, resumable());
  // The sample has no message behind the picture.
  const withoutWords = events.filter(({ data }) => data["output_index"] !== 1);
  expectLike(withoutWords, readEvents(await sample("stream.background.sse")), words);
});

const ends: readonly [what: string, name: string, words: string, optional: readonly string[]][] = [
  ["that fails", "stream.failed.sse", "[response-failed]", []],
  ["whose call fails", "stream.call-failed.sse", "[call-failed] [refusal]", ["content_part.added", "content_part.done"]],
];
for (const [what, name, words, optional] of ends) {
  test(`a stream ${what}`, async ({ simulator }) => {
    const events = await stream(simulator, streamedDrawing(`Draw a lake ${words}`, { tools: [tool()] }));
    expectLike(events, readEvents(await sample(name)), optional);
  });
}

test("an incomplete stream ends as the sample does", async ({ simulator }) => {
  const events = await stream(simulator, streamedDrawing("Draw a lake [incomplete]"));
  expectKeys(events.at(-1)?.data, readEvents(await sample("stream.incomplete.sse")).at(-1)?.data, "response.incomplete");
});

const documents: readonly [name: string, words: string][] = [
  ["response.completed.json", ""],
  ["response.completed.call-failed.json", "[call-failed]"],
  ["response.completed.two-images.json", "[pictures=2]"],
  ["response.completed.retrieved-result-null.json", "[result-not-kept]"],
  ["response.incomplete.json", "[incomplete]"],
];
for (const [name, words] of documents) {
  test(`the document ${name}`, async ({ simulator }) => {
    const { id } = await create(simulator, drawing(`Draw a lake ${words}`, { background: true }));
    const response = await poll(simulator, id);
    const expected = JSON.parse(await sample(name));
    expectKeys(response, expected, name);
    expect(response.status).toBe(expected.status);
    const calls = ({ output }: any) =>
      output.filter(({ type }: any) => type === "image_generation_call").map(({ status, result }: any) => [status, result === null]);
    expect(calls(response)).toEqual(calls(expected));
  });
}

test("the documents of agents", async ({ simulator }) => {
  await create(simulator, agent, `${AGENTS}/painter/versions?api-version=v1`);
  const reference = { type: "agent_reference", name: "painter" };
  const v1 = await create(simulator, { input: "Draw a lake", agent_reference: reference }, RESPONSES["project v1"]);
  const { conversation: _, ...expected } = JSON.parse(await sample("response.completed.foundry-v1.json"));
  expectKeys(v1, expected, "v1");
  const dated = await create(simulator, { input: "Draw a lake", agent: reference }, RESPONSES["project dated"]);
  expectKeys(dated, JSON.parse(await sample("response.completed.foundry-2025-11-15-preview.json")), "dated");
});
