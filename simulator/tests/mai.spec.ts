/** The protocol of MAI models. */

import sharp from "sharp";
import { file } from "./artwork.js";
import { expect, post, test } from "./fixtures.js";
import { chart, imageOf, json, MAI, maiEdit, resemblance } from "./single-image.js";

const request = (model: string, more: object = {}) => ({ model, prompt: "a mountain lake", ...more });

test.describe("generations", () => {
  const sizes: readonly [model: string, width: number, height: number, size: string][] = [
    ["MAI-Image-2.6", 1024, 1024, "1024x1024"],
    ["MAI-Image-2.6", 1366, 768, "1360x768"],
    ["MAI-Image-2.6", 783, 799, "768x784"],
    ["MAI-Image-2.6", 1536, 1536, "1536x1536"],
    ["MAI-Image-2.6-Flash", 3072, 768, "3072x768"],
    ["MAI-Image-2.5", 1376, 768, "1376x768"],
    ["MAI-Image-2.5", 1032, 1024, "1024x1024"],
    ["MAI-Image-2.7", 2048, 2048, "2048x2048"],
    ["MAI-Image-2e", 768, 768, "768x768"],
  ];
  for (const [model, width, height, size] of sizes) {
    test(`${model} makes ${size} for ${width}x${height}`, async ({ simulator }) => {
      const document = await json(simulator, MAI, request(model, { width, height }));
      expect(await imageOf(simulator, document)).toMatchObject({ format: "png", size, hasAlpha: false });
      expect(document).toMatchObject({ model, size, created: expect.any(Number), inference_time_sec: expect.any(Number) });
    });
  }

  const value = (fault: string) => ({
    code: "unsupported_request_value",
    message: `Model does not support request parameter value supplied: ${fault}`,
  });
  const pixels = (size: string, count: number, maximum: number) => ({
    code: "unsupported_request_value",
    message: `Invalid dimensions ${size}: total pixel count (${count}) exceeds the maximum of ${maximum}`,
  });
  const parameters = (names: string) => ({ code: "BadRequest", message: `Invalid parameters: ${names}` });
  const refusals: readonly [model: string, members: object, error: Record<string, unknown>][] = [
    ["MAI-Image-2.6", { width: 767, height: 1024 }, value("'width' must be at least 768 pixels.")],
    ["MAI-Image-2.6", { width: 1024, height: 512 }, value("'height' must be at least 768 pixels.")],
    ["MAI-Image-2.5", { width: 1033, height: 1024 }, pixels("1033x1024", 1_057_792, 1_056_768)],
    ["MAI-Image-2.5-Pro", { width: 1536, height: 1536 }, pixels("1536x1536", 2_359_296, 1_056_768)],
    ["MAI-Image-2.6", { width: 1552, height: 1536 }, pixels("1552x1536", 2_383_872, 2_359_296)],
    ["MAI-Image-2.7-Flash", { width: 2064, height: 2048 }, pixels("2064x2048", 4_227_072, 4_194_304)],
    ["MAI-Image-2.6", { width: 1024 }, value("'width' and 'height' must be given together.")],
    ["MAI-Image-2.6", { width: "1024", height: 1024 }, value("'width' must be an integer.")],
    ["MAI-Image-2.6", { seed: 1 }, parameters("seed")],
    ["MAI-Image-2.6", { quality: "high", response_format: "b64_json", stream: true }, parameters("quality, response_format, stream")],
    ["MAI-Image-2.5", { web_grounding: true, auto_aspect_ratio: true }, parameters("web_grounding, auto_aspect_ratio")],
    ["MAI-Image-2.6", { background: "opaque" }, parameters("background")],
    ["MAI-Image-2.6", { web_grounding: "true" }, value("'web_grounding' must be a boolean.")],
    ["MAI-Image-2.7", { background: "auto" }, value("'background' must be 'transparent' or 'opaque'.")],
    ["MAI-Image-2.6", { prompt: "" }, value("'prompt' must be a non-empty string.")],
    ["MAI-Image-2.6", { prompt: null }, { message: "Missing required parameter: prompt" }],
  ];
  for (const [model, members, error] of refusals) {
    test(`${model} refuses ${JSON.stringify(members)}`, async ({ simulator }) => {
      expect((await json(simulator, MAI, request(model, members), 400)).error).toMatchObject(error);
      expect(simulator.pictures).toEqual([]);
    });
  }

  test("n and size have no effect", async ({ simulator }) => {
    const document = await json(simulator, MAI, request("MAI-Image-2.6", { n: 4, size: "1536x1536" }));
    expect(await imageOf(simulator, document)).toMatchObject({ size: "1024x1024" });
  });

  const usages: readonly [model: string, usage: object][] = [
    ["MAI-Image-2.6", { usage: { num_input_text_tokens: 7, num_input_image_tokens: 0, num_output_tokens: 1020 } }],
    ["MAI-Image-2", { usage: undefined, num_output_tokens: 1020 }],
    ["MAI-Image-2e", { usage: undefined, num_output_tokens: undefined }],
  ];
  for (const [model, usage] of usages) {
    test(`the usage of ${model}`, async ({ simulator }) => {
      const { usage: object, num_output_tokens } = await json(simulator, MAI, request(model, { width: 1360, height: 768 }));
      expect({ usage: object, num_output_tokens }).toEqual({ num_output_tokens: undefined, ...usage });
    });
  }

  test("auto_aspect_ratio chooses a shape for the prompt, unless a size is given", async ({ simulator }) => {
    const sizeFor = async (prompt: string, more: object = {}): Promise<string> =>
      (await json(simulator, MAI, { model: "MAI-Image-2.6", prompt, auto_aspect_ratio: true, web_grounding: true, ...more })).size;
    const chosen = await Promise.all(["a lake", "a sea", "a city", "a forest", "a desert"].map((prompt) => sizeFor(prompt)));
    expect(new Set(chosen).size).toBeGreaterThan(1);
    expect(chosen).not.toContain("1024x1024");
    expect(await sizeFor("a lake")).toBe(chosen[0]);
    expect(await sizeFor("a lake", { width: 768, height: 768 })).toBe("768x768");
  });

  test("a transparent background is transparent", async ({ simulator }) => {
    const { bytes, hasAlpha } = await imageOf(simulator, await json(simulator, MAI, request("MAI-Image-2.7", { background: "transparent" })));
    expect(hasAlpha).toBe(true);
    expect((await sharp(bytes).extractChannel("alpha").stats()).channels[0]).toMatchObject({ min: 0, max: 255 });
    const opaque = await imageOf(simulator, await json(simulator, MAI, request("MAI-Image-2.7-Flash", { background: "opaque" })));
    expect(opaque.hasAlpha).toBe(false);
  });
});

