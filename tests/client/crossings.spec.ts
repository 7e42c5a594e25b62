// Calls between WebAssembly and JavaScript cost more than the work of a small chunk. Their number does not depend on the machine.

import { expect, test } from "./fixtures.js";

/** Counts the calls from WebAssembly to JavaScript: of a whole call, and from each chunk of its response to the next one. */
async function count({ imageBytes, chunkBytes }: { imageBytes: number; chunkBytes: number }): Promise<{ call: number; chunks: number[] }> {
  let calls = 0;
  const counted = (imports: WebAssembly.Imports = {}): WebAssembly.Imports =>
    Object.fromEntries(
      Object.entries(imports).map(([module, members]) => [
        module,
        Object.fromEntries(
          Object.entries(members).map(([name, run]) => [
            name,
            typeof run === "function" ? (...parameters: unknown[]) => ((calls += 1), (run as CallableFunction)(...parameters)) : run,
          ]),
        ),
      ]),
    );
  const { instantiate, instantiateStreaming } = WebAssembly;
  WebAssembly.instantiateStreaming = (source, imports) => instantiateStreaming(source, counted(imports));
  WebAssembly.instantiate = ((source: WebAssembly.Module, imports?: WebAssembly.Imports) =>
    instantiate(source, counted(imports))) as typeof WebAssembly.instantiate;

  const picture = new Uint8Array(imageBytes);
  picture.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const base64 = btoa(Array.from(picture, (byte) => String.fromCharCode(byte)).join(""));
  const usage = {
    ...{ input_tokens: 12, output_tokens: 4160, total_tokens: 4172 },
    input_tokens_details: { text_tokens: 12, image_tokens: 0 },
  };
  const events = [
    { type: "image_generation.partial_image", partial_image_index: 0, b64_json: base64 },
    { type: "image_generation.partial_image", partial_image_index: 1, b64_json: base64 },
    { type: "image_generation.completed", b64_json: base64, usage, created_at: 1, size: "1024x1024", quality: "low", output_format: "png" },
  ];
  const bytes = new TextEncoder().encode(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
  let before: number | undefined;
  let chunks: number[] = [];
  const body = () => {
    let start = 0;
    return new ReadableStream(
      {
        async pull(controller) {
          // The next chunk arrives after the engine has read this one.
          await new Promise((resolve) => setTimeout(resolve));
          if (before !== undefined) chunks.push(calls - before);
          before = calls;
          if (start >= bytes.length) return controller.close();
          controller.enqueue(bytes.slice(start, (start += chunkBytes)));
        },
      },
      new CountQueuingStrategy({ highWaterMark: 0 }),
    );
  };
  const fetch = async () => new Response(body(), { headers: { "content-type": "text/event-stream" } });
  const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", { deployment: "gpt-image-1", fetch });
  const generate = async () => {
    [before, chunks] = [undefined, []];
    const start = calls;
    const stream = client.generateStream({ prompt: "a lake", size: "1024x1024", quality: "low", partialImages: 2 });
    for await (const _ of stream);
    const { images } = await stream.result();
    if (images[0]?.byteLength !== imageBytes) throw new Error(`The picture has ${images[0]?.byteLength} bytes.`);
    return calls - start;
  };
  // The first call also creates the client of the engine.
  await generate();
  return { call: await generate(), chunks };
}

test("a call with three images takes at most 120 calls of JavaScript", { tag: "@browser" }, async ({ page }) => {
  const { call } = await page.evaluate(count, { imageBytes: 10_000, chunkBytes: 65_536 });
  expect(call).toBeGreaterThan(10);
  expect(call).toBeLessThanOrEqual(120);
});

test("a chunk within an image takes at most 8 calls of JavaScript", { tag: "@browser" }, async ({ page }) => {
  const { chunks } = await page.evaluate(count, { imageBytes: 100_000, chunkBytes: 1024 });
  // Three chunks end an image each.
  const within = chunks.sort((one, other) => one - other).slice(0, -3);
  expect(within.length).toBeGreaterThan(300);
  expect(within.at(-1)).toBeGreaterThan(0);
  expect(within.at(-1)).toBeLessThanOrEqual(8);
});
