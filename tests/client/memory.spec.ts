// WebAssembly's memory never shrinks, so what it holds in the end is the most that was ever needed.

import { expect, test } from "./fixtures.js";
import { MEBIBYTE } from "./held.js";

/** Streams pictures of that size within the page, so many at once, each by a client of its own, and gives WebAssembly's memory. */
async function pictures({ count, atOnce, byteLength }: { count: number; atOnce: number; byteLength: number }): Promise<number> {
  const picture = new Uint8Array(byteLength);
  // Signature and IHDR of a PNG of 1024 × 1024 pixels.
  picture.setFromHex("89504e470d0a1a0a0000000d49484452000004000000040008060000007f1d2b83");
  const event = { type: "image_generation.completed", b64_json: picture.toBase64(), output_format: "png" };
  const bytes = new TextEncoder().encode(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  const chunked = () => {
    let start = 0;
    return new ReadableStream({
      pull(controller) {
        if (start >= bytes.length) return controller.close();
        controller.enqueue(bytes.subarray(start, (start += 65_536)));
      },
    });
  };
  const fetch = async () => new Response(chunked(), { headers: { "content-type": "text/event-stream" } });
  const one = async () => {
    const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", { deployment: "gpt-image-1", fetch });
    const { images } = await client.generateStream({ prompt: "a lake" }).result();
    if (images[0]?.byteLength !== byteLength) throw new Error(`The picture has ${images[0]?.byteLength} bytes.`);
  };
  for (let done = 0; done < count; done += atOnce) await Promise.all(Array.from({ length: atOnce }, one));
  return helpers.memory();
}

test("a thousand pictures one after the other, each of a new client, take no more memory than one large one", { tag: "@browser" }, async ({
  page,
}) => {
  expect(await page.evaluate(pictures, { count: 1000, atOnce: 1, byteLength: 20_000 })).toBeLessThanOrEqual(4 * MEBIBYTE);
});

test("four large pictures at once, as many as a call asks for at the same time, take no more than 4 MiB", { tag: "@browser" }, async ({ page }) => {
  expect(await page.evaluate(pictures, { count: 8, atOnce: 4, byteLength: 5_000_000 })).toBeLessThanOrEqual(4 * MEBIBYTE);
});

test("each further picture at the same time takes a quarter of a mebibyte", { tag: "@nightly" }, async ({ page }) => {
  expect(await page.evaluate(pictures, { count: 64, atOnce: 32, byteLength: 5_000_000 })).toBeLessThanOrEqual((4 + 31 / 4) * MEBIBYTE);
});
