/** The npm package `openai` speaking the Responses API, with the simulator. */

import OpenAI, { APIError, AzureOpenAI, BadRequestError, NotFoundError, toFile } from "openai";
import type { Response, ResponseStreamEvent } from "openai/resources/responses/responses";
import sharp from "sharp";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { compare, mask, photograph } from "./artwork.js";
import { expect, test } from "./fixtures.js";
import { AGENTS, create, inputImage, tool } from "./responses.js";

const defaultHeaders = { "x-ms-oai-image-generation-deployment": "gpt-image-1" };
const HOLE = { left: 300, top: 300, width: 500, height: 400 };

const clients: Record<string, (simulator: Simulator) => OpenAI> = {
  "OpenAI on a resource, with a key": ({ url }) =>
    new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: "simulator-key", maxRetries: 0, defaultHeaders }),
  "AzureOpenAI on a resource, with a token": ({ url }) =>
    new AzureOpenAI({
      baseURL: `${url}/openai/v1`,
      azureADTokenProvider: async () => "simulator-token",
      apiVersion: "preview",
      maxRetries: 0,
      defaultHeaders,
    }),
  "OpenAI on a project, with a token": ({ url }) =>
    new OpenAI({ baseURL: `${url}/api/projects/studio/openai/v1`, apiKey: async () => "simulator-token", maxRetries: 0, defaultHeaders }),
};

const drawing = {
  model: "gpt-4.1",
  input: "Draw a lake",
  tools: [{ type: "image_generation" as const, quality: "low" as const, partial_images: 2 }],
};

function picturesOf({ output }: Response): Buffer[] {
  return output.flatMap((item) => (item.type === "image_generation_call" && item.result ? [Buffer.from(item.result, "base64")] : []));
}

