import { createHash, randomBytes } from "node:crypto";
import sharp from "sharp";
import type { Page } from "@playwright/test";
import type { Simulator } from "azure-image-simulator";
import { expect, test, type ErrorReport } from "./fixtures.js";
import { MEBIBYTE } from "./held.js";
import type { ResponseRequest } from "../../js/index.js";

/** What the simulator accepts, but for the input. */
const OPTIONS = { imageDeployment: "gpt-image-1" };
const KEY = { key: "simulator-key" };

/** How much of a picture is read at a time, in bytes. */
const PART_BYTES = 3 * 2 ** 16;

interface Part {
  type: string;
  image_url?: string;
}
interface Body {
  input: string | { role?: string; content?: string | Part[] }[];
  tools?: { input_image_mask?: { image_url?: string; file_id?: string } }[];
}

/** A small picture, as the bytes of a file. */
function picture(format: "png" | "jpeg" | "webp"): Promise<Buffer> {
  const background = { r: 200, g: 40, b: 40, alpha: 0.5 };
  return sharp({ create: { width: 64, height: 48, channels: 4, background } })
    [format]()
    .toBuffer();
}

const base64 = (bytes: Buffer): string => bytes.toString("base64");
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const decode = (url: string | undefined): Buffer => Buffer.from(url?.slice(url.indexOf(",") + 1) ?? "", "base64");

const bodies = (simulator: Simulator): Body[] =>
  simulator.requests.filter((request) => request.method === "POST").map((request) => request.body as Body);

/** The pictures that a body shows. */
function shown({ input }: Body): string[] {
  if (typeof input === "string") return [];
  const parts = input.flatMap(({ content }) => (typeof content === "object" ? content : []));
  return parts.flatMap((part) => part.image_url ?? []);
}

/** Asks for a response, and gives the error where there is one. */
function ask(page: Page, simulator: Simulator, request: Partial<ResponseRequest>): Promise<ErrorReport | undefined> {
  return page.evaluate(
    async ([endpoint, key, options, request]) => {
      const client = new azure.AzureImageClient(endpoint, key, options);
      const asked = client.responses.create({ model: "gpt-4.1", input: "draw a boat", ...request });
      return asked.then(() => undefined, helpers.describeError);
    },
    [simulator.url, KEY, OPTIONS, request as object] as const,
  );
}

const message = (role: string, content: unknown): unknown => ({ type: "message", role, content });
const says = (text: string, type = "input_text"): unknown => ({ type, text });
const PNG_URL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const FORMS: [what: string, input: ResponseRequest["input"], sent: unknown][] = [
  ["a text", 'draw \u{1F6A4} "boats"\n', 'draw \u{1F6A4} "boats"\n'],
  ["a text in a list", ["draw a boat"], [message("user", [says("draw a boat")])]],
  ["a text with its name", [{ text: "draw a boat" }], [message("user", [says("draw a boat")])]],
  ["texts side by side", ["draw", { text: "a boat" }, "in the rain"], [message("user", [says("draw"), says("a boat"), says("in the rain")])]],
  [
    "messages, which stay apart",
    [
      { role: "developer", content: "Be brief." },
      "draw",
      "a boat",
      { role: "user", content: "in the rain, an image" },
      { role: "user", content: "draw it" },
      "please, draw",
    ],
    [
      message("developer", "Be brief."),
      message("user", [says("draw"), says("a boat")]),
      message("user", "in the rain, an image"),
      message("user", "draw it"),
      message("user", [says("please, draw")]),
    ],
  ],
  [
    "parts of messages, and what the assistant said",
    [
      { role: "user", content: ["draw", { text: "a boat" }] },
      { role: "assistant", content: ["Which?", { text: "Red?" }] },
      { role: "assistant", content: "Well?" },
      "draw a red one",
    ],
    [
      message("user", [says("draw"), says("a boat")]),
      message("assistant", [says("Which?", "output_text"), says("Red?", "output_text")]),
      message("assistant", "Well?"),
      message("user", [says("draw a red one")]),
    ],
  ],
  [
    "items and parts of the service",
    [
      "draw",
      { type: "reasoning", id: "rs_1", summary: [] },
      { role: "user", content: [{ type: "input_text", text: "a boat", later: { deep: [1.5, null] } }, "and draw it"] },
    ],
    [
      message("user", [says("draw")]),
      { type: "reasoning", id: "rs_1", summary: [] },
      message("user", [{ type: "input_text", text: "a boat", later: { deep: [1.5, null] } }, says("and draw it")]),
    ],
  ],
  [
    "a picture between texts, with how closely to look",
    ["draw", { image: PNG_URL, detail: "high" }, "as a boat"],
    [message("user", [says("draw"), { type: "input_image", image_url: PNG_URL, detail: "high" }, says("as a boat")])],
  ],
  [
    "a picture in a message",
    [{ role: "user", content: [{ image: PNG_URL }, "draw this as a boat"] }],
    [message("user", [{ type: "input_image", image_url: PNG_URL }, says("draw this as a boat")])],
  ],
];

