import { writeFile, rm } from "node:fs/promises";
import sharp from "sharp";
import type { RequestEntry } from "azure-image-simulator";
import { expect, test } from "./fixtures.js";

const [WIDTH, HEIGHT] = [64, 48];

/** An image of one color, as the bytes of a file. */
function picture(format: "png" | "jpeg" | "webp" | "gif" | "avif" | "tiff", alpha = 1): Promise<Buffer> {
  const background = { r: 200, g: 40, b: 40, alpha };
  return sharp({ create: { width: WIDTH, height: HEIGHT, channels: alpha < 1 ? 4 : 3, background } })
    [format]()
    .toBuffer();
}

/** A mask with a transparent right half. */
function mask(width: number, height: number): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 4);
  for (let index = 0; index < width * height; index += 1) data[4 * index + 3] = index % width < width / 2 ? 255 : 0;
  return sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}

/** An image that is displayed with a red left and a blue right half, stored with this Exif orientation. */
async function oriented(orientation: number, format: "jpeg" | "png"): Promise<Buffer> {
  const data = Buffer.alloc(WIDTH * HEIGHT * 3);
  for (let index = 0; index < WIDTH * HEIGHT; index += 1) data[3 * index + (index % WIDTH < WIDTH / 2 ? 0 : 2)] = 255;
  let image = sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
  // The inverse of the orientation.
  if ([2, 7, 5].includes(orientation)) image = sharp(await image.flop().png().toBuffer());
  if (orientation === 4) image = sharp(await image.flip().png().toBuffer());
  const angle = { 3: 180, 5: 270, 6: 270, 7: 90, 8: 90 }[orientation];
  if (angle) image = sharp(await image.rotate(angle).png().toBuffer());
  image = image.withMetadata({ orientation });
  return format === "png" ? image.png().toBuffer() : image.jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer();
}

