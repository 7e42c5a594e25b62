/** What an edit changes, and what it leaves alone. */

import { crc32, deflateSync } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import type { Simulator } from "azure-image-simulator";
import { compare, file, mask, photograph } from "./artwork.js";
import { expect, form, postForm, readEvents, test } from "./fixtures.js";

const HOLE = { left: 300, top: 200, width: 400, height: 500 };
const png = async (picture: Sharp, name = "picture.png") => file(await picture.png().toBuffer(), name);
const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());

async function edit(simulator: Simulator, fields: Parameters<typeof form>[0]): Promise<{ answer: any; picture: Buffer }> {
  const response = await postForm(simulator, form({ model: "gpt-image-1", prompt: "a forest in autumn", ...fields }));
  const answer: any = await response.json();
  expect(response.status, JSON.stringify(answer)).toBe(200);
  return { answer, picture: Buffer.from(answer.data[0].b64_json, "base64") };
}

/** An image with this alpha in all pixels except one, which is opaque. */
function withAlpha(alpha: number): Sharp {
  const channel = Buffer.alloc(64 * 64, alpha).fill(255, 0, 1);
  return photograph(64, 64).joinChannel(channel, { raw: { width: 64, height: 64, channels: 1 } });
}

/** An image of 16 bits with this alpha, in units of 8 bits, in all pixels except one. */
function deep(alpha: number, channels: 2 | 4, space: string): Sharp {
  const data = new Uint16Array(64 * 64 * channels).map((_, at) => (at % channels === channels - 1 && at >= channels ? alpha * 257 : 65_535));
  return sharp(data, { raw: { width: 64, height: 64, channels } }).toColourspace(space);
}

/** A gray image with this alpha in all pixels except one. */
function gray(alpha: number): Sharp {
  const data = new Uint8Array(64 * 64 * 2).map((_, at) => (at % 2 === 1 && at >= 2 ? alpha : 255));
  return sharp(data, { raw: { width: 64, height: 64, channels: 2 } }).toColourspace("b-w");
}

/** An image of two colors. The first has this alpha. */
function palettePng(alpha: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const content = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length);
    frame.writeUInt32BE(crc32(content), 4);
    return Buffer.concat([frame.subarray(0, 4), content, frame.subarray(4)]);
  };
  const header = Buffer.from([0, 0, 0, 64, 0, 0, 0, 64, 8, 3, 0, 0, 0]);
  // Each row begins with its filter.
  const rows = Buffer.alloc(65 * 64).fill(1, 65 * 32);
  for (let row = 0; row < 64; row++) rows[row * 65] = 0;
  const chunks = [
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from([255, 0, 0, 0, 0, 255])),
    chunk("tRNS", Buffer.from([alpha, 255])),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...chunks]);
}

/** Sets the bit of a lossless WebP file that says that alpha is used. */
function saysAlpha(webp: Buffer): Buffer {
  const bytes = Buffer.from(webp);
  const start = bytes.indexOf("VP8L") + 9;
  bytes[start + 3] = (bytes[start + 3] ?? 0) | 0x10;
  return bytes;
}