for (const [what, input, sent] of FORMS) {
  test(`${what}: arrives in the service's form`, { tag: "@nightly" }, async ({ page, simulator }) => {
    expect(await ask(page, simulator, { input })).toBeUndefined();
    expect(bodies(simulator).map((body) => body.input)).toEqual([sent]);
  });
}

test("what the service has to find itself is passed on as it is", async ({ page, simulator }) => {
  const input = [
    "draw",
    { image: "https://example.com/a.png" },
    { image: "HTTP://example.com/b.png", detail: "low" },
    { fileId: "file-1", detail: "auto" },
  ];
  // The simulator fetches nothing.
  expect(await ask(page, simulator, { input })).toMatchObject({ code: "invalid_request", status: 400 });
  const call = { type: "image_generation_call", id: "ig_1" };
  await ask(page, simulator, { input: ["draw", call, "in the rain"] });
  await ask(page, simulator, { tool: { inputImageMask: "https://example.com/mask.png" } });
  await ask(page, simulator, { tool: { inputImageMask: { imageUrl: "https://example.com/mask.png" } } });
  await ask(page, simulator, { tool: { inputImageMask: { fileId: "file-2" } } });
  const [first, second, ...masks] = bodies(simulator);
  const urls = [
    { image_url: "https://example.com/a.png" },
    { image_url: "HTTP://example.com/b.png", detail: "low" },
    { file_id: "file-1", detail: "auto" },
  ];
  expect(first?.input).toEqual([message("user", [says("draw"), ...urls.map((url) => ({ type: "input_image", ...url }))])]);
  expect(second?.input).toEqual([message("user", [says("draw")]), call, message("user", [says("in the rain")])]);
  expect(masks.map(({ tools }) => tools?.[0]?.input_image_mask)).toEqual([
    { image_url: "https://example.com/mask.png" },
    { image_url: "https://example.com/mask.png" },
    { file_id: "file-2" },
  ]);
});

test("a picture may be given in every form that a page has, and an earlier one too", { tag: "@nightly" }, async ({ page, simulator }) => {
  const png = await picture("png");
  const count = await page.evaluate(
    async ([endpoint, key, options, png]) => {
      const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
      const canvas = document.createElement("canvas");
      const offscreen = new OffscreenCanvas(64, 48);
      for (const surface of [canvas, offscreen]) {
        surface.width = 64;
        surface.height = 48;
        (surface.getContext("2d") as CanvasRenderingContext2D).fillRect(0, 0, 32, 48);
      }
      const client = new azure.AzureImageClient(endpoint, key, options);
      const generated = (await client.responses.create({ model: "gpt-4.1", input: "draw a boat" })).images[0]!;
      const forms = [
        new File([bytes], "holiday.bin"),
        new Blob([bytes], { type: "image/jpeg" }),
        bytes.buffer,
        bytes,
        new DataView(bytes.buffer),
        `data:image/png;base64,${png}`,
        URL.createObjectURL(new Blob([bytes])),
        canvas,
        offscreen,
        await createImageBitmap(new Blob([bytes])),
        generated,
        generated.objectUrl,
      ];
      const { images } = await client.responses.create({ model: "gpt-4.1", input: ["draw these", ...forms.map((image) => ({ image }))] });
      await client.responses.create({ model: "gpt-4.1", input: ["draw", { image: bytes }], tool: { inputImageMask: new Blob([bytes]) } });
      return images.length;
    },
    [simulator.url, KEY, OPTIONS, base64(png)] as const,
  );
  expect(count).toBe(1);
  const [, all, masked] = bodies(simulator);
  const urls = shown(all!);
  expect(urls.map((url) => url.slice(0, url.indexOf(",")))).toEqual(Array(12).fill("data:image/png;base64"));
  const hashes = urls.map((url) => sha256(decode(url)));
  expect(hashes.slice(0, 7)).toEqual(Array(7).fill(sha256(png)));
  expect(hashes.slice(10)).toEqual(Array(2).fill(simulator.pictures[0]?.sha256));
  for (const url of urls.slice(7, 10)) expect(await sharp(decode(url)).metadata()).toMatchObject({ format: "png", width: 64, height: 48 });
  expect(masked?.tools?.[0]?.input_image_mask).toEqual({ image_url: `data:image/png;base64,${base64(png)}` });
});

