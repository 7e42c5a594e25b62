import sharp from "sharp";
import { expect, sent, test } from "./fixtures.js";
import { MEBIBYTE } from "./held.js";

/** A picture of one colour, as the bytes of a file. */
function picture(width: number, height: number, format: "png" | "jpeg" | "webp", alpha = 1): Promise<Buffer> {
  const background = { r: 200, g: 40, b: 40, alpha };
  return sharp({ create: { width, height, channels: alpha < 1 ? 4 : 3, background } })
    [format]()
    .toBuffer();
}

/** Opaque on the left, transparent on the right. */
async function halfMask(width: number, height: number): Promise<Buffer> {
  const left = await sharp({ create: { width: width / 2, height, channels: 4, background: "black" } })
    .png()
    .toBuffer();
  return sharp({ create: { width, height, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .composite([{ input: left, left: 0, top: 0 }])
    .png()
    .toBuffer();
}

const base64 = (bytes: Buffer): string => bytes.toString("base64");

test("an edit changes what the mask opens and keeps the rest, pixel for pixel", { tag: "@browser" }, async ({ page, simulator }) => {
  const [image, mask] = [await picture(1024, 1024, "png"), await halfMask(1024, 1024)];
  const report = await page.evaluate(
    async ([endpoint, image, mask]) => {
      const bytes = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      const { images } = await client.edit({ prompt: "a lake", image: bytes(image), mask: bytes(mask), size: "1024x1024", inputFidelity: "high" });
      const result = await createImageBitmap(images[0]!.blob);
      const canvas = new OffscreenCanvas(1024, 1024);
      const context = canvas.getContext("2d")!;
      context.drawImage(result, 0, 0);
      const { data } = context.getImageData(0, 0, 1024, 1024);
      let [kept, changed] = [0, 0];
      for (let y = 0; y < 1024; y += 8) {
        for (let x = 0; x < 1024; x += 8) {
          const at = 4 * (y * 1024 + x);
          const same = data[at] === 200 && data[at + 1] === 40 && data[at + 2] === 40;
          if (x < 512 && same) kept += 1;
          if (x >= 512 && !same) changed += 1;
        }
      }
      return { kept, changed, sha256: await helpers.sha256(images[0]!.blob) };
    },
    [simulator.url, base64(image), base64(mask)] as const,
  );
  expect(report.kept).toBe(64 * 128);
  expect(report.changed).toBeGreaterThan(0.9 * 64 * 128);
  expect([report.sha256]).toEqual(sent(simulator, "final"));
  const post = simulator.requests.find((request) => request.method === "POST");
  expect(post?.path).toBe("/openai/v1/images/edits");
  expect(post?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
  expect(post?.body).toEqual({ model: "gpt-image-1", prompt: "a lake", size: "1024x1024", input_fidelity: "high" });
  expect(post?.files?.map(({ field, filename, contentType, byteLength }) => ({ field, filename, contentType, byteLength }))).toEqual([
    { field: "image", filename: "image-1.png", contentType: "image/png", byteLength: image.length },
    { field: "mask", filename: "mask.png", contentType: "image/png", byteLength: mask.length },
  ]);
});

test("an edit streams previews, then the picture", async ({ page, simulator }) => {
  const image = await picture(1024, 1024, "jpeg");
  const events = await page.evaluate(
    async ([endpoint, image]) => {
      const bytes = Uint8Array.from(atob(image), (character) => character.charCodeAt(0));
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", apiVersion: "2025-04-01-preview" });
      const events = [];
      for await (const { type, image } of client.editStream({ prompt: "a lake", image: new Blob([bytes]), partialImages: 2 })) {
        events.push([type, await helpers.sha256(image.blob)]);
      }
      return events;
    },
    [simulator.url, base64(image)] as const,
  );
  const [first, second] = sent(simulator, "partial");
  expect(events).toEqual([
    ["partialImage", first],
    ["partialImage", second],
    ["image", sent(simulator, "final")[0]],
  ]);
  const post = simulator.requests.find((request) => request.method === "POST");
  expect(post?.path).toBe("/openai/deployments/gpt-image-1/images/edits");
  expect(post?.body).toEqual({ prompt: "a lake", stream: "True", partial_images: "2" });
  expect(post?.files?.[0]).toMatchObject({ field: "image", filename: "image-1.jpg", contentType: "image/jpeg" });
});

test("a picture may be given in every form that a page has", { tag: "@browser" }, async ({ page, simulator }) => {
  const [png, webp] = [await picture(64, 48, "png"), await picture(64, 48, "webp")];
  const report = await page.evaluate(
    async ([endpoint, png, webp]) => {
      const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
      const canvas = document.createElement("canvas");
      const offscreen = new OffscreenCanvas(64, 48);
      for (const surface of [canvas, offscreen]) {
        surface.width = 64;
        surface.height = 48;
        (surface.getContext("2d") as CanvasRenderingContext2D).fillRect(0, 0, 32, 48);
      }
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      const generated = (await client.generate({ prompt: "a lake" })).images[0]!;
      const forms = {
        file: new File([bytes], "holiday.bin"),
        blob: new Blob([bytes]),
        arrayBuffer: bytes.buffer,
        typedArray: bytes,
        dataView: new DataView(bytes.buffer),
        dataUrl: `data:image/png;base64,${png}`,
        objectUrl: URL.createObjectURL(new Blob([bytes])),
        generated,
        generatedUrl: generated.objectUrl,
        canvas,
        offscreen,
        bitmap: await createImageBitmap(new Blob([bytes])),
      };
      const counts: Record<string, number> = {};
      for (const [form, image] of Object.entries(forms)) counts[form] = (await client.edit({ prompt: "a boat", image })).images.length;
      const all = await client.edit({ prompt: "boats", image: Object.values(forms) });
      const converted = await client.edit({ prompt: "a boat", image: `data:image/webp;base64,${webp}` });
      return { counts: Object.values(counts), all: all.images.length, warnings: converted.warnings?.map(({ param, severity }) => [param, severity]) };
    },
    [simulator.url, base64(png), base64(webp)] as const,
  );
  expect(report).toEqual({ counts: Array(12).fill(1), all: 1, warnings: [["image", "warning"]] });
  const edits = simulator.requests.filter((request) => request.path.endsWith("/edits") && request.method === "POST");
  const types = edits.flatMap(({ files = [] }) => files.map((file) => file.contentType));
  // An opaque WebP becomes a JPEG.
  expect(types).toEqual([...Array(24).fill("image/png"), "image/jpeg"]);
  expect(edits.at(-2)?.files?.map((file) => file.field)).toEqual(Array(12).fill("image[]"));
});

test("what the headers of the pictures tell to be wrong is refused before anything is sent", async ({ page, simulator }) => {
  const [png, opaque, small] = [await picture(64, 48, "png", 0.5), await picture(64, 48, "png"), await picture(32, 32, "png", 0.5)];
  const errors = await page.evaluate(
    async ([endpoint, png, opaque, small]) => {
      const bytes = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      const image = bytes(png);
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      const huge = new Blob([image, new Uint8Array(50 * 1024 * 1024)]);
      const requests: unknown[] = [
        {},
        { image: [] },
        { image: new Blob(["no picture"]) },
        { image: huge },
        { image: Array(17).fill(image) },
        { image: 7 },
        { image: "https://example.com/a.png" },
        { image: "data:image/png;base64,%%%" },
        { image: "blob:nowhere" },
        { image, mask: bytes(opaque) },
        { image, mask: bytes(small) },
        { image, mask: new Blob(["no picture"]) },
      ];
      const errors = [];
      for (const request of requests) {
        const { error } = await helpers.outcome(client.edit({ prompt: "a boat", ...(request as { image: Blob }) }));
        errors.push([error?.code, error?.param, error?.billed]);
      }
      return errors;
    },
    [simulator.url, base64(png), base64(opaque), base64(small)] as const,
  );
  const of = (param: string, count: number) => Array(count).fill(["invalid_request", param, "no"]);
  expect(errors).toEqual([...of("image", 9), ...of("mask", 3)]);
  expect(simulator.requests).toEqual([]);
});

// How long the page was kept busy is reported and not asserted: it depends on what else the machine does.
test("of sixteen pictures of 10 MB only the headers are read, and nothing of them stays in WebAssembly", { tag: "@nightly" }, async ({
  page,
  simulator,
}) => {
  test.slow();
  const png = await picture(64, 48, "png");
  const report = await page.evaluate(
    async ([endpoint, png]) => {
      const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
      const image = new Blob([bytes, new Uint8Array(10 * 1024 * 1024)]);
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      await azure.init();
      const tasks: number[] = [];
      const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration)));
      observer.observe({ entryTypes: ["longtask"] });
      let read = 0;
      const { arrayBuffer, bytes: allBytes, text, stream } = Blob.prototype;
      for (const [name, original] of Object.entries({ arrayBuffer, bytes: allBytes, text, stream })) {
        Object.defineProperty(Blob.prototype, name, {
          configurable: true,
          value(this: Blob) {
            read += this.size;
            return Reflect.apply(original, this, []);
          },
        });
      }
      const { images } = await client.edit({ prompt: "a boat", image: Array(16).fill(image) });
      observer.disconnect();
      return { images: images.length, read, tasks, memory: helpers.memory() };
    },
    [simulator.url, base64(png)] as const,
  );
  expect(report.images).toBe(1);
  expect(report.read).toBeLessThanOrEqual(16 * 64 * 1024);
  test.info().annotations.push({ type: "long tasks", description: `${report.tasks.join(", ") || "none"} (milliseconds)` });
  expect(report.memory).toBeLessThanOrEqual(4 * MEBIBYTE);
  expect(simulator.requests.find((request) => request.method === "POST")?.files).toHaveLength(16);
});

test("the pictures are taken as they are when the call is made, and what cannot be read is said", async ({ page, simulator }) => {
  const png = await picture(64, 48, "png");
  const report = await page.evaluate(
    async ([endpoint, png]) => {
      const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      const images: (Uint8Array | Blob)[] = [bytes];
      const call = client.edit({ prompt: "a boat", image: images });
      images.push(new Blob(["late"]));
      bytes.fill(0);
      const early = (await call).images.length;
      const broken = new Blob(["x"]);
      broken.slice = () => {
        throw new DOMException("moved", "NotReadableError");
      };
      return { early, broken: (await helpers.outcome(client.edit({ prompt: "a boat", image: broken }))).error };
    },
    [simulator.url, base64(png)] as const,
  );
  expect(report.early).toBe(1);
  expect(report.broken).toMatchObject({ code: "invalid_request", param: "image", billed: "no" });
});