test.describe("with a mask", () => {
  for (const channels of [3, 4] as const) {
    test(`changes what is open and nothing else: ${channels} channels`, async ({ simulator }) => {
      const image = await png(photograph(1024, 1024, channels));
      const { answer, picture } = await edit(simulator, { image, mask: await png(mask(1024, 1024, HOLE)) });
      expect(await sharp(picture).metadata()).toMatchObject({ format: "png", width: 1024, height: 1024, channels });
      const { outside, outsideAlike, inside, insideAlike } = await compare(await bytesOf(image), picture, HOLE);
      expect(outsideAlike).toBe(outside);
      expect(insideAlike).toBeLessThan(inside * 0.01);
      expect(answer).toMatchObject({ size: "1024x1024", background: channels === 4 ? "transparent" : "opaque" });
    });
  }

  test("mixes where it is half open", { tag: "@nightly" }, async ({ simulator }) => {
    const image = await png(photograph(1024, 1024));
    const [none, half, whole] = await Promise.all(
      [255, 128, 0].map(async (alpha) => (await edit(simulator, { image, mask: await png(mask(1024, 1024, HOLE, alpha)) })).picture),
    );
    const pixels = await Promise.all([none, half, whole].map((picture) => sharp(picture).raw().toBuffer()));
    const [before, between, after] = pixels as [Buffer, Buffer, Buffer];
    let furthest = 0;
    for (const [at, value] of between.entries()) furthest = Math.max(furthest, Math.abs(value - (before[at]! * 128 + after[at]! * 127) / 255));
    expect(furthest).toBeLessThanOrEqual(0.5);
  });

  test("streams previews that keep the rest as well", { tag: "@nightly" }, async ({ simulator }) => {
    const image = await png(photograph(1536, 1024));
    const response = await postForm(
      simulator,
      form({ model: "gpt-image-1", prompt: "a forest", image, mask: await png(mask(1536, 1024, HOLE)), stream: "True", partial_images: "3" }),
    );
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const events = readEvents(await response.text());
    expect(events.map(({ name, data }) => [name, data["type"], data["partial_image_index"]])).toEqual([
      ["image_edit.partial_image", "image_edit.partial_image", 0],
      ["image_edit.partial_image", "image_edit.partial_image", 1],
      ["image_edit.partial_image", "image_edit.partial_image", 2],
      ["image_edit.completed", "image_edit.completed", undefined],
    ]);
    const original = await bytesOf(image);
    const final = Buffer.from(events[3]!.data["b64_json"], "base64");
    for (const { data } of events) {
      expect(data).toMatchObject({ size: "1536x1024", output_format: "png" });
      const preview = Buffer.from(data["b64_json"], "base64");
      const { outside, outsideAlike } = await compare(original, preview, HOLE);
      expect(outsideAlike).toBe(outside);
      const { inside, insideAlike } = await compare(final, preview, HOLE);
      if (preview.equals(final)) expect(insideAlike).toBe(inside);
      else expect(insideAlike).toBeLessThan(inside * 0.1);
    }
    expect(simulator.pictures.map(({ kind }) => kind)).toEqual(["partial", "partial", "partial", "final"]);
    expect(events[3]?.data["usage"]).toMatchObject({ output_tokens: 6208 + 300 });
  });

  test("paints something else each time, even with the same prompt", { tag: "@nightly" }, async ({ simulator }) => {
    const image = await png(photograph(1024, 1024));
    const hole = await png(mask(1024, 1024, HOLE));
    const first = await edit(simulator, { image, mask: hole, n: "2" });
    expect(new Set(first.answer.data.map((entry: any) => entry.b64_json)).size).toBe(2);
    const again = await edit(simulator, { image: file(first.picture, "again.png"), mask: hole });
    const { inside, insideAlike } = await compare(first.picture, again.picture, HOLE);
    expect(insideAlike).toBeLessThan(inside * 0.5);
  });

  for (const [what, hole] of [
    ["nothing", { left: 0, top: 0, width: 0, height: 0 }],
    ["one pixel in the corner", { left: 1023, top: 1023, width: 1, height: 1 }],
    ["everything", { left: 0, top: 0, width: 1024, height: 1024 }],
    ["a line", { left: 0, top: 500, width: 1024, height: 1 }],
  ] as const) {
    test(`may open ${what}`, { tag: "@nightly" }, async ({ simulator }) => {
      const image = await png(photograph(1024, 1024));
      const { picture } = await edit(simulator, { image, mask: await png(mask(1024, 1024, hole)) });
      const { inside, insideAlike, outside, outsideAlike } = await compare(await bytesOf(image), picture, hole);
      expect(outsideAlike).toBe(outside);
      expect(insideAlike).toBeLessThanOrEqual(inside * 0.05);
    });
  }

  test("may be of any kind of PNG that has transparency", { tag: "@nightly" }, async ({ simulator }) => {
    const image = await png(photograph(1024, 1024));
    const masks = {
      grey: await mask(1024, 1024, HOLE).toColourspace("b-w").png().toBuffer(),
      palette: await mask(1024, 1024, HOLE).png({ palette: true }).toBuffer(),
      deep: await mask(1024, 1024, HOLE).toColourspace("rgb16").png().toBuffer(),
    };
    for (const [name, bytes] of Object.entries(masks)) {
      const { picture } = await edit(simulator, { image, mask: file(bytes, `${name}.png`) });
      const { outside, outsideAlike, inside, insideAlike } = await compare(await bytesOf(image), picture, HOLE);
      expect([name, outsideAlike]).toEqual([name, outside]);
      expect(insideAlike).toBeLessThan(inside * 0.01);
    }
  });

  test("goes with the picture into another size and format", async ({ simulator }) => {
    const image = await png(photograph(1024, 1024));
    const { answer, picture } = await edit(simulator, {
      image,
      mask: await png(mask(1024, 1024, HOLE)),
      size: "1024x1536",
      output_format: "jpeg",
      output_compression: "80",
    });
    expect(answer).toMatchObject({ size: "1024x1536", output_format: "jpeg" });
    expect(await sharp(picture).metadata()).toMatchObject({ format: "jpeg", width: 1024, height: 1536 });
  });
});