test.describe("edits", () => {
  const shapes: readonly [input: [number, number], size: string][] = [
    [[553, 311], "1360x768"],
    [[311, 553], "768x1360"],
    [[640, 480], "1168x880"],
    [[2048, 2048], "1024x1024"],
    [[1800, 300], "1376x768"],
  ];
  for (const [[width, height], size] of shapes) {
    test(`an input of ${width}x${height} gives ${size}`, async ({ simulator }) => {
      const input = await chart(width, height);
      const document = await maiEdit(simulator, { model: "MAI-Image-2.6", image: file(input, "input.png") });
      const { bytes, ...image } = await imageOf(simulator, document);
      expect(image).toEqual({ format: "png", size, hasAlpha: false });
      if (width / height < 2) expect(await resemblance(input, bytes)).toBeGreaterThan(0.8);
      expect(document.usage.num_input_image_tokens).toBe(Math.round((width * height) / 1024));
    });
  }

  test("up to five inputs, PNG or JPEG, and all of them show", async ({ simulator }) => {
    const first = file(await chart(1024, 1024, "jpeg"), "first.jpg", "image/jpeg");
    const second = file(await chart(256, 256), "second.png");
    const one = await imageOf(simulator, await maiEdit(simulator, { model: "MAI-Image-2.5", image: first }));
    const document = await maiEdit(simulator, { model: "MAI-Image-2.5", image: [first, second, second, second, second] });
    const five = await imageOf(simulator, document);
    expect(five.bytes.equals(one.bytes)).toBe(false);
    expect(document.usage.num_input_image_tokens).toBe(1024 + 4 * 64);
    const { error } = await maiEdit(simulator, { model: "MAI-Image-2.5", image: Array(6).fill(second) }, 400);
    expect(error.message).toContain("at most 5");
  });

  test("a transparent background cuts the image out", async ({ simulator }) => {
    const image = file(await chart(1024, 1024), "input.png");
    const result = await imageOf(simulator, await maiEdit(simulator, { model: "MAI-Image-2.7", background: "transparent", image }));
    expect(result.hasAlpha).toBe(true);
  });

  const sizes: readonly [model: string, fields: Record<string, string>, result: string | RegExp][] = [
    ["MAI-Image-2.6", { width: "1366", height: "768" }, "1360x768"],
    ["MAI-Image-2.5", { size: "1024x1024" }, "1168x880"],
    ["MAI-Image-2.5-Flash", { size: "1024x1024", n: "2" }, "1168x880"],
    ["MAI-Image-2.5-Flash", { width: "1024", height: "1024" }, /^Invalid parameters: width, height$/],
    ["MAI-Image-2.6", { width: "512", height: "1024" }, /'width' must be at least 768 pixels/],
    ["MAI-Image-2.6", { width: "wide", height: "1024" }, /'width' must be an integer/],
    ["MAI-Image-2.6", { auto_aspect_ratio: "true", web_grounding: "true" }, "1168x880"],
    ["MAI-Image-2.6", { web_grounding: "maybe" }, /'web_grounding' must be a boolean/],
    ["MAI-Image-2.6", { output_format: "png", n: "1" }, /^Invalid parameters: output_format$/],
  ];
  for (const [model, fields, result] of sizes) {
    test(`${model} with ${JSON.stringify(fields)}`, async ({ simulator }) => {
      const image = file(await chart(640, 480), "input.png");
      if (typeof result === "string") expect((await maiEdit(simulator, { model, image, ...fields })).size).toBe(result);
      else expect((await maiEdit(simulator, { model, image, ...fields }, 400)).error.message).toMatch(result);
    });
  }

  test("refuses what is no input", async ({ simulator }) => {
    const input = await chart(640, 480);
    const image = file(input, "input.png");
    const refused = async (fields: Parameters<typeof maiEdit>[1]) => (await maiEdit(simulator, { model: "MAI-Image-2.6", ...fields }, 400)).error;
    expect(await refused({})).toMatchObject({ message: "Missing required parameter: image" });
    expect(await refused({ image, mask: image })).toMatchObject({ message: "Invalid parameters: mask" });
    expect(await refused({ "image[]": image })).toMatchObject({ message: "Invalid parameters: image[]" });
    expect(await refused({ image: file(await chart(640, 480, "webp"), "input.webp") })).toMatchObject({ code: "unsupported_request_value" });
    expect(await refused({ image: file(Buffer.from("no image"), "input.png") })).toMatchObject({ code: "unsupported_request_value" });
    expect(await refused({ image: file(input, "input", "application/octet-stream") })).toMatchObject({ code: "unsupported_request_value" });
    expect(await refused({ model: "MAI-Image-2", image })).toMatchObject({ code: "OperationNotSupported" });
    expect(await refused({ model: "MAI-Image-2e", image })).toMatchObject({ code: "OperationNotSupported" });
  });
});

