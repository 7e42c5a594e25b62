/** What the service refuses of an edit, and how. */

import sharp from "sharp";
import { file, mask, photograph } from "./artwork.js";
import { classic, expect, form, post, postForm, test, V1_EDITS } from "./fixtures.js";

type Fields = Parameters<typeof form>[0];

interface Refusal {
  readonly type?: string;
  readonly param: string;
  readonly code: string;
  readonly message: RegExp;
}

const MEGABYTE = 1024 * 1024;
const HOLE = { left: 10, top: 10, width: 20, height: 20 };

const picture = await photograph(64, 64).png().toBuffer();
const image = file(picture, "picture.png");
const opened = file(await mask(64, 64, HOLE).png().toBuffer(), "mask.png");
const opaque = file(await mask(64, 64, HOLE).removeAlpha().png().toBuffer(), "mask.png");
const larger = file(await mask(65, 64, HOLE).png().toBuffer(), "mask.png");
const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>');

const mimetype = (param: string): Refusal => ({ param, code: "unsupported_file_mimetype", message: /^Invalid file / });
const unreadable = (ordinal: number): Refusal => ({
  type: "image_generation_user_error",
  param: "image",
  code: "invalid_image_file",
  message: new RegExp(`^Invalid image file or mode for image ${ordinal}, please check your image file\\.$`),
});
const badMask = (fault: string): Refusal => ({
  type: "image_generation_user_error",
  param: "mask",
  code: "invalid_mask_image_format",
  message: new RegExp(`^Invalid mask image format - ${fault}$`),
});

const dallE2 = { model: "dall-e-2", image: file(await photograph(64, 64, 4).png().toBuffer(), "picture.png") };