test("WebP, JPEG and GIF are sent unchanged; a mask becomes a PNG, with a warning that names its format", { tag: "@browser" }, async ({
  page,
  simulator,
}) => {
  const [webp, jpeg, gif] = [
    await picture("webp"),
    await picture("jpeg"),
    await sharp(await picture("png"))
      .gif()
      .toBuffer(),
  ];
  const warnings = await page.evaluate(
    async ([endpoint, key, options, webp, jpeg, gif]) => {
      const client = new azure.AzureImageClient(endpoint, key, options);
      const [blob, other, third] = [webp, jpeg, gif].map((text) => new Blob([Uint8Array.from(atob(text), (character) => character.charCodeAt(0))]));
      const input = ["draw this", { image: other! }, { image: blob! }, { role: "user", content: ["draw", { image: third! }] }];
      const { warnings } = await client.responses.create({ model: "gpt-4.1", input, tool: { inputImageMask: blob! } });
      return warnings?.map(({ param, message }) => [param, message]);
    },
    [simulator.url, KEY, OPTIONS, base64(webp), base64(jpeg), base64(gif)] as const,
  );
  expect(warnings).toEqual([["tool.inputImageMask", expect.stringMatching(/converted from WebP to PNG/)]]);
  const [body] = bodies(simulator);
  const urls = [...shown(body!), body?.tools?.[0]?.input_image_mask?.image_url ?? ""];
  expect(urls.map((url) => url.slice(0, url.indexOf(";")))).toEqual(["data:image/jpeg", "data:image/webp", "data:image/gif", "data:image/png"]);
  expect(urls.slice(0, 3).map(decode)).toEqual([jpeg, webp, gif]);
});

for (const reuses of [true, false]) {
  test(`a large image arrives bit for bit and is read in parts ${reuses ? "into the same buffer" : "where no stream reuses a buffer"}`, {
    tag: "@nightly",
  }, async ({ page, simulator }) => {
    const noise = await sharp(randomBytes(1024 * 1024 * 3), { raw: { width: 1024, height: 1024, channels: 3 } })
      .png()
      .toBuffer();
    const small = await picture("png");
    // Sizes around the boundary of a part. Bytes after an image are sent with it.
    const sizes = [PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, 2 * PART_BYTES + 2];
    const files = [noise, ...sizes.map((size) => Buffer.concat([small, randomBytes(size - small.length)]))];
    const report = await page.evaluate(
      async ([endpoint, key, options, files, reuses]) => {
        const blobs = files.map((file) => new Blob([Uint8Array.from(atob(file), (character) => character.charCodeAt(0))]));
        await azure.init();
        const read: number[] = [];
        const watch = (prototype: object, name: string, sizeOf: (self: unknown, argument: unknown) => number): void => {
          const original = Reflect.get(prototype, name) as (...values: unknown[]) => unknown;
          const value = function (this: unknown, ...values: unknown[]): unknown {
            read.push(sizeOf(this, values[0]));
            return Reflect.apply(original, this, values);
          };
          Object.defineProperty(prototype, name, { configurable: true, value });
        };
        for (const name of ["arrayBuffer", "text"]) watch(Blob.prototype, name, (blob) => (blob as Blob).size);
        const { stream } = Blob.prototype;
        Blob.prototype.stream = function () {
          const bytes = stream.call(this);
          const getReader = bytes.getReader.bind(bytes) as (options?: object) => never;
          bytes.getReader = (options?: object) => {
            if (options && !reuses) throw new TypeError("no byte stream");
            return getReader(options);
          };
          return bytes;
        };
        const client = new azure.AzureImageClient(endpoint, key, options);
        const input = ["draw these", ...blobs.map((image) => ({ image }))];
        const { images } = await client.responses.create({ model: "gpt-4.1", input });
        return { images: images.length, largest: Math.max(...read), memory: helpers.memory() };
      },
      [simulator.url, KEY, OPTIONS, files.map(base64), reuses] as const,
    );
    expect(report.images).toBe(1);
    expect(report.largest).toBeLessThanOrEqual(PART_BYTES);
    expect(report.memory).toBeLessThanOrEqual(4 * MEBIBYTE);
    expect(shown(bodies(simulator)[0]!).map((url) => sha256(decode(url)))).toEqual(files.map(sha256));
  });
}

