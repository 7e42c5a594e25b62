/** The npm package `openai` calling tools beside image generation, with the simulator. */

import OpenAI, { BadRequestError, toFile } from "openai";
import type { Response, ResponseInputItem, Tool } from "openai/resources/responses/responses";
import sharp from "sharp";
import type { Simulator } from "azure-image-simulator";
import { expect, test } from "./fixtures.js";
import { inputImage } from "./responses.js";

const connect = ({ url }: Simulator) =>
  new OpenAI({
    baseURL: `${url}/openai/v1`,
    apiKey: "simulator-key",
    maxRetries: 0,
    defaultHeaders: { "x-ms-oai-image-generation-deployment": "gpt-image-1" },
  });

const model = "gpt-4.1";
const image: Tool = { type: "image_generation", quality: "low" };
const weather: Tool = {
  type: "function",
  name: "get_weather",
  description: "Returns the weather of a city.",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
  strict: true,
};

/** Answers the calls of a response as an app would. */
function replies({ output }: Response): ResponseInputItem[] {
  return output.flatMap((item) =>
    item.type === "function_call"
      ? [{ type: "function_call_output", call_id: item.call_id, output: `Snow in ${JSON.parse(item.arguments).city}` }]
      : [],
  );
}

function expectPainted({ output, output_text }: Response): void {
  const [call] = output;
  expect(call?.type === "image_generation_call" && call.result).toBeTruthy();
  expect(output_text).toBe("get_weather returned: Snow in Oslo. Here is your picture.");
}

const QUESTION = "Get the weather in Oslo and draw it";

test("a function is called and the image is drawn", async ({ simulator }) => {
  const { responses } = connect(simulator);
  const first = await responses.create({ model, input: QUESTION, tools: [weather, image] });
  expect(first.output_text).toBe("");
  expectPainted(await responses.create({ model, input: replies(first), tools: [weather, image], previous_response_id: first.id }));
  const unknown = responses.create({ model, input: [{ type: "function_call_output", call_id: "call_x", output: "" }] });
  await expect(unknown).rejects.toThrow(BadRequestError);
});

test("a function is called in a stream", async ({ simulator }) => {
  const { responses } = connect(simulator);
  const first = responses.stream({ model, input: QUESTION, tools: [weather, image] });
  const snapshots: string[] = [];
  first.on("response.function_call_arguments.delta", ({ snapshot }) => snapshots.push(snapshot));
  const called = await first.finalResponse();
  expect(snapshots.at(-1)).toBe('{"city":"Oslo"}');
  expect(called.output).toMatchObject([{ type: "function_call", name: "get_weather", parsed_arguments: { city: "Oslo" } }]);
  const second = responses.stream({ model, input: replies(called), tools: [weather, image], previous_response_id: called.id });
  expectPainted(await second.finalResponse());
});

test("a call of an MCP server is approved", async ({ simulator }) => {
  const { responses } = connect(simulator);
  const tools: Tool[] = [{ type: "mcp", server_label: "docs", server_url: "https://example.com/mcp", require_approval: "always" }];
  const first = await responses.create({ model, input: "Ask the docs", tools });
  const request = first.output.find((item) => item.type === "mcp_approval_request");
  expect(request).toMatchObject({ server_label: "docs", name: "search" });
  const second = await responses.create({
    model,
    input: [{ type: "mcp_approval_response", approval_request_id: request?.id ?? "", approve: true }],
    tools,
    previous_response_id: first.id,
  });
  const call = second.output.find((item) => item.type === "mcp_call");
  expect(call).toMatchObject({ approval_request_id: request?.id, output: expect.stringContaining("Ask the docs") });
  expect(second.output_text).toContain(String(call?.output));
});

test("the file of the code interpreter is downloaded", async ({ simulator }) => {
  const client = connect(simulator);
  const response = await client.responses
    .stream({ model, input: "Calculate the squares as CSV", tools: [{ type: "code_interpreter", container: { type: "auto" } }] })
    .finalResponse();
  const [annotation] = response.output.flatMap((item) =>
    item.type === "message" ? item.content.flatMap((part) => (part.type === "output_text" ? part.annotations : [])) : [],
  );
  if (annotation?.type !== "container_file_citation") throw new Error("The message cites no file.");
  const place = { container_id: annotation.container_id };
  const content = await client.containers.files.content.retrieve(annotation.file_id, place);
  expect(await content.text()).toMatch(/^number,square\n1,1\n/);
  expect(await client.containers.files.retrieve(annotation.file_id, place)).toMatchObject({ object: "container.file", source: "assistant" });
});

test("file search cites an uploaded file", async ({ simulator }) => {
  const client = connect(simulator);
  const file = await client.files.create({ file: await toFile(Buffer.from("Lakes are deep."), "lakes.txt"), purpose: "assistants" });
  const { output } = await client.responses.create({
    model,
    input: "Search the files for lakes",
    tools: [{ type: "file_search", vector_store_ids: ["vs_1"] }],
    include: ["file_search_call.results"],
  });
  expect(output[0]).toMatchObject({ type: "file_search_call", results: [{ file_id: file.id, text: "Lakes are deep." }] });
  expect(output[1]).toMatchObject({ content: [{ annotations: [{ type: "file_citation", file_id: file.id, filename: "lakes.txt" }] }] });
  expect(await (await client.files.content(file.id)).text()).toBe("Lakes are deep.");
});

test("a computer call gets a screenshot", async ({ simulator }) => {
  const { responses } = connect(simulator);
  const tools: Tool[] = [{ type: "computer_use_preview", environment: "browser", display_width: 640, display_height: 480 }];
  const first = await responses.create({ model, input: "Click the button in the browser", tools, truncation: "auto" });
  const [call] = first.output;
  if (call?.type !== "computer_call") throw new Error("The computer is not called.");
  expect(call.action).toEqual({ type: "screenshot" });
  const screenshot = await sharp({ create: { width: 640, height: 480, channels: 3, background: "#ffffff" } })
    .png()
    .toBuffer();
  const { image_url } = inputImage(screenshot);
  const second = await responses.create({
    model,
    input: [{ type: "computer_call_output", call_id: call.call_id, output: { type: "computer_screenshot", image_url } }],
    tools,
    previous_response_id: first.id,
    truncation: "auto",
  });
  expect(second.output_text).toContain("640x480");
});
