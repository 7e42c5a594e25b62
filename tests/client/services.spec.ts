// The models of all three services, against the simulator.

import sharp from "sharp";
import type * as Azure from "../../js/index.js";
import { expect, sent, test } from "./fixtures.js";
import { MEBIBYTE } from "./held.js";

const KEY = { key: "simulator-key" };

function image(width: number, height: number, format: "png" | "jpeg"): Promise<string> {
  const file = sharp({ create: { width, height, channels: 3, background: "teal" } });
  return file[format]()
    .toBuffer()
    .then((bytes) => bytes.toString("base64"));
}

test("a MAI model generates images of the requested size, one per request", async ({ page, simulator }) => {
  const { outcome, estimate } = await page.evaluate(
    async ([endpoint, credential]) => {
      const client = new azure.AzureImageClient(endpoint, credential, { deployment: "MAI-Image-2.6" });
      const request = { prompt: "a lighthouse in fog", size: "1366x775", n: 2 };
      return { outcome: await helpers.outcome(client.generate(request)), estimate: await client.estimate(request) };
    },
    [simulator.url, KEY] as const,
  );
  expect(outcome.error).toBeUndefined();
  expect(outcome.ok?.images.map(({ mediaType, width, height }) => [mediaType, width, height])).toEqual([
    ["image/png", 1360, 768],
    ["image/png", 1360, 768],
  ]);
  expect(outcome.ok?.images.map(({ sha256 }) => sha256).sort()).toEqual(sent(simulator, "final").sort());
  expect(outcome.ok?.warnings?.map(({ param, suggestion }) => [param, suggestion])).toEqual([["size", "1360x768"]]);
  expect(outcome.ok?.usage?.outputTokens).toBe(2 * 1020);
  expect(estimate).toMatchObject({ outputTokens: { min: 2040, max: 2040 }, cost: { min: 0.07752, max: 0.07752 } });
  expect(outcome.ok?.usage?.cost).toBeGreaterThan(0.07752);
  const posts = simulator.requests.filter(({ method }) => method === "POST");
  expect(posts.map(({ path, body }) => [path, body])).toEqual([
    ["/mai/v1/images/generations", { model: "MAI-Image-2.6", prompt: "a lighthouse in fog", width: 1360, height: 768 }],
    ["/mai/v1/images/generations", { model: "MAI-Image-2.6", prompt: "a lighthouse in fog", width: 1360, height: 768 }],
  ]);
});

test("a MAI model edits several images", async ({ page, simulator }) => {
  const images = [await image(1024, 1024, "png"), await image(800, 600, "jpeg")];
  const outcome = await page.evaluate(
    ([endpoint, credential, images]) => {
      const blobs = images.map((text) => new Blob([Uint8Array.from(atob(text), (character) => character.charCodeAt(0))]));
      const client = new azure.AzureImageClient(endpoint, credential, { deployment: "MAI-Image-2.6-Flash" });
      return helpers.outcome(client.edit({ prompt: "put the cup of image 2 on the table", image: blobs }));
    },
    [simulator.url, KEY, images] as const,
  );
  expect(outcome.error).toBeUndefined();
  expect(outcome.ok?.images.map(({ sha256 }) => sha256)).toEqual(sent(simulator, "final"));
  const [post] = simulator.requests.filter(({ method }) => method === "POST");
  expect(post?.path).toBe("/mai/v1/images/edits");
  expect(post?.files?.map(({ field, filename, contentType }) => [field, filename, contentType])).toEqual([
    ["image", "image-1.png", "image/png"],
    ["image", "image-2.jpg", "image/jpeg"],
  ]);
});

