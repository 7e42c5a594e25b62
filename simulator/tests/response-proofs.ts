/** What each scenario word for responses does. */

import { startSimulator, type Simulator } from "azure-image-simulator";
import { expect, readEvents, sha256 } from "./fixtures.js";
import { ask, askJson, create, drawing, namesOf, picturesOf, poll, resumable, RESPONSES, stream, streamedDrawing, textOf } from "./responses.js";

const last = (events: Awaited<ReturnType<typeof stream>>) => events.at(-1)?.data["response"];

/** One proof for each word that only responses obey. */
export const responseProofs: Readonly<Record<string, (simulator: Simulator) => Promise<void>>> = {
  async "get-status"(simulator) {
    const { id } = await create(simulator, drawing("Draw a lake [get-status=503] [times=2]", { background: true }));
    const path = `${RESPONSES.resource}/${id}`;
    for (const status of [503, 503, 200]) expect((await ask(simulator, path)).status).toBe(status);
    const [first] = await stream(simulator, resumable("Draw a pond [get-status=429] [retry-after=3] [times=1]"));
    const resumed = () => ask(simulator, `${RESPONSES.resource}/${first?.data["response"].id}?stream=true`);
    const refusal = await resumed();
    expect(refusal.status).toBe(429);
    expect(refusal.headers.get("retry-after")).toBe("3");
    expect((await resumed()).status).toBe(200);
  },

  async "no-tool-streaming"(simulator) {
    const response = await ask(simulator, RESPONSES.resource, { body: streamedDrawing("Draw a lake [no-tool-streaming]") });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: "ImageGen as a tool is not supported in streaming mode.", param: "stream" } });
    expect(picturesOf(await create(simulator, drawing("Draw a lake [no-tool-streaming]")))).toHaveLength(1);
    expect(await stream(simulator, { model: "gpt-4.1", input: "Hello [no-tool-streaming]", stream: true })).not.toEqual([]);
  },

  async "cut-randomly"(simulator) {
    const bodies: number[] = [];
    for (const other of [simulator, await startSimulator({ seed: "other" })]) {
      const response = await ask(other, RESPONSES.resource, { body: resumable("Draw a lake [cut-randomly=1]") });
      const received = await response.text();
      bodies.push(received.length);
      expect(received).toContain("event: response.created\n");
      expect(received).not.toMatch(/event: response\.completed\n.*\n\n/);
      const id = /resp_[0-9a-f]+/.exec(received)?.[0];
      const events = readEvents(await (await ask(other, `${RESPONSES.resource}/${id}?stream=true`)).text());
      expect(events.at(-1)?.name).toBe("response.completed");
      if (other !== simulator) await other.close();
    }
    expect(bodies[0]).not.toBe(bodies[1]);
  },

  async pictures(simulator) {
    const response = await create(simulator, drawing("Draw a lake [pictures=2]"));
    const pictures = picturesOf(response);
    expect(pictures).toHaveLength(2);
    expect(pictures[0]).not.toEqual(pictures[1]);
    const events = await stream(simulator, streamedDrawing("Draw a lake [pictures=2]"));
    const done = events.filter(({ name, data }) => name === "response.output_item.done" && data["item"].result);
    expect(done.map(({ data }) => data["output_index"])).toEqual([0, 1]);
    expect(done.map(({ data }) => sha256(data["item"].result))).toEqual(response.output.slice(0, 2).map(({ result }: any) => sha256(result)));
  },

  async "omit-repeated-picture"(simulator) {
    const events = await stream(simulator, streamedDrawing("Draw a lake [omit-repeated-picture]"));
    expect(last(events).output).toMatchObject([{ type: "image_generation_call", status: "completed", result: null }, {}]);
    expect(events.filter(({ data }) => data["item"]?.result)).toHaveLength(1);
    expect(picturesOf(await askJson(simulator, `${RESPONSES.resource}/${last(events).id}`))).toHaveLength(1);
  },

  async "result-not-kept"(simulator) {
    const made = await create(simulator, drawing("Draw a lake [result-not-kept]"));
    expect(picturesOf(made)).toHaveLength(1);
    const kept = await askJson(simulator, `${RESPONSES.resource}/${made.id}`);
    expect(kept).toMatchObject({ status: "completed", output: [{ status: "completed", result: null }, {}] });
    const { id } = await create(simulator, drawing("Draw a lake [result-not-kept]", { background: true }));
    expect(picturesOf(await poll(simulator, id))).toEqual([]);
  },

  async "call-failed"(simulator) {
    const response = await create(simulator, drawing("Draw a lake [call-failed]"));
    expect(response).toMatchObject({ status: "completed", output: [{ status: "failed", result: null, error: { code: "moderation_blocked" } }, {}] });
    expect(textOf(response)).toBe("The picture was blocked.");
    const names = namesOf(await stream(simulator, streamedDrawing("Draw a lake [call-failed]")));
    expect(names).toContain("image_generation_call.partial_image");
    expect(names).not.toContain("image_generation_call.completed");
    expect(names.at(-1)).toBe("completed");
  },

  async refusal(simulator) {
    const response = await create(simulator, drawing("Draw a lake [refusal]"));
    expect(response.output).toMatchObject([{ type: "message", content: [{ type: "refusal", refusal: "I cannot help with that." }] }]);
    const events = await stream(simulator, streamedDrawing("Draw a lake [refusal]"));
    expect(namesOf(events)).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "content_part.added",
      "refusal.delta",
      "refusal.done",
      "content_part.done",
      "output_item.done",
      "completed",
    ]);
    expect(events.find(({ name }) => name === "response.refusal.done")?.data).toMatchObject({ refusal: "I cannot help with that." });
  },

  async incomplete(simulator) {
    const response = await create(simulator, drawing("Draw a lake [incomplete]"));
    expect(response).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, error: null });
    expect(picturesOf(response)).toHaveLength(1);
    const events = await stream(simulator, streamedDrawing("Draw a lake [incomplete=content_filter]"));
    expect(events.at(-1)?.name).toBe("response.incomplete");
    expect(last(events)).toMatchObject({ status: "incomplete", incomplete_details: { reason: "content_filter" }, output: [] });
  },

  async "response-failed"(simulator) {
    const response = await create(simulator, drawing("Draw a lake [response-failed]"));
    expect(response).toMatchObject({ status: "failed", error: { code: "server_error" }, output: [], usage: null });
    const events = await stream(simulator, streamedDrawing("Draw a lake [response-failed=image_content_policy_violation]"));
    expect(namesOf(events).slice(-2)).toEqual(["image_generation_call.partial_image", "failed"]);
    expect(last(events)).toMatchObject({ status: "failed", error: { code: "image_content_policy_violation" } });
    const { id } = await create(simulator, drawing("Draw [response-failed=rate_limit_exceeded] [retry-after=3]", { background: true }));
    expect((await poll(simulator, id)).error).toEqual({ code: "rate_limit_exceeded", message: "Rate limit is exceeded. Try again in 3 seconds." });
  },
};