const refusals: readonly [what: string, fields: Fields, refusal: Refusal][] = [
  ["no picture", { image: [] }, { param: "image", code: "missing_required_parameter", message: /'image'/ }],
  ["a text for a picture", { image: "a lake" }, { param: "image", code: "invalid_type", message: /expected a file, but got a string/ }],
  ["a file for a text", { user: file(picture, "user.png") }, { param: "user", code: "invalid_type", message: /a string, but got a file/ }],
  ["a file that nobody asked for", { video: image }, { param: "video", code: "unknown_parameter", message: /'video'/ }],
  [
    "two pictures without the array syntax",
    { image: [image, image] },
    { param: "image", code: "duplicate_parameter", message: /^Duplicate parameter: 'image'.* e\.g\. 'image\[\]=<value>'\.$/ },
  ],
  ["two masks", { mask: [opened, opened] }, { param: "mask", code: "duplicate_parameter", message: /'mask'/ }],
  ["two prompts", { prompt: ["a lake", "a river"] }, { param: "prompt", code: "duplicate_parameter", message: /'prompt'/ }],
  [
    "seventeen pictures",
    { image: [], "image[]": Array(17).fill(image) },
    { param: "image", code: "array_above_max_length", message: /length 16, but got an array with length 17/ },
  ],
  [
    "a picture of 50 MB",
    { image: file(new Uint8Array(50 * MEGABYTE), "large.png") },
    { param: "image", code: "image_file_too_large", message: /less than 50 MB/ },
  ],
  [
    "a mask of 50 MB",
    { mask: file(new Uint8Array(50 * MEGABYTE), "mask.png") },
    { param: "mask", code: "image_file_too_large", message: /less than 50 MB/ },
  ],
  [
    "bytes of no type",
    { image: file(picture, "picture", "application/octet-stream") },
    {
      ...mimetype("image"),
      message:
        /^Invalid file 'image': unsupported mimetype \('application\/octet-stream'\)\. Supported file formats are 'image\/jpeg', 'image\/png', and 'image\/webp'\.$/,
    },
  ],
  ["a gif, in second place", { image: [], "image[]": [image, file(await sharp(picture).gif().toBuffer(), "picture.gif")] }, mimetype("image[1]")],
  ["a gif that calls itself png", { image: file(await sharp(picture).gif().toBuffer(), "picture.png") }, unreadable(1)],
  ["a drawing that calls itself png", { image: file(svg, "picture.png") }, unreadable(1)],
  ["bytes that are no picture", { image: file(new Uint8Array(1000), "picture.png") }, unreadable(1)],
  ["an empty file", { image: file(new Uint8Array(), "picture.png") }, unreadable(1)],
  ["a picture that is cut off", { image: file(picture.subarray(0, picture.length / 2), "picture.png") }, unreadable(1)],
  [
    "another picture that is cut off",
    { image: [], "image[]": [image, image, file(picture.subarray(0, picture.length / 2), "picture.png")] },
    unreadable(3),
  ],
  ["a mask that is no png", { mask: file(await mask(64, 64, HOLE).webp().toBuffer(), "mask.webp") }, mimetype("mask")],
  [
    "a webp mask that calls itself png",
    { mask: file(await mask(64, 64, HOLE).webp().toBuffer(), "mask.png") },
    badMask("mask image is not a PNG file"),
  ],
  ["a mask without an alpha channel", { mask: opaque }, badMask("mask image missing alpha channel")],
  ["a mask of another size", { mask: larger }, badMask("mask size does not match image size")],
  [
    "a mask that is cut off",
    { mask: file(new Uint8Array(await opened.slice(0, opened.size / 2).arrayBuffer()), "mask.png") },
    badMask("mask image cannot be read"),
  ],
  ["no prompt", { prompt: [] }, { param: "prompt", code: "missing_required_parameter", message: /'prompt'/ }],
  ["an empty prompt", { prompt: "" }, { param: "prompt", code: "empty_string", message: /empty string/ }],
  ["a prompt that is too long", { prompt: "x".repeat(32_001) }, { param: "prompt", code: "string_above_max_length", message: /32000/ }],
  ["moderation", { moderation: "low" }, { param: "moderation", code: "unknown_parameter", message: /^Unknown parameter: 'moderation'\.$/ }],
  ["an unknown parameter", { colour: "red" }, { param: "colour", code: "unknown_parameter", message: /'colour'/ }],
  [
    "response_format on gpt-image",
    { response_format: "b64_json" },
    { param: "response_format", code: "unknown_parameter", message: /response_format/ },
  ],
  ["a size outside the list", { size: "2048x2048" }, { param: "size", code: "invalid_value", message: /'1024x1024'/ }],
  [
    "a size of gpt-image-2",
    { model: "gpt-image-2", size: "4096x4096" },
    { param: "size", code: "invalid_value", message: /^Invalid size '4096x4096'\. The longest edge must be less than or equal to 3840\.$/ },
  ],
  ["an n that is no number", { n: "two" }, { param: "n", code: "invalid_type", message: /expected an integer, but got a string/ }],
  ["a broken n", { n: "1.5" }, { param: "n", code: "invalid_type", message: /an integer/ }],
  ["too many pictures", { n: "11" }, { param: "n", code: "integer_above_max_value", message: /<= 10/ }],
  ["too many previews", { stream: "True", partial_images: "4" }, { param: "partial_images", code: "integer_above_max_value", message: /<= 3/ }],
  ["a stream that is neither true nor false", { stream: "yes" }, { param: "stream", code: "invalid_type", message: /a boolean/ }],
  ["a transparent jpeg", { background: "transparent", output_format: "jpeg" }, { param: "background", code: "invalid_value", message: /JPEG/ }],
  ["an input_fidelity", { input_fidelity: "medium" }, { param: "input_fidelity", code: "invalid_value", message: /'high' and 'low'/ }],
  [
    "high input_fidelity on gpt-image-1-mini",
    { model: "gpt-image-1-mini", input_fidelity: "high" },
    { param: "input_fidelity", code: "invalid_value", message: /'low'/ },
  ],
  [
    "input_fidelity on gpt-image-2",
    { model: "gpt-image-2", input_fidelity: "low" },
    {
      param: "input_fidelity",
      code: "invalid_input_fidelity_model",
      message: /^The model 'gpt-image-2' does not support the 'input_fidelity' parameter\.$/,
    },
  ],
  [
    "an oblong picture on dall-e-2",
    { ...dallE2, image: file(await photograph(64, 32, 4).png().toBuffer(), "picture.png") },
    { type: "image_generation_user_error", param: "image", code: "invalid_image_file", message: /square/ },
  ],
  ["a jpeg on dall-e-2", { ...dallE2, image: file(await photograph(64, 64).jpeg().toBuffer(), "picture.jpeg") }, mimetype("image")],
  [
    "4 MB on dall-e-2",
    { ...dallE2, image: file(new Uint8Array(4 * MEGABYTE), "large.png") },
    { param: "image", code: "image_file_too_large", message: /less than 4 MB/ },
  ],
  ["a picture without transparency and no mask on dall-e-2", { ...dallE2, image }, badMask("mask image missing alpha channel")],
  [
    "input_fidelity on dall-e-2",
    { ...dallE2, input_fidelity: "low" },
    { param: "input_fidelity", code: "unknown_parameter", message: /input_fidelity/ },
  ],
];