test.describe("the scenario", () => {
  const errors: readonly [word: string, status: number, error: Record<string, unknown>][] = [
    ["status=408", 408, { code: "Timeout", message: "The operation was timeout." }],
    ["status=429", 429, { message: "Your requests to MAI-Image-2.6 for my-mai in westus3 have exceeded rate limit." }],
    ["content-filter", 400, { code: "content_safety_violation", message: expect.stringContaining("BingBlockList_Prompt") }],
    ["output-filter", 400, { code: "content_safety_violation", message: "Response content blocked by label 'MultiSeverity_ViolenceScore'." }],
    ["moderation", 400, { code: "content_safety_violation" }],
    ["error=429-rate-limit-classic", 429, { message: expect.stringContaining("Please retry after 18 seconds") }],
    ["error=429-rate-limit-no-hint", 429, { message: expect.stringMatching(/have exceeded rate limit\.$/) }],
    ["status=500", 500, { type: "server_error" }],
  ];
  for (const [word, status, error] of errors) {
    test(word, async ({ simulator }) => {
      const response = await post(simulator, { model: `my-mai--${word.replace("=", "-")}`, prompt: "a lake" }, { path: MAI });
      expect(response.status).toBe(status);
      expect((await response.json()).error).toMatchObject(error);
      expect(response.headers.get("retry-after")).toBe(word === "error=429-rate-limit-classic" ? "18" : null);
    });
  }

  test("retry-after still adds a delay to the header", async ({ simulator }) => {
    const response = await post(simulator, request("MAI-Image-2.6", { prompt: "a lake [status=429] [retry-after=3]" }), { path: MAI });
    expect(response.headers.get("retry-after")).toBe("3");
  });

  test("times, no-image, minimal and truncate", async ({ simulator }) => {
    const prompt = "a lake [no-image] [times=1]";
    expect((await json(simulator, MAI, request("MAI-Image-2.6", { prompt }))).data).toEqual([]);
    expect((await json(simulator, MAI, request("MAI-Image-2.6", { prompt }))).data).toHaveLength(1);
    const minimal = await json(simulator, MAI, request("MAI-Image-2.6", { prompt: "a lake [minimal]" }));
    expect(Object.keys(minimal)).toEqual(["created", "data"]);
    const truncated = await post(simulator, request("MAI-Image-2.6", { prompt: "a lake [truncate=50%]" }), { path: MAI });
    await expect(truncated.json()).rejects.toThrow();
    expect(simulator.pictures).toHaveLength(2);
  });

  test("a prompt that no filter lets through", async ({ simulator }) => {
    expect((await json(simulator, MAI, request("MAI-Image-2.6", { prompt: "gore" }), 400)).error.code).toBe("content_safety_violation");
  });
});