test("a request is taken as it is when the call is made", async ({ page, simulator }) => {
  const png = await picture("png");
  await page.evaluate(
    async ([endpoint, key, options, png]) => {
      const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
      const part = { text: "draw" };
      const message = { role: "user", content: ["a boat"] };
      const item = { type: "reasoning", id: "rs_1", summary: [] as string[] };
      const input: unknown[] = [part, { image: bytes }, item, message];
      const tool = { size: "1024x1024", extra: { partial_images: 0 }, inputImageMask: bytes };
      const request = { model: "gpt-4.1", input, tool, metadata: { a: "b" }, extraBody: { user: "me" } };
      const client = new azure.AzureImageClient(endpoint, key, options);
      const made = client.responses.create(request as never);
      part.text = message.content[0] = item.id = request.model = tool.size = request.metadata.a = request.extraBody.user = "late";
      item.summary.push("late");
      message.content.push("late");
      input.push("late");
      tool.extra.partial_images = 3;
      bytes.fill(0);
      await made;
    },
    [simulator.url, KEY, OPTIONS, base64(png)] as const,
  );
  const url = `data:image/png;base64,${base64(png)}`;
  expect(bodies(simulator)).toEqual([
    expect.objectContaining({
      model: "gpt-4.1",
      input: [
        message("user", [says("draw"), { type: "input_image", image_url: url }]),
        { type: "reasoning", id: "rs_1", summary: [] },
        message("user", [says("a boat")]),
      ],
      tools: [expect.objectContaining({ size: "1024x1024", partial_images: 0, input_image_mask: { image_url: url } })],
      metadata: { a: "b" },
      user: "me",
    }),
  ]);
});

test("the other members arrive as the service spells them", async ({ page, simulator }) => {
  const tool = {
    quality: "low",
    size: "1024x1024",
    outputFormat: "jpeg",
    outputCompression: 50,
    moderation: "low",
    background: "opaque",
    inputFidelity: "high",
    action: "auto",
  };
  const metadata = { name: "boat" };
  const others = { instructions: "Be brief.", toolChoice: "image_generation", store: true, imageDeployment: "gpt-image-1" };
  expect(await ask(page, simulator, { tool, metadata, ...others, extraBody: { temperature: 0.5 } })).toBeUndefined();
  // What is not there is the service's to refuse.
  await ask(page, simulator, { conversation: { id: "conv_1" } });
  await ask(page, simulator, { conversation: "conv_2" });
  await ask(page, simulator, { previousResponseId: "resp_1" });
  const [body, ...contexts] = bodies(simulator);
  const { outputFormat, outputCompression, inputFidelity, ...same } = tool;
  const sent = { ...same, output_format: outputFormat, output_compression: outputCompression, input_fidelity: inputFidelity };
  expect(body).toMatchObject({
    instructions: "Be brief.",
    tools: [{ type: "image_generation", ...sent }],
    tool_choice: { type: "image_generation" },
    metadata,
    store: true,
    temperature: 0.5,
  });
  expect(contexts).toMatchObject([{ conversation: "conv_1" }, { conversation: "conv_2" }, { previous_response_id: "resp_1" }]);
});

