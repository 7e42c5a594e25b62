/** The protocol of FLUX models. */

import { expect, post, test } from "./fixtures.js";
import { chart, flux, imageOf, json, resemblance } from "./single-image.js";

const models = {
  "FLUX.2-pro": "flux-2-pro",
  "FLUX.2-flex": "flux-2-flex",
  "FLUX.1-Kontext-pro": "flux-kontext-pro",
  "FLUX-1.1-pro": "flux-pro-1.1",
} as const;
type Name = keyof typeof models;
const names = Object.keys(models) as Name[];

const request = (model: Name, more: object = {}) => ({ model, prompt: "a red fox", n: 1, ...more });
const base64 = async (...chartOf: Parameters<typeof chart>) => (await chart(...chartOf)).toString("base64");

const results: readonly [model: Name, members: object, size: string, meta: Record<string, unknown>][] = [
  ["FLUX.2-pro", {}, "1024x1024", { cost: 3, input_mp: 0, output_mp: 1 }],
  ["FLUX.2-pro", { width: 1536, height: 1024 }, "1536x1024", { cost: 4.5, input_mp: 0, output_mp: 1.5 }],
  ["FLUX.2-pro", { width: 1008, height: 752 }, "1008x752", { cost: 3 }],
  ["FLUX.2-pro", { width: 1023, height: 300 }, "1008x288", { cost: 3 }],
  ["FLUX.2-pro", { width: 4096, height: 1024 }, "4096x1024", { cost: 7.5, output_mp: 4 }],
  ["FLUX.2-flex", { width: 2048, height: 1024, guidance: 4.5, steps: 10 }, "2048x1024", { cost: 10, output_mp: 2 }],
  ["FLUX.2-flex", { width: 512 }, "512x1024", { cost: 5, output_mp: 0.5 }],
  ["FLUX.1-Kontext-pro", {}, "1024x1024", { cost: 4, output_mp: 1 }],
  ["FLUX.1-Kontext-pro", { aspect_ratio: "16:9" }, "1360x768", { cost: 4 }],
  ["FLUX.1-Kontext-pro", { aspect_ratio: "3:7", width: 512, height: 512 }, "656x1552", { cost: 4 }],
  ["FLUX.1-Kontext-pro", { aspect_ratio: "7:3" }, "1552x656", { cost: 4 }],
  ["FLUX-1.1-pro", { width: 1440, height: 1010 }, "1440x992", { cost: 4 }],
  ["FLUX-1.1-pro", { width: 256, height: 256, safety_tolerance: 6 }, "256x256", { cost: 4, output_mp: 0.06 }],
];
for (const [model, members, size, meta] of results) {
  test(`${model} makes ${size} for ${JSON.stringify(members)}`, async ({ simulator }) => {
    const document = await json(simulator, flux(models[model]), request(model, members));
    expect(await imageOf(simulator, document)).toMatchObject({ format: "jpeg", size });
    expect(document.request_meta).toMatchObject(meta);
    expect(Object.keys(document)).toEqual(["data", "request_meta"]);
    expect(document.data[0].content_filter_results.hate).toEqual({ filtered: false, severity: "safe" });
  });
}

const refusals: readonly [model: Name, members: object, message: RegExp][] = [
  ["FLUX.2-pro", { width: 255 }, /^width must be between 256 and/],
  ["FLUX.2-pro", { height: 1.5 }, /^height must be an integer/],
  ["FLUX.2-pro", { width: 2064, height: 2048 }, /4194304 pixels/],
  ["FLUX-1.1-pro", { width: 1441 }, /^width must be between 256 and 1440/],
  ["FLUX-1.1-pro", { width: 1440, height: 1440 }, /1638400 pixels/],
  ["FLUX.1-Kontext-pro", { aspect_ratio: "5:2" }, /^aspect ratio is out of range$/],
  ["FLUX.1-Kontext-pro", { aspect_ratio: "2:5" }, /^aspect ratio is out of range$/],
  ["FLUX.1-Kontext-pro", { aspect_ratio: "wide" }, /^aspect ratio is out of range$/],
  ["FLUX.2-pro", { output_format: "webp" }, /^output_format must be png or jpeg$/],
  ["FLUX.2-pro", { safety_tolerance: 6 }, /^safety_tolerance must be between 0 and 5$/],
  ["FLUX.2-flex", { guidance: 1 }, /^guidance must be between 1.5 and 10$/],
  ["FLUX.2-flex", { steps: 51 }, /^steps must be between 1 and 50$/],
  ["FLUX.2-flex", { seed: "7" }, /^seed must be an integer$/],
  ["FLUX.2-pro", { prompt: "" }, /^prompt must be/],
  ["FLUX.2-pro", { input_image: "not base64!" }, /^Unable to decode input_image:/],
  ["FLUX.2-pro", { input_image: "AAAA" }, /^Unable to decode input_image:/],
];
for (const [model, members, message] of refusals) {
  test(`${model} refuses ${JSON.stringify(members)}`, async ({ simulator }) => {
    expect((await json(simulator, flux(models[model]), request(model, members), 400)).error).toEqual({
      code: "BadRequest",
      message: expect.stringMatching(message),
    });
    expect(simulator.pictures).toEqual([]);
  });
}