/** A BMP with 24 bits per pixel. */
function bmp(): Buffer {
  const header = Buffer.alloc(54);
  header.write("BM");
  header.writeUInt32LE(54 + WIDTH * HEIGHT * 3, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(WIDTH, 18);
  header.writeInt32LE(HEIGHT, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  return Buffer.concat([header, Buffer.alloc(WIDTH * HEIGHT * 3, 120)]);
}

/** An icon that contains this PNG. */
function ico(png: Buffer, type: 1 | 2): Buffer {
  const header = Buffer.alloc(22);
  header.writeUInt16LE(type, 2);
  header.writeUInt16LE(1, 4);
  header.set([WIDTH, HEIGHT], 6);
  header.writeUInt16LE(type === 1 ? 1 : 0, 10);
  header.writeUInt16LE(type === 1 ? 32 : 0, 12);
  header.writeUInt32LE(png.length, 14);
  header.writeUInt32LE(22, 18);
  return Buffer.concat([header, png]);
}

const svg = (size: string) => Buffer.from(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" ${size}><rect width="9" height="9"/></svg>`);

/** A WebP header of this size, without pixels. */
function hugeWebp(): Buffer {
  const file = Buffer.alloc(30);
  file.write("RIFF");
  file.writeUInt32LE(22, 4);
  file.write("WEBPVP8 ", 8);
  file.writeUInt32LE(10, 16);
  file.set([0, 0, 0, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff, 0x3f], 20);
  return file;
}

const base64 = (bytes: Buffer): string => bytes.toString("base64");

const edits = (requests: readonly RequestEntry[]) => requests.filter(({ method, path }) => method === "POST" && path.endsWith("/edits"));

/** The message of a refusal, or the warnings of a call. */
type Said = { code?: string; param?: string; message?: string; warnings: string[] };

/** Edits each image, with a mask if given, and returns the message or warnings of each call. */
function edit(page: import("@playwright/test").Page, url: string, files: { image: Buffer[]; mask?: Buffer }[]): Promise<Said[]> {
  return page.evaluate(
    async ([endpoint, files]) => {
      const bytes = (text: string) => new Blob([Uint8Array.from(atob(text), (character) => character.charCodeAt(0))]);
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      const said = [];
      for (const { image, mask } of files) {
        const { ok, error } = await helpers.outcome(
          client.edit({ prompt: "a boat", image: image.map(bytes), ...(mask !== undefined && { mask: bytes(mask) }) }),
        );
        said.push({ ...error, warnings: (ok?.warnings ?? []).map(({ message }) => message) });
      }
      return said;
    },
    [url, files.map(({ image, mask }) => ({ image: image.map(base64), ...(mask && { mask: base64(mask) }) }))] as const,
  );
}

test("with a mask, an image is rotated by its Exif orientation; without one it is sent unchanged", { tag: "@browser" }, async ({
  page,
  simulator,
  engine,
}) => {
  const opening = await mask(WIDTH, HEIGHT);
  for (const format of ["jpeg", "png"] as const) {
    // WebKitGTK ignores the orientation of a PNG.
    for (const orientation of format === "jpeg" ? [1, 2, 3, 4, 5, 6, 7, 8] : engine === "webkit" ? [1] : [1, 6]) {
      const image = await oriented(orientation, format);
      simulator.reset();
      const said = await edit(page, simulator.url, [
        { image: [image] },
        { image: [image], mask: opening },
        { image: [opening, image], mask: opening },
      ]);
      expect(said.map(({ message }) => message)).toEqual([undefined, undefined, undefined]);
      const rotated = new RegExp(`was rotated by its Exif orientation and saved as ${format.toUpperCase()}`);
      const warnings = orientation === 1 ? [] : [expect.stringMatching(rotated)];
      expect(said.map(({ warnings }) => warnings)).toEqual([[], warnings, warnings]);
      const [alone, masked, second] = edits(simulator.requests);
      expect(alone?.files?.[0]?.byteLength).toBe(image.length);
      expect([masked?.files?.[0], second?.files?.[1]].map((file) => file?.byteLength === image.length)).toEqual(Array(2).fill(orientation === 1));
      expect(masked?.files?.[0]?.contentType).toBe(`image/${format}`);
    }
  }
});

test("the rotated image shows what the page shows", { tag: "@browser" }, async ({ page, simulator, engine }) => {
  test.skip(engine === "webkit", "WebKitGTK cannot read the form of a request.");
  const opening = await mask(WIDTH, HEIGHT);
  const sent = await page.evaluate(
    async ([endpoint, images, mask]) => {
      const bytes = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      const sent: (string | number)[][] = [];
      const client = new azure.AzureImageClient(
        endpoint,
        { key: "simulator-key" },
        {
          deployment: "gpt-image-1",
          fetch: async (request) => {
            const copy = request.clone();
            const file = (await copy.formData()).get("image") as File;
            const bitmap = await createImageBitmap(file, { imageOrientation: "none" });
            const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d")!;
            context.drawImage(bitmap, 0, 0);
            const at = (x: number, y: number) => [...context.getImageData(x, y, 1, 1).data].map((channel) => (channel > 128 ? 1 : 0)).join("");
            sent.push([
              bitmap.width,
              bitmap.height,
              at(4, 4),
              at(4, bitmap.height - 4),
              at(bitmap.width - 4, 4),
              at(bitmap.width - 4, bitmap.height - 4),
            ]);
            return fetch(request);
          },
        },
      );
      for (const image of images) await client.edit({ prompt: "a boat", image: bytes(image), mask: bytes(mask) });
      return sent;
    },
    [
      simulator.url,
      await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(async (orientation) => base64(await oriented(orientation, "jpeg")))),
      base64(opening),
    ] as const,
  );
  expect(sent).toEqual(Array(8).fill([WIDTH, HEIGHT, "1001", "1001", "0011", "0011"]));
});

test("what the browser displays is converted, and what it cannot display is named", { tag: "@browser" }, async ({ page, simulator }) => {
  const png = await picture("png", 0.5);
  const two = Buffer.concat([Buffer.alloc(WIDTH * HEIGHT * 4, 90), Buffer.alloc(WIDTH * HEIGHT * 4, 200)]);
  const film = await sharp(two, { raw: { width: WIDTH, height: 2 * HEIGHT, channels: 4, pageHeight: HEIGHT } })
    .gif({ delay: [100, 100] })
    .toBuffer();
  const accepted: [string, Buffer, RegExp, string][] = [
    ["opaque WebP", await picture("webp"), /from WebP to JPEG/, "image/jpeg"],
    ["WebP with alpha", await picture("webp", 0.5), /from WebP to PNG/, "image/png"],
    ["AVIF", await picture("avif"), /from AVIF to JPEG/, "image/jpeg"],
    ["AVIF with alpha", await picture("avif", 0.5), /from AVIF to PNG/, "image/png"],
    ["GIF", await picture("gif"), /from GIF to JPEG/, "image/jpeg"],
    ["animated GIF", film, /from an animated GIF to (PNG|JPEG)\. Only its first frame/, "image/png"],
    ["BMP", bmp(), /from BMP to JPEG/, "image/jpeg"],
    ["ICO", ico(png, 1), /from ICO to PNG/, "image/png"],
    ["CUR", ico(png, 2), /from CUR to PNG/, "image/png"],
    ["SVG", svg('width="64" height="48"'), /from SVG to PNG/, "image/png"],
  ];
  const refused: [string, Buffer, RegExp][] = [
    ["TIFF", await picture("tiff"), /^image is a TIFF, which this browser cannot decode\. Convert it to PNG or JPEG\.$/],
    ["HEIC", Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic"), /is a HEIC, which this browser cannot decode/],
    ["a cut WebP", (await picture("webp")).subarray(0, 32), /is a WebP that cannot be decoded\. It may be damaged or cut off/],
    ["a cut JPEG", (await picture("jpeg")).subarray(0, 60), /is a JPEG that cannot be decoded\. It may be damaged or cut off/],
    ["nothing", Buffer.alloc(0), /^image is empty \(0 bytes\)/],
    ["PDF", Buffer.from("%PDF-1.7\n"), /is a PDF, not a supported image\. Use a PNG or JPEG/],
    ["HTML", Buffer.from("<!doctype html><title>404</title>"), /is an HTML page/],
    ["JSON", Buffer.from('{"error":{}}'), /is a JSON document/],
    ["text", Buffer.from("no picture"), /is a text file/],
    ["MP4", Buffer.from("\0\0\0\x18ftypisom\0\0\x02\0isomiso2"), /is an MP4 video/],
    ["Photoshop", Buffer.from("8BPS\0\x01"), /is a Photoshop file/],
    ["ZIP", Buffer.from("PK\x03\x04\0\0"), /is a ZIP archive/],
    ["noise", Buffer.from([1, 2, 3, 4, 5]), /is a file of an unknown format, which this browser cannot decode/],
    ["a huge WebP", hugeWebp(), /is a WebP of 16383x16383 pixels, too large to convert in a browser/],
    ["a huge SVG", svg('width="100000" height="100000"'), /is an SVG of 100000x100000 pixels, too large/],
  ];
  const said = await edit(
    page,
    simulator.url,
    [...accepted, ...refused].map(([, image]) => ({ image: [image] })),
  );
  for (const [index, [name, , words]] of accepted.entries()) {
    expect(said[index]?.message, name).toBeUndefined();
    expect(said[index]?.warnings, name).toEqual([expect.stringMatching(words)]);
  }
  for (const [index, [name, , words]] of refused.entries()) {
    const { code, param, message } = said[accepted.length + index]!;
    expect([code, param], name).toEqual(["invalid_request", "image"]);
    expect(message, name).toMatch(words);
  }
  const files = edits(simulator.requests).map(({ files }) => files?.[0]?.contentType);
  expect(files).toEqual(accepted.map(([, , , type]) => type));
});

test("a worker converts images, and names a format that only a page can decode", { tag: "@browser" }, async ({ page }) => {
  const files = [await picture("webp"), await picture("avif", 0.5), svg('width="64" height="48"')].map(base64);
  const said = await page.evaluate(async (files) => {
    const source = `
      import { AzureImageClient } from "${location.origin}/azure-image-client/index.js";
      onmessage = async ({ data }) => {
        const client = new AzureImageClient("https://my-resource.openai.azure.com", () => "token", { deployment: "gpt-image-1" });
        const found = [];
        for (const file of data) {
          const image = Uint8Array.from(atob(file), (character) => character.charCodeAt(0));
          found.push(await client.validate({ prompt: "a boat", image }));
        }
        postMessage(found.map((problems) => problems.map(({ severity, message }) => severity + ": " + message)));
      };`;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const worker = new Worker(url, { type: "module" });
    try {
      return await new Promise<string[][]>((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data as string[][]);
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(files);
      });
    } finally {
      worker.terminate();
      URL.revokeObjectURL(url);
    }
  }, files);
  expect(said).toEqual([
    [expect.stringMatching(/^warning: image was converted from WebP to JPEG/)],
    [expect.stringMatching(/^warning: image was converted from AVIF to PNG/)],
    [expect.stringMatching(/^error: image is an SVG, which this browser cannot decode\. Convert it to PNG or JPEG/)],
  ]);
});

test("a result without warnings has no warnings", async ({ page, simulator }) => {
  const names = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    return Object.keys(await client.generate({ prompt: "a boat" }));
  }, simulator.url);
  expect(names).not.toContain("warnings");
});