test("a FLUX model generates with its own options and reports the cost", async ({ page, simulator }) => {
  const outcome = await page.evaluate(
    ([endpoint, credential]) => {
      const client = new azure.AzureImageClient(`${endpoint}/openai/v1`, credential, { deployment: "FLUX.2-flex" });
      const request = { prompt: "an oak chair", size: "1024x768", outputFormat: "jpeg", seed: 7, guidance: 4.5, steps: 20, safetyTolerance: 3 };
      return helpers.outcome(client.generate({ ...request, promptUpsampling: true, n: 2 }));
    },
    [simulator.url, KEY] as const,
  );
  expect(outcome.error).toBeUndefined();
  expect(outcome.ok?.images.map(({ mediaType, width, height }) => [mediaType, width, height])).toEqual([
    ["image/jpeg", 1024, 768],
    ["image/jpeg", 1024, 768],
  ]);
  expect(outcome.ok?.usage?.cost).toBe(0.1);
  expect(outcome.ok?.usage?.totalTokens).toBe(0);
  const [post] = simulator.requests.filter(({ method }) => method === "POST");
  expect([post?.path, post?.query, post?.body]).toEqual([
    "/providers/blackforestlabs/v1/flux-2-flex",
    { "api-version": "preview" },
    {
      ...{ model: "FLUX.2-flex", prompt: "an oak chair", n: 1, width: 1024, height: 768, output_format: "jpeg" },
      ...{ seed: 7, guidance: 4.5, steps: 20, safety_tolerance: 3, prompt_upsampling: true },
    },
  ]);
});

test("a FLUX model edits images, which are sent as base64", async ({ page, simulator }) => {
  const images = [await image(1024, 512, "png"), await image(600, 400, "jpeg")];
  const outcome = await page.evaluate(
    ([endpoint, credential, images]) => {
      const blobs = images.map((text) => new Blob([Uint8Array.from(atob(text), (character) => character.charCodeAt(0))]));
      const client = new azure.AzureImageClient(endpoint, credential, { deployment: "FLUX.2-pro" });
      return helpers.outcome(client.edit({ prompt: 'the same "chair", in oak', image: blobs, size: "1008x752" }));
    },
    [simulator.url, KEY, images] as const,
  );
  expect(outcome.error).toBeUndefined();
  expect(outcome.ok?.images.map(({ width, height }) => [width, height])).toEqual([[1008, 752]]);
  const [post] = simulator.requests.filter(({ method }) => method === "POST");
  expect(post?.path).toBe("/providers/blackforestlabs/v1/flux-2-pro");
  expect(post?.body).toMatchObject({ prompt: 'the same "chair", in oak', input_image: images[0], input_image_2: images[1] });
});

test("what a model cannot do is refused before anything is sent", async ({ page, simulator }) => {
  const square = await image(1024, 1024, "png");
  const refusals = await page.evaluate(
    async ([endpoint, credential, square]) => {
      const image = new Blob([Uint8Array.from(atob(square), (character) => character.charCodeAt(0))]);
      const client = new azure.AzureImageClient(endpoint, credential, { deployment: "MAI-Image-2.6" });
      const prompt = "a lighthouse";
      const calls: (() => Promise<Azure.GenerateResult>)[] = [
        () => client.edit({ prompt, image, mask: image }),
        () => client.generate({ prompt, background: "transparent" }),
        () => client.generate({ prompt, outputFormat: "webp" }),
        () => client.generate({ prompt, quality: "high" }),
        () => client.generate({ prompt, seed: 1 }),
        () => client.generate({ prompt, deployment: "FLUX.2-flex", guidance: 11 }),
        () => client.generate({ prompt, deployment: "FLUX-1.1-pro", model: "nobody-knows", service: "flux" }),
        () => client.generate({ prompt, service: "other" as "mai" }),
      ];
      const found = [];
      for (const call of calls) {
        const { error } = await helpers.outcome(call());
        found.push([error?.code, error?.param, error?.message] as const);
      }
      return found;
    },
    [simulator.url, KEY, square] as const,
  );
  expect(refusals.map(([code]) => code)).toEqual(refusals.map(() => "invalid_request"));
  expect(refusals.map(([, param]) => param)).toEqual(["mask", "background", "outputFormat", "quality", "seed", "guidance", "model", "service"]);
  expect(refusals[0]?.[2]).toContain("Models that support it: gpt-image-2.5-flare");
  expect(simulator.requests.filter(({ method }) => method === "POST")).toEqual([]);
});