for (const [what, fields, { message, type = "invalid_request_error", ...rest }] of refusals) {
  test(`refuses ${what}`, async ({ simulator }) => {
    const response = await postForm(simulator, form({ model: "gpt-image-1", prompt: "a lake", image, ...fields }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { ...rest, type, message: expect.stringMatching(message) } });
  });
}

test("refuses models that edit nothing", async ({ simulator }) => {
  const response = await postForm(simulator, form({ model: "dall-e-3", prompt: "a lake", image }));
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: { code: "OperationNotSupported", message: expect.stringContaining("specified model, dall-e-3.") },
  });
});

test("refuses JSON, which only OpenAI takes", async ({ simulator }) => {
  const body = { model: "gpt-image-1", prompt: "a lake", images: [{ image_url: "data:image/png;base64,AAAA" }] };
  for (const path of [V1_EDITS, classic("gpt-image-1", undefined, "edits")]) {
    const response = await post(simulator, body, { path });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: {
        code: "unsupported_content_type",
        message: expect.stringMatching(
          /^Unsupported content type: 'application\/json'\. .* 'multipart\/form-data' requests, .*'Content-Type: application\/json'\.$/,
        ),
      },
    });
  }
});

test("refuses a prompt that no filter lets through", async ({ simulator }) => {
  const response = await postForm(simulator, form({ model: "gpt-image-1", prompt: "a scene full of gore", image }));
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: "contentFilter" } });
});

test.describe("routes", () => {
  const edits = (deployment: string, version?: string) => classic(deployment, version, "edits");
  const answers: readonly [what: string, path: string, model: string | undefined, status: number, code: string | undefined][] = [
    ["v1", V1_EDITS, "gpt-image-1", 200, undefined],
    ["v1 without a version", "/openai/v1/images/edits", "my-pictures", 200, undefined],
    ["v1 without a model", V1_EDITS, undefined, 400, "missing_required_parameter"],
    ["v1 with an unknown deployment", V1_EDITS, "nowhere", 404, "DeploymentNotFound"],
    ["classic", edits("gpt-image-1"), undefined, 200, undefined],
    ["classic with the base model in the form", edits("my-pictures"), "gpt-image-1", 200, undefined],
    ["classic with the deployment in the form", edits("my-pictures"), "my-pictures", 400, "invalid_value"],
    ["classic with an unknown deployment", edits("nowhere"), undefined, 404, "DeploymentNotFound"],
    ["classic with a version before edits", edits("gpt-image-1", "2025-03-01-preview"), undefined, 404, "404"],
    ["classic with a version before edits, and an unknown deployment", edits("nowhere", "2024-02-01"), undefined, 404, "404"],
    ["classic without a version", "/openai/deployments/gpt-image-1/images/edits", undefined, 404, "404"],
    ["classic with an unknown version", edits("gpt-image-1", "2023-01-01"), undefined, 400, "BadRequest"],
  ];
  for (const [what, path, model, status, code] of answers) {
    test(what, async ({ simulator }) => {
      const fields = { prompt: "a lake", image, ...(model === undefined ? {} : { model }) };
      const response = await postForm(simulator, form(fields), { path });
      expect(response.status).toBe(status);
      expect(((await response.json()) as { error?: { code: string } }).error?.code).toBe(code);
    });
  }
});