test("a photo stays small when it is converted", { tag: "@browser" }, async ({ page, simulator }) => {
  const noise = Buffer.from(Array.from({ length: 512 * 512 * 3 }, (_, index) => (index * 2654435761) >>> 24));
  const webp = await sharp(noise, { raw: { width: 512, height: 512, channels: 3 } })
    .webp({ quality: 80 })
    .toBuffer();
  await edit(page, simulator.url, [{ image: [webp] }]);
  const file = edits(simulator.requests)[0]?.files?.[0];
  expect(file?.contentType).toBe("image/jpeg");
  expect(file?.byteLength).toBeLessThan(512 * 512 * 3);
});

test("without a browser, a file that must be converted is refused with a remedy", async ({ page, simulator }) => {
  const hasCanvas = await page.evaluate(() => typeof createImageBitmap === "function");
  test.skip(hasCanvas, "This browser converts it.");
  const rotated = await oriented(6, "jpeg");
  const said = await edit(page, simulator.url, [
    { image: [await picture("webp")] },
    { image: [rotated] },
    { image: [rotated], mask: await mask(WIDTH, HEIGHT) },
  ]);
  expect(said[0]?.message).toMatch(/is a WebP, which must be converted to PNG or JPEG first\. Only a browser can do that/);
  expect(said[1]?.message).toBeUndefined();
  expect(said[2]?.message).toMatch(/is a JPEG with an Exif rotation, which a mask does not allow\. Only a browser can apply it/);
});