async function read(stream: AsyncIterable<ResponseStreamEvent>): Promise<ResponseStreamEvent[]> {
  const events: ResponseStreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

const idOf = ([event]: readonly ResponseStreamEvent[]) => (event?.type === "response.created" ? event.response.id : "");

for (const [name, makeClient] of Object.entries(clients)) {
  test.describe(name, { tag: name.startsWith("AzureOpenAI") ? "@nightly" : [] }, () => {
    test("makes a response", async ({ simulator }) => {
      const response = await makeClient(simulator).responses.create(drawing);
      expect(response.output_text).toBe("Here is your picture.");
      const [picture] = picturesOf(response);
      expect(await sharp(picture).metadata()).toMatchObject({ format: "png", width: 1024, height: 1024 });
      expect(response.tool_usage?.image_gen.output_tokens).toBe(272);
    });

    test("streams a response", async ({ simulator }) => {
      const events = await read(await makeClient(simulator).responses.create({ ...drawing, stream: true }));
      expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
      expect(events.filter(({ type }) => type === "response.image_generation_call.partial_image")).toHaveLength(2);
      const last = events.at(-1);
      expect(last?.type === "response.completed" && picturesOf(last.response)).toHaveLength(1);
    });

    test("gathers a stream with its helper", async ({ simulator }) => {
      const stream = makeClient(simulator).responses.stream(drawing);
      const final = await stream.finalResponse();
      expect(picturesOf(final)).toHaveLength(1);
      expect(final.output_text).toBe("Here is your picture.");
    });

    test("waits for a response in the background, and deletes it", async ({ simulator }) => {
      const { responses } = makeClient(simulator);
      const { id, status } = await responses.create({ ...drawing, background: true });
      expect(status).toBe("queued");
      await expect.poll(async () => (await responses.retrieve(id)).status).toBe("completed");
      expect(picturesOf(await responses.retrieve(id))).toHaveLength(1);
      expect((await responses.inputItems.list(id)).data).toHaveLength(1);
      await responses.delete(id);
      await expect(responses.retrieve(id)).rejects.toBeInstanceOf(NotFoundError);
    });

    test("resumes a stream that was cut", async ({ simulator }) => {
      const { responses } = makeClient(simulator);
      const input = "Draw a lake [truncate=before-picture] [times=1]";
      const events = await read(await responses.create({ ...drawing, input, background: true, stream: true }));
      const last = events.at(-1);
      expect(last?.type).toBe("response.image_generation_call.completed");
      const rest = await read(await responses.retrieve(idOf(events), { stream: true, starting_after: last?.sequence_number ?? 0 }));
      expect(rest[0]).toMatchObject({ type: "response.output_item.done", sequence_number: (last?.sequence_number ?? 0) + 1 });
      expect(rest.at(-1)?.type).toBe("response.completed");
    });

    test("edits by an earlier response, and with a mask", async ({ simulator }) => {
      const { responses } = makeClient(simulator);
      const first = await responses.create(drawing);
      const second = await responses.create({ ...drawing, input: "Make it autumn", previous_response_id: first.id });
      const [before, after] = [picturesOf(first)[0], picturesOf(second)[0]];
      expect(before !== undefined && after !== undefined && before.equals(after)).toBe(false);

      const original = await photograph(1024, 1024).png().toBuffer();
      const opened = inputImage(await mask(1024, 1024, HOLE).png().toBuffer());
      const masked = await responses.create({
        ...drawing,
        input: [
          {
            role: "user",
            content: [
              { type: "input_text", text: "Add a pond" },
              { ...inputImage(original), type: "input_image", detail: "auto" },
            ],
          },
        ],
        tools: [{ type: "image_generation", quality: "low", input_image_mask: { image_url: opened.image_url } }],
      });
      const { outside, outsideAlike } = await compare(original, picturesOf(masked)[0] ?? Buffer.alloc(0), HOLE);
      expect(outsideAlike).toBe(outside);
    });

    test("converses, and keeps files", async ({ simulator }) => {
      const client = makeClient(simulator);
      const { id } = await client.conversations.create({ metadata: { app: "studio" } });
      await client.responses.create({ ...drawing, conversation: id });
      expect((await client.conversations.items.list(id)).data).toHaveLength(3);
      expect((await client.conversations.delete(id)).deleted).toBe(true);
      const file = await client.files.create({ file: await toFile(Buffer.from("text"), "a.txt"), purpose: "assistants" });
      expect(await (await client.files.content(file.id)).text()).toBe("text");
      expect((await client.files.delete(file.id)).deleted).toBe(true);
    });

    test("meets refusals as errors of its own", async ({ simulator }) => {
      const { responses } = makeClient(simulator);
      const withoutDeployment = responses.create(drawing, { headers: { "x-ms-oai-image-generation-deployment": null } });
      await expect(withoutDeployment).rejects.toMatchObject({ status: 400, param: "tools", code: "invalid_request_error" });
      await expect(responses.create({ ...drawing, input: "Draw [content-filter]" })).rejects.toBeInstanceOf(BadRequestError);
      const wrapped = responses.create({ ...drawing, input: "Draw [moderation-in-stream]", stream: true }).then(read);
      await expect(wrapped).rejects.toBeInstanceOf(APIError);
      await expect(responses.cancel((await responses.create(drawing)).id)).rejects.toThrow("Cannot cancel a synchronous response.");
    });
  });
}

test("a response in the background is cancelled", async () => {
  const simulator = await startSimulator({ latencyInMs: 60_000 });
  const { responses } = new OpenAI({ baseURL: `${simulator.url}/openai/v1`, apiKey: "simulator-key", defaultHeaders });
  const { id } = await responses.create({ ...drawing, background: true });
  expect((await responses.cancel(id)).status).toBe("cancelled");
  expect((await responses.retrieve(id)).status).toBe("cancelled");
  await simulator.close();
});

test("an agent answers", async ({ simulator }) => {
  const definition = { kind: "prompt", model: "gpt-4.1", tools: [tool({ size: "1536x1024" })] };
  await create(simulator, { definition }, `${AGENTS}/painter/versions?api-version=v1`);
  const client = new OpenAI({
    baseURL: `${simulator.url}/api/projects/studio/openai/v1`,
    apiKey: "simulator-token",
    maxRetries: 0,
    defaultHeaders,
  });
  const reference = { agent_reference: { type: "agent_reference", name: "painter" } };
  const response = await client.responses.create({ input: "Draw a lake", ...reference });
  expect(await sharp(picturesOf(response)[0]).metadata()).toMatchObject({ width: 1536, height: 1024 });
  expect(response).toMatchObject({ agent_reference: { name: "painter", version: "1" } });
});