test("a stream of a model that does not stream yields the image, with a warning", async ({ page, simulator }) => {
  const { events, warnings } = await page.evaluate(
    async ([endpoint, credential]) => {
      const events = [];
      const warnings = [];
      for (const deployment of ["MAI-Image-2.6", "FLUX.2-pro"]) {
        const client = new azure.AzureImageClient(endpoint, credential, { deployment });
        const stream = client.generateStream({ prompt: "a heron", partialImages: 2, n: 2 });
        for await (const { type } of stream) events.push(type);
        warnings.push((await stream.result()).warnings?.map(({ param }) => param));
      }
      return { events, warnings };
    },
    [simulator.url, KEY] as const,
  );
  expect(events).toEqual(["image", "image", "image", "image"]);
  expect(warnings.map((params) => params?.includes("stream"))).toEqual([true, true]);
});

test("a probe finds a deployment of each service, and what is missing", async ({ page, simulator }) => {
  const reports = await page.evaluate(
    async ([endpoint, credential]) => {
      const reports = [];
      for (const options of [
        { deployment: "MAI-Image-2.6" },
        { deployment: "FLUX.2-pro" },
        { deployment: "mai-image-of-nobody" },
        { deployment: "FLUX.2-pro", model: "FLUX.2-flex" },
        { deployment: "flux-of-nobody" },
      ]) {
        const { ok, deployment } = await new azure.AzureImageClient(endpoint, credential, options).probe();
        reports.push([ok, deployment.status]);
      }
      return reports;
    },
    [simulator.url, KEY] as const,
  );
  expect(reports).toEqual([
    [true, "ok"],
    [true, "ok"],
    [false, "failed"],
    [false, "failed"],
    [false, "failed"],
  ]);
  expect(sent(simulator, "final")).toEqual([]);
});

test("an image of 20 MB goes to a FLUX model without growing memory", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(
    async ([endpoint, credential]) => {
      const canvas = new OffscreenCanvas(2600, 2600);
      const context = canvas.getContext("2d")!;
      const noise = context.createImageData(2600, 2600);
      for (let start = 0; start < noise.data.length; start += 65_536) crypto.getRandomValues(noise.data.subarray(start, start + 65_536));
      for (let index = 3; index < noise.data.length; index += 4) noise.data[index] = 255;
      context.putImageData(noise, 0, 0);
      const blob = await canvas.convertToBlob({ type: "image/png" });
      const client = new azure.AzureImageClient(endpoint, credential, { deployment: "FLUX.2-pro" });
      // Loads the engine before the measurement starts.
      await client.getEndpoint();
      const stop = await helpers.watchHeap();
      // Only Chromium tells the size of its heap.
      const heap = () => (performance as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0;
      const before = heap();
      let most = before;
      const timer = setInterval(() => (most = Math.max(most, heap())), 1);
      const { images } = await client.edit({ prompt: "a little brighter", image: blob });
      clearInterval(timer);
      const left = (await stop())?.left ?? 0;
      return { byteLength: blob.size, width: images[0]?.width, memory: helpers.memory(), grown: most - before, left };
    },
    [simulator.url, KEY] as const,
  );
  expect(report.byteLength).toBeGreaterThan(20_000_000);
  expect(report.width).toBeGreaterThan(0);
  expect(report.memory).toBeLessThanOrEqual(4 * MEBIBYTE);
  // As a string, the image would take 27 MB, and with its JSON twice that.
  expect(report.grown).toBeLessThan(12 * MEBIBYTE);
  expect(report.left).toBeLessThan(MEBIBYTE);
});