test("a data URL is refused, and so is a WebP file", async ({ simulator }) => {
  for (const input_image of [`data:image/png;base64,${await base64(512, 512)}`, await base64(512, 512, "webp")]) {
    const { error } = await json(simulator, flux("flux-2-pro"), request("FLUX.2-pro", { input_image }), 400);
    expect(error.message).toContain("Unable to decode input_image");
  }
});

test("output_format makes real PNG and JPEG files", async ({ simulator }) => {
  for (const output_format of ["png", "jpeg"]) {
    const document = await json(simulator, flux("flux-2-pro"), request("FLUX.2-pro", { output_format, width: 512, height: 512 }));
    expect((await imageOf(simulator, document)).format).toBe(output_format);
  }
});

test("a seed decides the image", async ({ simulator }) => {
  const imageFor = async (more: object) => {
    const body = request("FLUX.2-flex", { width: 256, height: 256, output_format: "png", ...more });
    return (await imageOf(simulator, await json(simulator, flux("flux-2-flex"), body))).bytes;
  };
  const first = await imageFor({ seed: 7 });
  expect((await imageFor({ seed: 7 })).equals(first)).toBe(true);
  expect((await imageFor({ seed: 8 })).equals(first)).toBe(false);
  expect((await imageFor({})).equals(first)).toBe(false);
});

test.describe("input images", () => {
  const sizes: readonly [model: Name, input: [number, number], more: object, size: string][] = [
    ["FLUX.2-pro", [640, 480], {}, "640x480"],
    ["FLUX.2-pro", [500, 300], {}, "496x288"],
    ["FLUX.2-pro", [200, 100], {}, "512x256"],
    ["FLUX.2-flex", [4000, 2000], {}, "2896x1440"],
    ["FLUX.2-flex", [640, 480], { width: 1024, height: 768 }, "1024x768"],
    ["FLUX.1-Kontext-pro", [640, 480], {}, "1168x880"],
    ["FLUX.1-Kontext-pro", [640, 480], { aspect_ratio: "1:1" }, "1024x1024"],
  ];
  for (const [model, [width, height], more, size] of sizes) {
    test(`${model} edits ${width}x${height}, with ${JSON.stringify(more)}, to ${size}`, async ({ simulator }) => {
      const input_image = await base64(width, height, "jpeg");
      const document = await json(simulator, flux(models[model]), request(model, { input_image, output_format: "png", ...more }));
      const { bytes, ...image } = await imageOf(simulator, document);
      expect(image).toEqual({ format: "png", size, hasAlpha: false });
      if (more !== sizes[6]?.[2]) expect(await resemblance(Buffer.from(input_image, "base64"), bytes)).toBeGreaterThan(0.8);
      expect(document.request_meta.input_mp).toBeCloseTo((width * height) / 1024 / 1024, 2);
    });
  }

  const counts: readonly [model: Name, maximum: number][] = [
    ["FLUX.2-pro", 8],
    ["FLUX.2-flex", 10],
    ["FLUX.1-Kontext-pro", 1],
    ["FLUX-1.1-pro", 0],
  ];
  for (const [model, maximum] of counts) {
    test(`${model} uses ${maximum}`, async ({ simulator }) => {
      const image = await base64(256, 256);
      const inputs = (count: number) =>
        Object.fromEntries(Array.from({ length: count }, (_, index) => [index === 0 ? "input_image" : `input_image_${index + 1}`, image]));
      const send = (count: number) => json(simulator, flux(models[model]), request(model, inputs(count)));
      expect((await send(maximum)).request_meta.input_mp).toBeCloseTo(maximum / 16, 1);
      expect((await send(maximum + 1)).request_meta.input_mp).toBeCloseTo(maximum / 16, 1);
    });
  }

  test("each costs a rounded-up megapixel, and shows", async ({ simulator }) => {
    const [first, second] = [await base64(1024, 1024), await base64(300, 300)];
    const send = (more: object) => json(simulator, flux("flux-2-pro"), request("FLUX.2-pro", { input_image: first, ...more }));
    const one = await send({});
    expect(one.request_meta).toEqual({ cost: 4.5, input_mp: 1, output_mp: 1 });
    const two = await send({ input_image_2: second });
    expect(two.request_meta.cost).toBe(6);
    expect(two.data[0].b64_json).not.toBe(one.data[0].b64_json);
  });

  test("under a wrong name gives an unrelated image", async ({ simulator }) => {
    const image = await base64(640, 640);
    const document = await json(simulator, flux("flux-2-pro"), request("FLUX.2-pro", { image, quality: "high", size: "512x512", user: "me" }));
    const { bytes, size } = await imageOf(simulator, document);
    expect(size).toBe("1024x1024");
    expect(Math.abs(await resemblance(Buffer.from(image, "base64"), bytes))).toBeLessThan(0.7);
    expect(document.request_meta.input_mp).toBe(0);
  });
});

