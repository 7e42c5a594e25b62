/** Streams of responses: the order of their events, and how they go on after they were lost. */

import sharp from "sharp";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { expect, readEvents, sha256, test, type StreamEvent } from "./fixtures.js";
import { ask, askJson, create, drawing, namesOf, poll, resumable, RESPONSES, stream, streamedDrawing, tool } from "./responses.js";

const WORDS = ["output_item.added", "content_part.added", "output_text.delta", "output_text.done", "content_part.done", "output_item.done"];
const CALL = ["output_item.added", "image_generation_call.in_progress", "image_generation_call.generating"];
const PICTURE = ["image_generation_call.completed", "output_item.done"];

test("the events come in order, each with its number", async ({ simulator }) => {
  const events = await stream(simulator, streamedDrawing());
  expect(namesOf(events)).toEqual(["created", "in_progress", ...CALL, "image_generation_call.partial_image", ...PICTURE, ...WORDS, "completed"]);
  expect(events.map(({ data }) => data["sequence_number"])).toEqual(events.map((_, index) => index));
  expect(events.every(({ name, data }) => name === data["type"])).toBe(true);
});

test("previews, picture and text come as they should", async ({ simulator }) => {
  const events = await stream(simulator, streamedDrawing());
  const named = (name: string) => events.filter((event) => event.name === `response.${name}`).map(({ data }) => data);
  const [added, addedMessage] = named("output_item.added");
  const [done] = named("output_item.done");
  const previews = named("image_generation_call.partial_image");
  expect(added).toMatchObject({ output_index: 0, item: { type: "image_generation_call", status: "in_progress", result: null } });
  expect(addedMessage).toMatchObject({ output_index: 1, item: { type: "message", status: "in_progress", content: [] } });
  expect(previews).toMatchObject(
    [0, 1].map((index) => ({ partial_image_index: index, item_id: added?.["item"].id, size: "1024x1024", quality: "low" })),
  );
  for (const { partial_image_b64 } of previews) {
    expect(await sharp(Buffer.from(partial_image_b64, "base64")).metadata()).toMatchObject({ width: 1024, height: 1024 });
  }
  expect(named("image_generation_call.completed")).toEqual([
    { type: "response.image_generation_call.completed", output_index: 0, item_id: added?.["item"].id, sequence_number: 7 },
  ]);
  const [completed] = named("completed");
  expect(completed?.["response"].output[0]).toEqual(done?.["item"]);
  expect(completed?.["response"].tool_usage.image_gen.output_tokens).toBe(272 + 200);
  expect(
    named("output_text.delta")
      .map(({ delta }) => delta)
      .join(""),
  ).toBe("Here is your picture.");
  expect(named("output_text.done")[0]).toMatchObject({ text: "Here is your picture.", content_index: 0 });
  expect(simulator.pictures.map(({ kind }) => kind)).toEqual(["partial", "partial", "final", "final"]);
  expect(simulator.pictures.at(-1)?.sha256).toBe(sha256(done?.["item"].result));
});

test("deltas are obfuscated unless the client declines", async ({ simulator }) => {
  const delta = async (more: object) =>
    (await stream(simulator, streamedDrawing("What is a lake?", more))).find(({ name }) => name === "response.output_text.delta")?.data;
  expect(await delta({})).toHaveProperty("obfuscation");
  expect(await delta({ stream_options: { include_obfuscation: false } })).not.toHaveProperty("obfuscation");
});

test("no previews come unless they are asked for", async ({ simulator }) => {
  const events = await stream(simulator, streamedDrawing("Draw a lake", { tools: [tool()] }));
  expect(namesOf(events)).toEqual(["created", "in_progress", ...CALL, ...PICTURE, ...WORDS, "completed"]);
});

test("a response in words has no call", async ({ simulator }) => {
  expect(namesOf(await stream(simulator, streamedDrawing("What is a lake?")))).toEqual(["created", "in_progress", ...WORDS, "completed"]);
});