test.describe("without a mask", () => {
  test("gives the whole picture other colours and keeps its shapes", async ({ simulator }) => {
    const image = await png(photograph(1024, 1024));
    const { picture } = await edit(simulator, { image, prompt: "a teal night" });
    const all = { left: 0, top: 0, width: 1024, height: 1024 };
    const { inside, insideAlike } = await compare(await bytesOf(image), picture, all);
    expect(insideAlike).toBeLessThan(inside * 0.05);
    const [before, after] = await Promise.all(
      [await bytesOf(image), picture].map((bytes) => sharp(bytes).removeAlpha().greyscale().raw().toBuffer()),
    );
    const difference = before!.reduce((sum, value, index) => sum + Math.abs(value - after![index]!), 0) / before!.length;
    expect(difference).toBeLessThan(12);
  });

  test("keeps more of its colours with high fidelity, which costs more", { tag: "@nightly" }, async ({ simulator }) => {
    const image = await png(photograph(1024, 1024));
    const [low, high] = [await edit(simulator, { image }), await edit(simulator, { image, input_fidelity: "high" })];
    const original = await sharp(await bytesOf(image))
      .raw()
      .toBuffer();
    const distance = async (picture: Buffer) =>
      (await sharp(picture).raw().toBuffer()).reduce((sum, value, index) => sum + Math.abs(value - original[index]!), 0);
    expect(await distance(high.picture)).toBeLessThan((await distance(low.picture)) * 0.8);
    expect(low.answer.usage.input_tokens_details).toEqual({ image_tokens: 194, text_tokens: 8 });
    expect(high.answer.usage.input_tokens_details).toEqual({ image_tokens: 194 + 4160, text_tokens: 8 });
    expect(high.answer.usage.input_tokens).toBe(194 + 4160 + 8);
  });

  test("shows every picture that came", { tag: "@nightly" }, async ({ simulator }) => {
    const first = await png(photograph(1024, 1024));
    const colours = ["#ff0000", "#00ff00", "#0000ff"];
    const others = await Promise.all(
      colours.map((background) =>
        sharp({ create: { width: 300, height: 200, channels: 3, background } })
          .jpeg()
          .toBuffer(),
      ),
    );
    const { answer, picture } = await edit(simulator, {
      "image[]": [first, ...others.map((bytes, index) => file(bytes, `${index}.jpeg`))],
      prompt: "a grey collage",
    });
    const { data } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
    const seen = [false, false, false];
    for (let at = 0; at < data.length; at += 3) {
      const pixel = [data[at]!, data[at + 1]!, data[at + 2]!];
      const channel = pixel.findIndex((value) => value > 250);
      if (channel >= 0 && pixel.every((value, index) => index === channel || value < 5)) seen[channel] = true;
    }
    expect(seen).toEqual([true, true, true]);
    expect(answer.usage.input_tokens_details.image_tokens).toBe(194 + 3 * 323);
  });

  test("takes sixteen pictures, and webp", { tag: "@nightly" }, async ({ simulator }) => {
    const image = file(await photograph(300, 200).webp().toBuffer(), "picture.webp");
    const { answer } = await edit(simulator, { "image[]": Array(16).fill(image) });
    expect(answer.size).toBe("1536x1024");
    expect(simulator.requests[0]?.files).toHaveLength(16);
  });

  for (const format of ["png", "webp"]) {
    test(`takes the background away: ${format}`, { tag: "@nightly" }, async ({ simulator }) => {
      const image = await png(photograph(1024, 1024));
      const { answer, picture } = await edit(simulator, { image, background: "transparent", output_format: format });
      expect(answer.background).toBe("transparent");
      const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
      expect(info.channels).toBe(4);
      expect(data[3]).toBe(0);
      expect(data[(512 * 1024 + 512) * 4 + 3]).toBe(255);
    });
  }

  const files: readonly [what: string, name: string, picture: (alpha: number) => Promise<Buffer>][] = [
    ["RGBA", "a.png", (alpha) => withAlpha(alpha).png().toBuffer()],
    ["a palette", "a.png", async (alpha) => palettePng(alpha)],
    ["16 bits", "a.png", (alpha) => deep(alpha, 4, "rgb16").png().toBuffer()],
    ["gray of 16 bits", "a.png", (alpha) => deep(alpha, 2, "grey16").png().toBuffer()],
    ["gray", "a.png", (alpha) => gray(alpha).png().toBuffer()],
    ["WebP", "a.webp", async (alpha) => saysAlpha(await withAlpha(alpha).webp({ lossless: true }).toBuffer())],
  ];
  for (const [what, name, picture] of files) {
    test(`takes the background from the pixels, not from the alpha channel: ${what}`, async ({ simulator }) => {
      for (const [alpha, background] of [
        [255, "opaque"],
        [254, "transparent"],
        [0, "transparent"],
      ] as const) {
        const bytes = await picture(alpha);
        expect(await sharp(bytes).metadata()).toMatchObject({ hasAlpha: true });
        expect((await edit(simulator, { image: file(bytes, name) })).answer, `${alpha}`).toMatchObject({ background });
      }
    });
  }

  test("cuts a disc out of a picture with an alpha channel and opaque pixels", async ({ simulator }) => {
    const { picture } = await edit(simulator, { image: await png(withAlpha(255)), background: "transparent" });
    expect((await sharp(picture).stats()).isOpaque).toBe(false);
  });

  test("takes no opaque picture of dall-e-2 for its own mask", async ({ simulator }) => {
    const image = await png(withAlpha(255));
    const response = await postForm(simulator, form({ model: "dall-e-2", prompt: "a lake", image, size: "256x256" }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_mask_image_format" } });
  });

  test("fills a transparent background when asked, or when the format has none", async ({ simulator }) => {
    const image = await png(photograph(1024, 1024, 4));
    for (const fields of [{ background: "opaque" }, { output_format: "jpeg" }]) {
      const { answer, picture } = await edit(simulator, { image, ...fields });
      expect(answer.background).toBe("opaque");
      expect((await sharp(picture).metadata()).channels).toBe(3);
    }
  });

  test("turns a photograph as its metadata say", async ({ simulator }) => {
    const image = file(await photograph(300, 200).jpeg().withMetadata({ orientation: 6 }).toBuffer(), "phone.jpeg");
    expect((await edit(simulator, { image })).answer.size).toBe("1024x1536");
  });
});

test.describe("the size for auto or none", () => {
  const sizes: readonly [model: string, width: number, height: number, expected: string][] = [
    ["gpt-image-1", 1536, 1024, "1536x1024"],
    ["gpt-image-1", 400, 300, "1536x1024"],
    ["gpt-image-1", 300, 320, "1024x1024"],
    ["gpt-image-2", 1600, 1008, "1600x1008"],
    ["gpt-image-2", 1000, 1000, "1008x1008"],
    ["gpt-image-2", 320, 160, "1168x592"],
  ];
  for (const [model, width, height, expected] of sizes) {
    test(`${width}x${height} becomes ${expected} on ${model}`, { tag: height === 300 ? [] : "@nightly" }, async ({ simulator }) => {
      const image = await png(photograph(width, height));
      for (const fields of [{}, { size: "auto" }]) {
        const { answer, picture } = await edit(simulator, { model, image, ...fields });
        expect(answer.size).toBe(expected);
        expect(await sharp(picture).metadata()).toMatchObject({ width: Number(expected.split("x")[0]) });
      }
    });
  }

  for (const [width, height] of [
    [4000, 100],
    [100, 4000],
    [5000, 4000],
    [17, 17],
    [3840, 2176],
    [6000, 1999],
    [1, 1],
  ] as const) {
    test(`${width}x${height} becomes one that gpt-image-2 makes`, { tag: "@nightly" }, async ({ simulator }) => {
      const image = await png(photograph(width, height));
      const { answer } = await edit(simulator, { model: "gpt-image-2", image, output_format: "jpeg" });
      // Asking for the size outright is refused if it is not legal.
      await edit(simulator, { model: "gpt-image-2", image, size: answer.size, output_format: "jpeg" });
    });
  }
});

test("dall-e-2 takes the transparency of its one picture for the mask", async ({ simulator }) => {
  const image = await png(mask(512, 512, { left: 100, top: 100, width: 200, height: 200 }));
  const response = await postForm(simulator, form({ model: "dall-e-2", prompt: "a forest", image, size: "512x512", response_format: "b64_json" }));
  const answer: any = await response.json();
  expect(Object.keys(answer)).toEqual(["created", "data"]);
  const picture = Buffer.from(answer.data[0].b64_json, "base64");
  const hole = { left: 100, top: 100, width: 200, height: 200 };
  const { outside, outsideAlike, insideAlike } = await compare(await bytesOf(image), picture, hole);
  expect([outsideAlike, insideAlike]).toEqual([outside, 0]);
});

test.describe("scenarios", () => {
  const fields = async (prompt: string, more: object = {}) =>
    form({ model: "gpt-image-1", prompt, image: await png(photograph(64, 64)), stream: "true", partial_images: "1", ...more });

  test("refuse, break off and fail as for generations", { tag: "@nightly" }, async ({ simulator }) => {
    expect((await postForm(simulator, await fields("a lake [status=429]"))).status).toBe(429);
    const moderated = readEvents(await (await postForm(simulator, await fields("a lake [moderation-in-stream]"))).text());
    expect(moderated.map(({ name }) => name)).toEqual(["image_edit.partial_image", "error"]);
    const cut = readEvents(await (await postForm(simulator, await fields("a lake [truncate=before-completed]"))).text());
    expect(cut.map(({ name }) => name)).toEqual(["image_edit.partial_image"]);
    const json: any = await (await postForm(simulator, await fields("a lake [json-answer] [fewer]", { n: "2" }))).json();
    expect(json.data).toHaveLength(1);
    const named = await postForm(simulator, await fields("a lake", { model: "gpt-image-1--no-completed--comments" }));
    expect(await named.text()).toMatch(/^: keep-alive\n\nevent: image_edit\.partial_image\n/);
  });

  test("make noise only where the mask is open", async ({ simulator }) => {
    const image = await png(photograph(1024, 1024));
    const { picture } = await edit(simulator, { image, prompt: "a lake [noise]", mask: await png(mask(1024, 1024, HOLE)) });
    const { outside, outsideAlike, inside, insideAlike } = await compare(await bytesOf(image), picture, HOLE);
    expect(outsideAlike).toBe(outside);
    expect(insideAlike).toBeLessThan(inside * 0.01);
  });
});
