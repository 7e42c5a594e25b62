// Whether anything grows in a page that makes one picture after the other: a few of them here, many by `npm run soak`.

import { nginx, WITHOUT_NGINX } from "../nginx.js";
import { expect } from "./fixtures.js";
import { type Held, MEBIBYTE, watchHeld } from "./held.js";
import { openssl, test, WITHOUT_OPENSSL } from "./proxied.js";

const { SOAK_GENERATIONS } = process.env;
const GENERATIONS = Number(SOAK_GENERATIONS ?? 200);
/** It takes minutes, and prints what it sees. */
const IS_LONG = SOAK_GENERATIONS !== undefined;

test.skip(({ engine }) => engine !== "chromium", "Only Chromium tells what a page holds.");
test.skip(!nginx, WITHOUT_NGINX);
test.skip(!openssl, WITHOUT_OPENSSL);

interface Pictures {
  endpoint: string;
  /** The number of the first of them. */
  first: number;
  count: number;
}

/** Makes pictures one after the other, each shown and let go of: nine at once small ones, then a streamed one with a preview. */
async function make({ endpoint, first, count }: Pictures) {
  const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
  for (let index = first; index < first + count; index += 1) {
    if (index % 10 < 9) {
      const { images } = await client.generate({ prompt: "a lake", deployment: "dall-e-2", size: "256x256" }, { abortSignal: signal });
      await helpers.load(images[0]!.objectUrl);
      images[0]!.dispose();
      continue;
    }
    const request = { prompt: "a lake", deployment: "gpt-image-1", outputFormat: "jpeg", partialImages: 1 } as const;
    const stream = client.generateStream(request, { abortSignal: signal });
    for await (const { image } of stream) await helpers.load(image.objectUrl);
    for (const image of (await stream.result()).images) image.dispose();
  }
}

/** Makes 64 pictures at once, and gives how many came. The requests are whole, and answered, only when the page is told to `release` them. */
async function stream64(endpoint: string): Promise<number> {
  const released = new Promise<void>((resolve) => (globalThis.release = resolve));
  const fetchHeld = async (request: Request) => {
    const bytes = new Uint8Array(await request.arrayBuffer());
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(bytes.subarray(0, 1));
        await released;
        controller.enqueue(bytes.subarray(1));
        controller.close();
      },
    });
    return fetch(request.url, { method: "POST", headers: request.headers, signal: request.signal, body, duplex: "half" } as RequestInit);
  };
  const options = { deployment: "gpt-image-1", fetch: fetchHeld, maxParallelRequests: 64 };
  const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, options);
  const one = async () => {
    const stream = client.generateStream({ prompt: "a lake", outputFormat: "jpeg", partialImages: 1 }, { abortSignal: signal });
    for await (const { image } of stream) await helpers.load(image.objectUrl);
    const { images } = await stream.result();
    for (const image of images) image.dispose();
    return images.length;
  };
  const counts = await Promise.all(Array.from({ length: 64 }, one));
  return counts.reduce((sum, count) => sum + count, 0);
}

declare global {
  var release: () => void;
}

test(`64 streams at once, then ${GENERATIONS} pictures one after the other: nothing grows`, { tag: "@nightly" }, async ({
  page,
  proxied,
  simulator,
}) => {
  if (IS_LONG) test.setTimeout(0);
  else test.slow();
  const mebibytes = (bytes: number) => (bytes / MEBIBYTE).toFixed(2);
  const print = (what: string, { wasm, heap, urls, listeners, signalListeners }: Held) => {
    if (IS_LONG) console.log(`| ${[what, mebibytes(wasm), mebibytes(heap), urls, listeners, signalListeners].join(" | ")} |`);
  };
  if (IS_LONG) console.log("\n| | WebAssembly, MiB | JS heap, MiB | object URLs | listeners | of them on the signal |\n|---|---|---|---|---|---|");
  const held = await watchHeld(page);
  print("at the start", await held());

  // Which the simulator then paints once.
  await page.evaluate(make, { endpoint: simulator.url, first: 8, count: 2 });
  const streams = page.evaluate(stream64, `${proxied}/held`);
  await expect.poll(() => simulator.activeRequests).toBe(64);
  await page.evaluate(() => release());
  expect(await streams).toBe(64);
  const begun = await held();
  print("64 streams at once", begun);
  // As memory.spec.ts has it: each further picture at the same time takes a quarter of a mebibyte.
  expect(begun.wasm).toBeLessThanOrEqual((4 + 63 / 4) * MEBIBYTE);
  expect(begun).toMatchObject({ urls: 0, signalListeners: 0 });

  let first: Held | undefined;
  for (let done = 0; done < GENERATIONS; ) {
    const count = GENERATIONS / 10;
    await page.evaluate(make, { endpoint: simulator.url, first: done, count });
    simulator.reset();
    done += count;
    const now = await held();
    print(`${done} pictures`, now);
    first ??= now;
    expect(now).toMatchObject({ wasm: begun.wasm, urls: 0, signalListeners: 0, listeners: first.listeners });
    expect(now.heap).toBeLessThan(first.heap + MEBIBYTE);
  }
});