test("the events take the time that a picture takes", async () => {
  const simulator = await startSimulator({ latencyInMs: 900 });
  const response = await ask(simulator, RESPONSES.resource, { body: streamedDrawing() });
  const startedAt = performance.now();
  const arrivals: number[] = [];
  for await (const _ of response.body ?? []) arrivals.push(performance.now() - startedAt);
  expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(400);
  await simulator.close();
});

/** What a client reads from a stream before it ends, however it ends. */
async function readWhatComes(response: Response): Promise<StreamEvent[]> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of response.body ?? []) chunks.push(chunk);
  } catch {
    // The connection broke: what came before counts.
  }
  const text = Buffer.concat(chunks).toString();
  return readEvents(text.slice(0, text.lastIndexOf("\n\n") + 2));
}

/** Reads a response to its end as a client does that loses its connections. */
async function readToTheEnd(simulator: Simulator, body: object): Promise<{ events: StreamEvent[]; connections: number }> {
  const events = await readWhatComes(await ask(simulator, RESPONSES.resource, { body }));
  const id = events[0]?.data["response"].id;
  let connections = 1;
  while (events.at(-1)?.name !== "response.completed" && connections < 50) {
    const last = events.at(-1)?.data["sequence_number"];
    events.push(...(await readWhatComes(await ask(simulator, `${RESPONSES.resource}/${id}?stream=true&starting_after=${last}`))));
    connections++;
  }
  return { events, connections };
}

/** The same for two streams of the same request: what does not depend on fresh ids. */
const essence = (events: readonly StreamEvent[]) =>
  events.map(({ name, data }) => [name, data["sequence_number"], data["partial_image_b64"] ?? data["item"]?.result ?? data["delta"]]);