test("unusual pixels and extreme masks are warnings", { tag: "@browser" }, async ({ page, simulator }) => {
  const image = await picture("png", 0.5);
  const plain = (alpha: number) => sharp({ create: { width: WIDTH, height: HEIGHT, channels: 4, background: { r: 0, g: 0, b: 0, alpha } } });
  const raw = sharp(Buffer.alloc(WIDTH * HEIGHT * 3, 90), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
  const said = await edit(page, simulator.url, [
    { image: [image], mask: await plain(1).png().toBuffer() },
    { image: [image], mask: await plain(0).png().toBuffer() },
    { image: [image], mask: await plain(1).webp().toBuffer() },
    { image: [image], mask: await mask(WIDTH, HEIGHT) },
    { image: [await raw.clone().toColourspace("cmyk").jpeg().toBuffer()] },
    { image: [await raw.clone().png({ palette: true }).toBuffer()] },
    { image: [await raw.clone().toColourspace("rgb16").png().toBuffer()] },
    { image: [image], mask: await picture("jpeg") },
  ]);
  expect(said.map(({ warnings }) => warnings)).toEqual([
    [expect.stringMatching(/^The mask has no transparent pixel/)],
    [expect.stringMatching(/^The mask is fully transparent/)],
    [expect.stringMatching(/^The mask was converted from WebP to PNG/), expect.stringMatching(/^The mask has no transparent pixel/)],
    [],
    [expect.stringMatching(/four color channels \(CMYK\)/)],
    [expect.stringMatching(/a PNG with a palette/)],
    [expect.stringMatching(/16 bits per channel/)],
    [],
  ]);
  expect(said.at(-1)?.message).toMatch(/^The mask is a JPEG, which cannot be transparent/);
});

test("metadata of many megabytes is skipped, not read", async ({ page, simulator }) => {
  const jpeg = await picture("jpeg");
  const report = await page.evaluate(
    async ([endpoint, jpeg]) => {
      const bytes = Uint8Array.from(atob(jpeg), (character) => character.charCodeAt(0));
      const segment = new Uint8Array(65_537);
      segment.set([0xff, 0xe2, 0xff, 0xff]);
      const stray = new Uint8Array(10);
      const image = new Blob([bytes.slice(0, 2), ...Array(300).fill(segment), stray, bytes.slice(2)]);
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      await azure.init();
      const { arrayBuffer } = Blob.prototype;
      let read = 0;
      Object.defineProperty(Blob.prototype, "arrayBuffer", {
        configurable: true,
        writable: true,
        value(this: Blob) {
          read += this.size;
          return arrayBuffer.call(this);
        },
      });
      const problems = await client.validate({ prompt: "a boat", image }).finally(() => Object.assign(Blob.prototype, { arrayBuffer }));
      return { problems, read, size: image.size };
    },
    [simulator.url, base64(jpeg)] as const,
  );
  expect(report.problems).toEqual([]);
  expect(report.size).toBeGreaterThan(19_000_000);
  expect(report.read).toBeLessThan(2_000_000);
});

test("images in other forms are converted or refused with a remedy", { tag: "@browser" }, async ({ page, simulator, engine }) => {
  const png = base64(await picture("png", 0.5));
  const { accepted, refused } = await page.evaluate(
    async ([endpoint, png, engine]) => {
      const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
      const blob = new Blob([bytes], { type: "image/png" });
      const file = new File([bytes], "a.png", { type: "image/png" });
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      const frame = document.body.appendChild(document.createElement("iframe"));
      const other = frame.contentWindow as unknown as typeof globalThis;
      const foreignCanvas = other.document.createElement("canvas");
      foreignCanvas.getContext("2d")!.fillRect(0, 0, 9, 9);
      const image = new Image();
      image.src = URL.createObjectURL(blob);
      await image.decode();
      const pixels = new ImageData(64, 48);
      const transfer = new DataTransfer();
      transfer.items.add(file);
      const listOf = (count: number) => {
        const transfer = new DataTransfer();
        for (let index = 0; index < count; index += 1) transfer.items.add(file);
        return transfer.files;
      };
      // The constructor is hidden from pages that are not isolated.
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
      const Shared = memory.buffer.constructor as SharedArrayBufferConstructor;
      const shared = new Uint8Array(new Shared(bytes.length + 3), 3);
      shared.set(bytes);
      const resizable = new Uint8Array(
        new (ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer)(bytes.length, { maxByteLength: 9999 }),
      );
      resizable.set(bytes);
      // As the other copy of the package marks it.
      const generated = Object.defineProperty(
        { mediaType: "image/png", byteLength: 9, width: 64, blob, objectUrl: image.src },
        Symbol.for("azure-image-client.GeneratedImage"),
        {
          value: true,
        },
      );
      const accepted: Record<string, unknown> = {
        fileList: listOf(1),
        fileLists: [listOf(1), file],
        set: new Set([file]),
        foreignBlob: new other.Blob([bytes]),
        foreignFile: new other.File([bytes], "a.png"),
        foreignBuffer: other.Uint8Array.from(bytes).buffer,
        foreignBytes: other.Uint8Array.from(bytes),
        foreignCanvas,
        generated,
        shared,
        sharedBuffer: (() => {
          const buffer = new Shared(bytes.length);
          new Uint8Array(buffer).set(bytes);
          return buffer;
        })(),
        resizable,
        resizableBuffer: resizable.buffer,
        image,
        pixels,
        // WebKitGTK crashes.
        ...(engine !== "webkit" && { videoFrame: new VideoFrame(image, { timestamp: 0 }) }),
        response: new Response(blob),
        url: new URL(image.src),
        upperCase: `DATA:image/png;BASE64,${png}`,
        spaces: ` \n data:image/png;base64,${png.slice(0, 20)}\n${png.slice(20)} `,
        fragment: `data:image/png;base64,${png}#top`,
        percent: `data:image/png,${Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")}`,
        escapedBase64: `data:image/png;base64,${encodeURIComponent(png)}`,
      };
      const foreign = new other.Image();
      const loading = new Image();
      loading.src = "https://example.invalid/a.png";
      const used = new Response(blob);
      await used.blob();
      const tainted = document.createElement("canvas");
      const refused: Record<string, unknown> = {
        promise: Promise.resolve(blob),
        thenable: { then: () => {} },
        object: {},
        number: 7,
        functions: () => blob,
        loading,
        foreign,
        empty: tainted.getContext("2d"),
        request: new Request("https://example.invalid/"),
        failed: new Response("no", { status: 404 }),
        used,
        dataTransfer: transfer,
        item: transfer.items[0],
        input: document.createElement("input"),
        svg: document.createElementNS("http://www.w3.org/2000/svg", "svg"),
        stream: blob.stream(),
        remote: new URL("https://example.invalid/a.png"),
        bare: png,
        noComma: "data:image/png;base64",
        broken: "data:image/png;base64,%%%",
        urlSafe: "data:image/png;base64,iVBORw0KGgo-_",
      };
      const message = async (image: unknown) => {
        const { error } = await helpers.outcome(client.edit({ prompt: "a boat", image: image as Blob }));
        return error ? `${error.code} ${error.param}: ${error.message}` : "";
      };
      const answers = async (forms: Record<string, unknown>) => {
        const found: Record<string, string> = {};
        for (const [form, image] of Object.entries(forms)) found[form] = await message(image);
        return found;
      };
      const report = { accepted: await answers(accepted), refused: await answers(refused) };
      frame.remove();
      return report;
    },
    [simulator.url, png, engine] as const,
  );
  expect(accepted).toEqual(Object.fromEntries(Object.keys(accepted).map((form) => [form, ""])));
  const remedies: Record<string, RegExp> = {
    promise: /class Promise\. Await it first/,
    thenable: /Await it first/,
    object: /class Object/,
    number: /of type number/,
    functions: /of type function/,
    loading: /<img> that .*Await img\.decode\(\) first/,
    foreign: /<img> that shows no image/,
    empty: /Pass context\.canvas/,
    request: /Fetch it and pass the Response/,
    failed: /with status 404/,
    used: /already read/,
    dataTransfer: /dataTransfer\.files/,
    item: /getAsFile/,
    input: /input\.files/,
    svg: /XMLSerializer/,
    stream: /new Response\(stream\)/,
    remote: /Fetch the image and pass its Blob/,
    bare: /Put data:image\/png;base64, before/,
    noComma: /cannot be decoded/,
    broken: /cannot be decoded/,
    urlSafe: /cannot be decoded/,
  };
  for (const [form, words] of Object.entries(remedies))
    expect(refused[form], form).toMatch(new RegExp(`^invalid_request image(\\[0\\])?: .*${words.source}`, "s"));
  expect(Object.keys(refused)).toEqual(Object.keys(remedies));
});

test("a data: URL has the bytes and the type that fetch finds", async ({ page, simulator }) => {
  const urls = [
    "data:text/plain;charset=utf-8,caf%C3%A9",
    "data:,é",
    "data:text/plain,%FF%00%zz%4",
    "  DATA:text/plain;base64,Y2Fm w6k= \n",
    "data:text/plain;BASE64 ,AAAA",
    "data:text/plain;charset=x; base64,Y2Fmw6k",
    "data:;base64,AA%3D%3D",
    "data:text/plain;base64;x=y,AAAA",
    "data:text/plain,a#b",
    "data:nonsense,a",
  ];
  const uploaded = await page.evaluate(
    async ([endpoint, urls]) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      const found = [];
      for (const url of urls) {
        const blob = await (await fetch(url.trim())).blob();
        const { bytes } = await client.files.upload(url, { fileName: "a.txt" });
        found.push([blob.size, bytes]);
      }
      return found;
    },
    [simulator.url, urls] as const,
  );
  for (const [index, [expected, actual]] of uploaded.entries()) expect(actual, urls[index]).toBe(expected);
  expect(uploaded[0]?.[1]).toBe(5);
});