test("what cannot be right is refused by its name, before anything is sent", async ({ page, simulator }) => {
  const reports = await page.evaluate(
    async ([endpoint, key, options]) => {
      const blob = new Blob(["no picture"]);
      const cycle: Record<string, unknown> = { type: "message" };
      cycle["self"] = cycle;
      const broken = new Blob(["x"]);
      broken.slice = () => {
        throw new DOMException("moved", "NotReadableError");
      };
      const thrower = (name: string): object =>
        Object.defineProperty({}, name, {
          enumerable: true,
          get() {
            throw new Error("a getter that throws");
          },
        });
      const text = "draw";
      const inputs: [param: string, input: unknown][] = [
        ["input", undefined],
        ["input", null],
        ["input", 7],
        ["input", { text }],
        ["input", ""],
        ["input", []],
        ["input[0]", [7]],
        ["input[1]", [text, null]],
        ["input[1]", [text, undefined]],
        ["input[1]", [text, blob]],
        ["input[1]", [text, new Uint8Array(3)]],
        ["input[1]", [text, ["nested"]]],
        ["input[1]", [text, {}]],
        ["input[1].img", [text, { img: blob }]],
        ["input[1].alt", [text, { image: blob, alt: "a boat" }]],
        ["input[0].detail", [{ text, detail: "high" }]],
        ["input[1].detail", [text, { fileId: "file-1", detail: 7 }]],
        ["input[0]", [{ text, image: blob }]],
        ["input[0].text", [{ text: 7 }]],
        ["input[0].text", [thrower("text")]],
        ["input[1].fileId", [text, { fileId: 7 }]],
        ["input[1].image", [text, { image: undefined }]],
        ["input[1].image", [text, { image: null }]],
        ["input[1].image", [text, { image: [blob] }]],
        ["input[1].image", [text, { image: blob }]],
        ["input[1].image", [text, { image: broken }]],
        ["input[1].image", [text, { image: "example.com/a.png" }]],
        ["input[1].image", [text, { image: "blob:nowhere" }]],
        ["input[1].image", [text, { image: "data:image/png;base64,%%%" }]],
        ["input[0].role", [{ role: 7, content: text }]],
        ["input[0].role", [{ content: text }]],
        ["input[0].content", [{ role: "user" }]],
        ["input[0].content", [{ role: "user", content: { text } }]],
        ["input[0].name", [{ role: "user", content: text, name: "me" }]],
        ["input[0].content[2]", [{ role: "user", content: [text, { text }, 7] }]],
        ["input[0].content[1].image", [{ role: "user", content: [text, { image: blob }] }]],
        ["input[1].type", [text, { type: 7 }]],
        ["input[1]", [text, cycle]],
        ["input[1]", [text, { type: "message", role: "user", content: [{ image: blob }] }]],
        ["input[0].content[0]", [{ role: "user", content: [{ type: "input_image", image_url: 7n }] }]],
      ];
      const requests: [param: string, request: unknown][] = [
        ["request", undefined],
        ["request", text],
        ["request", []],
        ["model", { input: text }],
        ["model", { model: 7, input: text }],
        ["model", Object.assign(thrower("model"), { input: text })],
        ...inputs.map(([param, input]): [string, unknown] => [param, { model: "gpt-4.1", input }]),
        ...Object.entries({
          agent: [7, ["painter"], {}, { name: 7 }],
          "agent.version": [{ name: "painter", version: 7 }].map((agent) => ({ agent })),
          conversation: [7, {}, { id: 7 }],
          metadata: [7, "a", ["a"], { a: 7 }, { a: null }, { a: { b: "c" } }],
          extraBody: [7, [1], cycle, { user: 7n }, { pictures: [blob] }],
          tool: [7, "image_generation", [{}]],
          toolChoice: [7],
        }).flatMap(([param, values]) =>
          values.map((value): [string, unknown] => [
            param,
            { model: "gpt-4.1", input: text, ...(param.includes(".") ? (value as object) : { [param]: value }) },
          ]),
        ),
        ...(
          [
            ["tool.size", { size: 7 }],
            ["tool.extra", { extra: [] }],
            ["tool.extra", { extra: cycle }],
            ["tool.inputImageMask", { inputImageMask: 7 }],
            ["tool.inputImageMask", { inputImageMask: blob }],
            ["tool.inputImageMask", { inputImageMask: { imageUrl: "https://example.com/a.png", fileId: "file-1" } }],
            ["tool.inputImageMask.fileId", { inputImageMask: { fileId: 7 } }],
            ["tool.outputCompression", thrower("outputCompression")],
          ] as const
        ).map(([param, tool]): [string, unknown] => [param, { model: "gpt-4.1", input: text, tool }]),
      ];
      const client = new azure.AzureImageClient(endpoint, key, options);
      const reports = [];
      for (const [expected, request] of requests) {
        const error = await client.responses.create(request as never).then(() => undefined, helpers.describeError);
        reports.push({ expected, code: error?.code, param: error?.param, billed: error?.billed, message: error?.message });
      }
      return reports;
    },
    [simulator.url, KEY, OPTIONS] as const,
  );
  expect(reports.map(({ code, param, billed }) => [code, param, billed])).toEqual(reports.map(({ expected }) => ["invalid_request", expected, "no"]));
  for (const { message, expected } of reports) expect(message).toContain(expected.slice(expected.lastIndexOf(".") + 1));
  expect(simulator.requests).toEqual([]);
});

test("an insecure page, which has no randomUUID, can send pictures too, and no text of a user is taken for one", async ({ page, simulator }) => {
  const error = await page.evaluate(
    async ([endpoint, key, options, url]) => {
      Object.defineProperty(crypto, "randomUUID", { value: undefined });
      const client = new azure.AzureImageClient(endpoint, key, options);
      const input = [`draw ${url}`, { image: url }, `draw ${url}`, { image: url }];
      return client.responses.create({ model: "gpt-4.1", input }).then(() => undefined, helpers.describeError);
    },
    [simulator.url, KEY, OPTIONS, PNG_URL] as const,
  );
  expect(error).toBeUndefined();
  const image = { type: "input_image", image_url: PNG_URL };
  expect(bodies(simulator)[0]?.input).toEqual([message("user", [says(`draw ${PNG_URL}`), image, says(`draw ${PNG_URL}`), image])]);
});