test.describe("routes", () => {
  const path = (more: string) => `${MAI}${more}`;
  const cases: readonly [what: string, path: string, model: unknown, headers: Record<string, string>, status: number][] = [
    ["no api-version", MAI, "MAI-Image-2.6", {}, 200],
    ["api-version=preview", path("?api-version=preview"), "MAI-Image-2.6", {}, 200],
    ["any other api-version", path("?api-version=2025-04-01-preview"), "MAI-Image-2.6", {}, 200],
    ["another case", MAI, "mai-image-2.6", {}, 200],
    ["a deployment with a name of its own", MAI, "my-mai", {}, 200],
    ["a token", MAI, "MAI-Image-2.6", { "api-key": "", authorization: "Bearer simulator-token" }, 200],
    ["a wrong key", MAI, "MAI-Image-2.6", { "api-key": "wrong" }, 401],
    ["the key as a token", MAI, "MAI-Image-2.6", { "api-key": "", authorization: "Bearer simulator-key" }, 401],
    ["no model", MAI, undefined, {}, 400],
    ["an unknown deployment", MAI, "nowhere", {}, 404],
    ["a deployment of gpt-image", MAI, "gpt-image-2.5-flare", {}, 404],
    ["a deployment of FLUX", MAI, "FLUX.2-pro", {}, 404],
    ["another path", "/mai/v1/chat/completions", "MAI-Image-2.6", {}, 404],
  ];
  for (const [what, url, model, changed, status] of cases) {
    test(what, async ({ simulator }) => {
      const headers = Object.fromEntries(
        Object.entries({ "content-type": "application/json", "api-key": "simulator-key", ...changed }).filter(([, value]) => value !== ""),
      );
      const body = JSON.stringify({ model, prompt: "a lake" });
      const response = await fetch(simulator.url + url, { method: "POST", headers, body });
      expect(response.status).toBe(status);
      if (status === 404) expect((await response.json()).error.code).toBe(url === MAI ? "DeploymentNotFound" : "404");
    });
  }

  test("only POST", async ({ simulator }) => {
    expect((await fetch(simulator.url + MAI, { headers: { "api-key": "simulator-key" } })).status).toBe(404);
  });
});