test("the mask of a response is checked like that of an edit", async ({ page, simulator }) => {
  const [image, opening, small, jpeg] = [await picture("png"), await mask(WIDTH, HEIGHT), await mask(WIDTH, 32), await picture("jpeg")];
  const said = await page.evaluate(
    async ([endpoint, image, masks]) => {
      const bytes = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      const said = [];
      for (const mask of masks) {
        const tool = { inputImageMask: bytes(mask) };
        const input = ["draw this", { image: bytes(image) }];
        const { error } = await helpers.responseOutcome(client.responses.create({ model: "gpt-4.1", input, tool }));
        said.push([error?.code, error?.param, error?.message]);
      }
      // The mask can apply to an image of another place.
      const later = [{ image: "https://example.com/a.png" }, { image: bytes(image) }];
      const { error } = await helpers.responseOutcome(
        client.responses.create({ model: "gpt-4.1", input: later, tool: { inputImageMask: bytes(masks[1]!) } }),
      );
      return [...said, [error?.param, "", error?.message]];
    },
    [simulator.url, base64(image), [opening, small, jpeg, image].map(base64)] as const,
  );
  expect(said.slice(0, 4)).toEqual([
    [undefined, undefined, undefined],
    ["invalid_request", "tool.inputImageMask", expect.stringMatching(/is 64x32\. It must have the size of the first image, 64x48/)],
    ["invalid_request", "tool.inputImageMask", expect.stringMatching(/is a JPEG, which cannot be transparent/)],
    ["invalid_request", "tool.inputImageMask", expect.stringMatching(/has no alpha channel/)],
  ]);
  expect(said[4]?.[0]).not.toBe("tool.inputImageMask");
});

