import { expect, test } from "../browser/fixtures.js";

const GENERATIONS = Number(process.env["SOAK_GENERATIONS"] ?? 10_000);
const MEBIBYTE = 1024 * 1024;

/** What a page holds. */
interface Held {
  wasm: number;
  heap: number;
  urls: number;
  /** Of all of the page, and those on the signal that all calls share. */
  listeners: number;
  signalListeners: number;
}

interface Pictures {
  endpoint: string;
  /** The number of the first of them. */
  first: number;
  count: number;
}

declare global {
  var signal: AbortSignal;
}

/** Makes pictures one after the other, each shown and let go of: nine at once small ones, then a streamed one with a preview. */
async function make({ endpoint, first, count }: Pictures) {
  const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" });
  for (let index = first; index < first + count; index += 1) {
    if (index % 10 < 9) {
      const { images } = await client.generate({ prompt: `lake ${index}`, deployment: "dall-e-2", size: "256x256" }, { abortSignal: signal });
      await helpers.load(images[0]!.objectUrl);
      images[0]!.dispose();
      continue;
    }
    const request = { prompt: `lake ${index}`, deployment: "gpt-image-1", outputFormat: "jpeg", partialImages: 1 } as const;
    const stream = client.generateStream(request, { abortSignal: signal });
    for await (const { image } of stream) await helpers.load(image.objectUrl);
    for (const image of (await stream.result()).images) image.dispose();
  }
}

test(`64 streams at once, then ${GENERATIONS} pictures one after the other: nothing grows`, async ({ page, simulator }) => {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const held = async (): Promise<Held> => {
    await session.send("HeapProfiler.collectGarbage");
    const { metrics } = await session.send("Performance.getMetrics");
    const metric = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
    const { wasm, urls, signalListeners } = await page.evaluate(() => ({
      wasm: helpers.memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
      urls: helpers.liveUrls.size,
      signalListeners: helpers.listenersOf(signal),
    }));
    return { wasm, heap: metric("JSHeapUsedSize"), urls, listeners: metric("JSEventListeners"), signalListeners };
  };
  const mebibytes = (bytes: number) => (bytes / MEBIBYTE).toFixed(2);
  const print = (what: string, { wasm, heap, urls, listeners, signalListeners }: Held) =>
    console.log(`| ${[what, mebibytes(wasm), mebibytes(heap), urls, listeners, signalListeners].join(" | ")} |`);

  console.log("\n| | WebAssembly, MiB | JS heap, MiB | object URLs | listeners | of them on the signal |\n|---|---|---|---|---|---|");
  const { url: endpoint } = simulator;
  await page.evaluate(async () => {
    globalThis.signal = new AbortController().signal;
    await azure.init();
  });
  print("at the start", await held());

  await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const one = async (_: unknown, index: number) => {
      const stream = client.generateStream({ prompt: `lake ${index}`, partialImages: 2 }, { abortSignal: signal });
      for await (const { image } of stream) await helpers.load(image.objectUrl);
      for (const image of (await stream.result()).images) image.dispose();
    };
    await Promise.all(Array.from({ length: 64 }, one));
  }, endpoint);
  const begun = await held();
  print("64 streams at once", begun);

  let first: Held | undefined;
  for (let done = 0; done < GENERATIONS; ) {
    const count = GENERATIONS / 10;
    await page.evaluate(make, { endpoint, first: done, count });
    simulator.reset();
    done += count;
    const now = await held();
    print(`${done} pictures`, now);
    first ??= now;
    expect(now).toMatchObject({ wasm: begun.wasm, urls: 0, signalListeners: 0, listeners: first.listeners });
    expect(now.heap).toBeLessThan(first.heap + MEBIBYTE);
  }
});