test.describe("a stream in the background", () => {
  test("begins in the queue", async ({ simulator }) => {
    const events = await stream(simulator, resumable());
    expect(namesOf(events).slice(0, 3)).toEqual(["created", "queued", "in_progress"]);
    expect(events.slice(0, 3).map(({ data }) => data["response"].status)).toEqual(["queued", "queued", "in_progress"]);
  });

  test("is replayed from any event on, as often as one likes", async ({ simulator }) => {
    const events = await stream(simulator, resumable());
    const id = events[0]?.data["response"].id;
    for (const after of [undefined, 0, 5, events.length - 2, events.length - 1]) {
      const query = after === undefined ? "" : `&starting_after=${after}`;
      const response = await ask(simulator, `${RESPONSES.resource}/${id}?stream=true${query}`);
      expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
      expect(readEvents(await response.text())).toEqual(events.slice((after ?? -1) + 1));
    }
  });

  test("is followed live after it was lost", async () => {
    const simulator = await startSimulator({ latencyInMs: 1000 });
    const abort = new AbortController();
    const response = await fetch(simulator.url + RESPONSES.resource, {
      method: "POST",
      headers: { "content-type": "application/json", "api-key": "simulator-key", "x-ms-oai-image-generation-deployment": "gpt-image-1" },
      body: JSON.stringify(resumable()),
      signal: abort.signal,
    });
    const { value } = (await response.body?.getReader().read()) ?? {};
    const id = /resp_[0-9a-f]+/.exec(Buffer.from(value ?? []).toString())?.[0];
    abort.abort();
    const events = readEvents(await (await ask(simulator, `${RESPONSES.resource}/${id}?stream=true&starting_after=2`)).text());
    expect(events[0]?.data["sequence_number"]).toBe(3);
    expect(events.at(-1)?.name).toBe("response.completed");
    expect((await poll(simulator, id ?? "")).status).toBe("completed");
    await simulator.close();
  });

  test("ends when the response is cancelled, and so does its replay", async () => {
    const simulator = await startSimulator({ latencyInMs: 3000 });
    const response = await ask(simulator, RESPONSES.resource, { body: resumable() });
    const reader = response.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    const id = /resp_[0-9a-f]+/.exec(Buffer.from(value ?? []).toString())?.[0];
    await ask(simulator, `${RESPONSES.resource}/${id}/cancel`, { method: "POST" });
    let rest = "";
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) rest += Buffer.from(part.value).toString();
    expect(rest).not.toContain("response.completed");
    const replay = await ask(simulator, `${RESPONSES.resource}/${id}?stream=true`);
    expect(await replay.text()).not.toContain("response.completed");
    expect(simulator.activeRequests).toBe(0);
    await simulator.close();
  });

  test("is not there for a response that was not made to be streamed", async ({ simulator }) => {
    for (const body of [drawing("Draw", { background: true }), drawing()]) {
      const { id } = await create(simulator, body);
      const response = await ask(simulator, `${RESPONSES.resource}/${id}?stream=true`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { param: "stream" } });
    }
  });

  test("refuses a number that is none", async ({ simulator }) => {
    const [first] = await stream(simulator, resumable());
    const response = await ask(simulator, `${RESPONSES.resource}/${first?.data["response"].id}?stream=true&starting_after=x`);
    expect(response.status).toBe(400);
  });

  const losses = ["truncate=40%", "reset=40%", "truncate=after-first-preview", "truncate=before-picture", "reset=before-completed"];
  for (const loss of losses) {
    test(`survives [${loss}] on its first connection`, async ({ simulator }) => {
      const whole = await stream(simulator, resumable("Draw a lake"));
      const { events, connections } = await readToTheEnd(simulator, resumable(`Draw a lake [${loss}] [times=1]`));
      expect(essence(events)).toEqual(essence(whole));
      expect(connections).toBe(2);
    });
  }

  test("survives cuts at random on many connections, the same each time", async ({ simulator }) => {
    const whole = await stream(simulator, resumable("Draw a lake"));
    const lengths: number[] = [];
    for (let time = 0; time < 2; time++) {
      const { events, connections } = await readToTheEnd(simulator, resumable("Draw a lake [cut-randomly=6]"));
      expect(essence(events)).toEqual(essence(whole));
      expect(connections).toBeGreaterThan(2);
      lengths.push(connections);
    }
    expect(lengths[0]).toBe(lengths[1]);
  });

  test("obeys chunk and delay when it is resumed", async ({ simulator }) => {
    const [first] = await stream(simulator, resumable("What is a lake? [chunk=1000] [delay=20]"));
    const startedAt = performance.now();
    const response = await ask(simulator, `${RESPONSES.resource}/${first?.data["response"].id}?stream=true`);
    const body = await response.arrayBuffer();
    expect(performance.now() - startedAt).toBeGreaterThan((body.byteLength / 1000) * 15);
  });

  test("stalls again when it is resumed", async ({ simulator }) => {
    const abort = new AbortController();
    const send = (path: string, init: RequestInit = {}) =>
      fetch(simulator.url + path, {
        ...init,
        headers: { "content-type": "application/json", "api-key": "simulator-key", "x-ms-oai-image-generation-deployment": "gpt-image-1" },
        signal: abort.signal,
      });
    const first = await send(RESPONSES.resource, { method: "POST", body: JSON.stringify(resumable("Draw a lake [stall=before-completed]")) });
    const { value } = (await first.body?.getReader().read()) ?? {};
    const id = /resp_[0-9a-f]+/.exec(Buffer.from(value ?? []).toString())?.[0];
    const second = await send(`${RESPONSES.resource}/${id}?stream=true&starting_after=3`);
    expect(second.status).toBe(200);
    await expect.poll(() => simulator.pictures.filter(({ kind }) => kind === "final").length).toBe(2);
    expect(simulator.activeRequests).toBe(2);
    abort.abort();
    expect((await askJson(simulator, `${RESPONSES.resource}/${id}`)).status).toBe("completed");
  });
});
