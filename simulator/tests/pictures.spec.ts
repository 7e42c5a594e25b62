/** The pictures, and what the answers say about them. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { expect, post, readEvents, request, sha256, streamed, test } from "./fixtures.js";

const CLI = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

async function generate(simulator: Simulator, body: object): Promise<{ answer: any; pictures: Buffer[] }> {
  const response = await post(simulator, body);
  expect(response.status).toBe(200);
  const answer: any = await response.json();
  return { answer, pictures: answer.data.map((image: any) => Buffer.from(image.b64_json, "base64")) };
}

for (const format of ["png", "jpeg", "webp"]) {
  test(`has the size and the format that were asked for: ${format}`, async ({ simulator }) => {
    const { answer, pictures } = await generate(simulator, request("a lake", { output_format: format, size: "1024x1536" }));
    expect(await sharp(pictures[0]).metadata()).toMatchObject({ format, width: 1024, height: 1536, channels: 3 });
    expect(answer).toMatchObject({ output_format: format, size: "1024x1536", background: "opaque", quality: "high" });
  });
}

for (const format of ["png", "webp"]) {
  test(`is transparent when asked: ${format}`, async ({ simulator }) => {
    const { answer, pictures } = await generate(simulator, request("a lake", { output_format: format, background: "transparent" }));
    expect(answer.background).toBe("transparent");
    const { data, info } = await sharp(pictures[0]).raw().toBuffer({ resolveWithObject: true });
    expect(info.channels).toBe(4);
    expect(data[3]).toBe(0);
    expect(data[(512 * 1024 + 512) * 4 + 3]).toBe(255);
  });
}

test("is smaller with a lower output_compression", async ({ simulator }) => {
  const [low, high] = await Promise.all(
    [20, 90].map((compression) => generate(simulator, request("a lake", { output_format: "jpeg", output_compression: compression }))),
  );
  expect(low?.pictures[0]?.length).toBeLessThan((high?.pictures[0]?.length ?? 0) / 2);
});

test("depends on the prompt and the place in the answer, and on nothing else", async ({ simulator }) => {
  const hashes = async (prompt: string) =>
    (await generate(simulator, request(prompt, { n: 2 }))).pictures.map((picture) => sha256(picture.toString("base64")));
  const [first, again, other] = [await hashes("a lake"), await hashes("a lake [chunk=100000]"), await hashes("a river")];
  expect(again).toEqual(first);
  expect(new Set([...first, ...other]).size).toBe(4);
});

test("is the same in every process", async ({ simulator }) => {
  const hash = async ({ url }: Pick<Simulator, "url">) =>
    sha256((await generate({ ...simulator, url }, request("a lake"))).pictures[0]?.toString("base64") ?? "");
  const command = spawn(process.execPath, [CLI, "--port", "0", "--latency", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface(command.stdout), "line")) as [string];
  const [url = ""] = /http:\S+/.exec(line) ?? [];
  expect(await hash({ url })).toBe(await hash(simulator));
  command.kill();
});

test("is approached by its previews", async ({ simulator }) => {
  const response = await post(simulator, streamed("a forest", { partial_images: 3 }));
  const pictures = readEvents(await response.text()).map(({ data }) => Buffer.from(data["b64_json"], "base64"));
  const pixels = await Promise.all(pictures.map((picture) => sharp(picture).raw().toBuffer()));
  const final = pixels.at(-1)!;
  const differences = pixels.map((preview) => {
    expect(preview.length).toBe(final.length);
    return preview.reduce((sum, value, index) => sum + Math.abs(value - final[index]!), 0) / final.length;
  });
  const [first, second, third, last] = differences as [number, number, number, number];
  expect(first).toBeGreaterThan(second * 1.1);
  expect(second).toBeGreaterThan(third * 1.1);
  expect(third).toBeGreaterThan(1);
  expect(last).toBe(0);
  // The first preview shows the same picture, not another one.
  expect(first).toBeLessThan(40);
});

test("has the keys of Azure's answer in Azure's order", async ({ simulator }) => {
  const { answer } = await generate(simulator, request("a lake"));
  expect(Object.keys(answer)).toEqual(["created", "background", "output_format", "quality", "size", "data", "usage"]);
  expect(Object.keys(answer.data[0])).toEqual(["b64_json", "content_filter_results", "prompt_filter_results"]);
  expect(answer.created).toBeCloseTo(Date.now() / 1000, -2);

  const events = readEvents(await (await post(simulator, streamed("a lake"))).text());
  expect(events.map(({ name, data }) => [name, data["partial_image_index"]])).toEqual([
    ["image_generation.partial_image", 0],
    ["image_generation.partial_image", 1],
    ["image_generation.completed", undefined],
  ]);
  const look = ["created_at", "size", "quality", "background", "output_format"];
  expect(Object.keys(events[0]!.data)).toEqual(["type", "partial_image_index", "b64_json", ...look]);
  expect(Object.keys(events[2]!.data)).toEqual(["type", "b64_json", ...look, "usage"]);
});

const charges: readonly [body: object, outputTokens: number][] = [
  [request("a lake", { quality: "low" }), 272],
  [request("a lake", { quality: "medium", size: "1536x1024" }), 1568],
  [request("a lake", { quality: "high", n: 2 }), 8320],
  [{ model: "gpt-image-1-mini", prompt: "a lake" }, 1056],
  [{ model: "gpt-image-2", prompt: "a lake", size: "1536x1024" }, 5488],
  [{ model: "gpt-image-2", prompt: "a lake", size: "2048x1024", quality: "low" }, 392],
];

for (const [body, outputTokens] of charges) {
  test(`costs ${outputTokens} tokens: ${JSON.stringify(body)}`, async ({ simulator }) => {
    const { answer } = await generate(simulator, body);
    expect(answer.usage).toEqual({
      input_tokens: 5,
      input_tokens_details: { image_tokens: 0, text_tokens: 5 },
      output_tokens: outputTokens,
      total_tokens: 5 + outputTokens,
    });
  });
}

test("comes from dall-e as base64 when asked", async ({ simulator }) => {
  const { answer, pictures } = await generate(simulator, { model: "dall-e-2", prompt: "a lake", size: "256x256", response_format: "b64_json" });
  expect(await sharp(pictures[0]).metadata()).toMatchObject({ format: "png", width: 256, height: 256 });
  expect(Object.keys(answer)).toEqual(["created", "data"]);
});

test("comes one after another in a stream of several", async ({ simulator }) => {
  const events = readEvents(await (await post(simulator, streamed("a lake", { n: 2, partial_images: 1 }))).text());
  expect(events.map(({ name }) => name?.split(".")[1])).toEqual(["partial_image", "completed", "partial_image", "completed"]);
  expect(simulator.pictures).toHaveLength(4);
});

test("is another one each time where the seed is a function, and the same again where it is a text", async () => {
  let asked = 0;
  for (const [seed, different] of [
    [() => `seed ${++asked}`, 2],
    ["one", 1],
  ] as const) {
    const simulator = await startSimulator({ seed });
    const answers = [await generate(simulator, request("a lake")), await generate(simulator, request("a lake"))];
    expect(new Set(answers.map(({ pictures }) => pictures[0]?.toString("base64")))).toHaveProperty("size", different);
    await simulator.close();
  }
});