test("a file that was deleted after it was picked is refused before anything is sent", { tag: "@browser" }, async ({ page, simulator }, info) => {
  const path = info.outputPath("notes.txt");
  await writeFile(path, "some notes");
  await page.evaluate(() => document.body.insertAdjacentHTML("beforeend", '<input type="file" id="picked">'));
  await page.locator("#picked").setInputFiles(path);
  await rm(path);
  // A file of which the page knows no more than its name.
  const errors = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const input = document.querySelector<HTMLInputElement>("#picked")!;
    const calls = [() => client.files.upload(input.files!), () => client.edit({ prompt: "a boat", image: input.files! })];
    const errors = [];
    for (const call of calls) {
      const { error } = await helpers.settled<unknown>(call);
      errors.push([error?.code, error?.billed, error?.message]);
    }
    input.remove();
    return errors;
  }, simulator.url);
  expect(errors).toEqual(
    Array(2).fill(["invalid_request", "no", expect.stringMatching(/could not be read\. A file may have been moved or changed/)]),
  );
  expect(simulator.requests).toEqual([]);
});

test("results have the displayed size", async ({ page, simulator }) => {
  const rotated = await oriented(6, "jpeg");
  const size = await page.evaluate(
    async ([image]) => {
      const body = JSON.stringify({ created: 1, data: [{ b64_json: image }] });
      const fetch = () => Promise.resolve(new Response(body, { headers: { "content-type": "application/json" } }));
      const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", { deployment: "gpt-image-1", fetch });
      const { images } = await client.generate({ prompt: "a boat" });
      return [images[0]?.width, images[0]?.height];
    },
    [base64(rotated)] as const,
  );
  expect(await sharp(rotated).metadata()).toMatchObject({ width: HEIGHT, height: WIDTH });
  expect(size).toEqual([WIDTH, HEIGHT]);
  expect(simulator.requests).toEqual([]);
});