test.describe("the scenario", () => {
  const errors: readonly [word: string, status: number, error: Record<string, unknown>][] = [
    ["moderation", 400, { message: "Request Moderated" }],
    ["content-filter", 400, { code: "content_safety_violation", message: expect.stringContaining("BingBlockList_Prompt") }],
    ["output-filter", 400, { code: "content_safety_violation" }],
    ["status=429", 429, { message: "Your requests to FLUX.2-pro for my-flux in westus3 have exceeded rate limit." }],
    ["error=400-request-moderated", 400, { message: "Request Moderated" }],
    ["require-n", 500, { type: "server_error" }],
  ];
  for (const [word, status, error] of errors) {
    test(word, async ({ simulator }) => {
      const response = await post(simulator, { model: "my-flux", prompt: `a fox [${word}]` }, { path: flux("flux-2-pro") });
      expect(response.status).toBe(status);
      expect((await response.json()).error).toMatchObject(error);
      expect(response.headers.get("retry-after")).toBeNull();
    });
  }

  test("200 without an image, once with a reason and once without", async ({ simulator }) => {
    const send = (word: string) =>
      json(simulator, flux("flux-2-pro"), request("FLUX.2-pro", { prompt: `a fox and ${word} [${word}] [times=1]`, width: 256, height: 256 }));
    const [filtered] = (await send("partially-filtered")).data;
    expect(filtered).toMatchObject({ finish_reason: "content_filter", content_filter_results: { violence: { filtered: true } } });
    expect(filtered).not.toHaveProperty("b64_json");
    expect((await send("no-image")).data).toEqual([]);
    for (const word of ["partially-filtered", "no-image"]) await imageOf(simulator, await send(word));
  });
});

test.describe("routes", () => {
  for (const model of names) {
    for (const path of Object.values(models)) {
      const status = models[model] === path ? 200 : 404;
      test(`${model} on ${path}: ${status}`, async ({ simulator }) => {
        const response = await post(simulator, request(model), { path: flux(path) });
        expect(response.status).toBe(status);
        if (status === 404) expect((await response.json()).error.code).toBe("DeploymentNotFound");
      });
    }
  }

  const key = { "api-key": "simulator-key" };
  const pro = flux("flux-2-pro");
  const cases: readonly [what: string, path: string, model: unknown, headers: Record<string, string>, status: number][] = [
    ["another case", pro, "flux.2-PRO", key, 200],
    ["a deployment with a name of its own", pro, "my-flux", key, 200],
    ["the key as a token", pro, "FLUX.2-pro", { authorization: "Bearer simulator-key" }, 200],
    ["a token", pro, "FLUX.2-pro", { authorization: "Bearer simulator-token" }, 200],
    ["a wrong key", pro, "FLUX.2-pro", { "api-key": "wrong" }, 401],
    ["no api-version", flux("flux-2-pro", ""), "FLUX.2-pro", key, 404],
    ["another api-version", flux("flux-2-pro", "?api-version=2025-04-01-preview"), "FLUX.2-pro", key, 400],
    ["no model", pro, undefined, key, 500],
    ["an unknown deployment", pro, "nowhere", key, 404],
    ["a deployment of gpt-image", pro, "gpt-image-2.5-flare", key, 404],
    ["a deployment of MAI", pro, "MAI-Image-2.6", key, 404],
    ["another path", flux("flux-3"), "FLUX.2-pro", key, 404],
  ];
  for (const [what, path, model, headers, status] of cases) {
    test(what, async ({ simulator }) => {
      const response = await fetch(simulator.url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ model, prompt: "a fox", width: 256, height: 256 }),
      });
      expect(response.status).toBe(status);
    });
  }

  test("only POST", async ({ simulator }) => {
    expect((await fetch(simulator.url + pro, { headers: key })).status).toBe(404);
  });
});
