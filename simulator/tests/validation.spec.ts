/** What the service refuses, and how. */

import { classic, expect, post, request, test, V1 } from "./fixtures.js";

interface Refusal {
  readonly param: string | null;
  readonly code: string;
  readonly message: RegExp;
}

async function refusal(response: Response): Promise<unknown> {
  expect(response.status).toBe(400);
  const { error } = (await response.json()) as { error: { type: string } };
  expect(error.type).toBe("invalid_request_error");
  return error;
}

const refusals: readonly [what: string, body: object, refusal: Refusal][] = [
  ["no prompt", { model: "gpt-image-1" }, { param: "prompt", code: "missing_required_parameter", message: /'prompt'/ }],
  ["an empty prompt", request(""), { param: "prompt", code: "empty_string", message: /empty string/ }],
  ["a prompt that is no text", { model: "gpt-image-1", prompt: 5 }, { param: "prompt", code: "invalid_type", message: /a number/ }],
  ["a prompt too long for gpt-image", request("x".repeat(32_001)), { param: "prompt", code: "string_above_max_length", message: /32000/ }],
  [
    "a prompt too long for dall-e-3",
    { model: "dall-e-3", prompt: "x".repeat(4_001) },
    { param: "prompt", code: "string_above_max_length", message: /4000/ },
  ],
  [
    "an unknown parameter",
    request("a", { colour: "red" }),
    { param: "colour", code: "unknown_parameter", message: /^Unknown parameter: 'colour'\.$/ },
  ],
  [
    "response_format on gpt-image",
    request("a", { response_format: "b64_json" }),
    { param: "response_format", code: "unknown_parameter", message: /response_format/ },
  ],
  ["style on gpt-image", request("a", { style: "vivid" }), { param: "style", code: "unknown_parameter", message: /style/ }],
  [
    "a size outside the list",
    request("a", { size: "2048x2048" }),
    {
      param: "size",
      code: "invalid_value",
      message: /^Invalid value: '2048x2048'\. Supported values are: '1024x1024', '1024x1536', '1536x1024', and 'auto'\.$/,
    },
  ],
  ["a quality", request("a", { quality: "hd" }), { param: "quality", code: "invalid_value", message: /'low', 'medium', 'high', and 'auto'/ }],
  ["a background", request("a", { background: "red" }), { param: "background", code: "invalid_value", message: /'red'/ }],
  ["a moderation", request("a", { moderation: "none" }), { param: "moderation", code: "invalid_value", message: /'low' and 'auto'/ }],
  ["an output_format", request("a", { output_format: "gif" }), { param: "output_format", code: "invalid_value", message: /'gif'/ }],
  [
    "an output_compression",
    request("a", { output_format: "jpeg", output_compression: 101 }),
    { param: "output_compression", code: "integer_above_max_value", message: /101/ },
  ],
  [
    "compression of a png",
    request("a", { output_compression: 50 }),
    { param: "output_compression", code: "invalid_png_output_compression", message: /PNG/ },
  ],
  ["no pictures", request("a", { n: 0 }), { param: "n", code: "integer_below_min_value", message: />= 1/ }],
  ["too many pictures", request("a", { n: 11 }), { param: "n", code: "integer_above_max_value", message: /<= 10/ }],
  ["half a picture", request("a", { n: 1.5 }), { param: "n", code: "invalid_type", message: /integer/ }],
  [
    "too many previews",
    request("a", { stream: true, partial_images: 4 }),
    { param: "partial_images", code: "integer_above_max_value", message: /<= 3/ },
  ],
  ["stream as a text", request("a", { stream: "true" }), { param: "stream", code: "invalid_type", message: /boolean/ }],
  [
    "transparent jpeg",
    request("a", { background: "transparent", output_format: "jpeg" }),
    { param: "background", code: "invalid_value", message: /JPEG/ },
  ],
  ["a stream from dall-e", { model: "dall-e-3", prompt: "a", stream: true }, { param: "stream", code: "unknown_parameter", message: /stream/ }],
  ["two pictures from dall-e-3", { model: "dall-e-3", prompt: "a", n: 2 }, { param: "n", code: "integer_above_max_value", message: /<= 1/ }],
  [
    "a style of dall-e-3",
    { model: "dall-e-3", prompt: "a", style: "bold" },
    { param: "style", code: "invalid_value", message: /'vivid' and 'natural'/ },
  ],
  ["a style of dall-e-2", { model: "dall-e-2", prompt: "a", style: "vivid" }, { param: "style", code: "unknown_parameter", message: /style/ }],
  ["a size of dall-e-2", { model: "dall-e-2", prompt: "a", size: "1536x1024" }, { param: "size", code: "invalid_value", message: /256x256/ }],
];

for (const [what, body, expected] of refusals) {
  test(`refuses ${what}`, async ({ simulator }) => {
    const { message, ...rest } = expected;
    expect(await refusal(await post(simulator, body))).toMatchObject({ ...rest, message: expect.stringMatching(message) });
  });
}

const sizes: readonly [size: string, message: RegExp | undefined][] = [
  ["1024x640", undefined],
  ["3840x2160", undefined],
  ["1200x1200", undefined],
  ["auto", undefined],
  ["1000x1000", /divisible by 16/],
  ["4096x2048", /^Invalid size '4096x2048'\. The longest edge must be less than or equal to 3840\.$/],
  ["3200x1024", /ratio/],
  ["512x512", /below the current minimum pixel budget\.$/],
  ["3840x2176", /maximum pixel budget/],
  ["large", /1024x1024/],
];

for (const [size, message] of sizes) {
  test(`gpt-image-2 ${message === undefined ? "makes" : "refuses"} ${size}`, async ({ simulator }) => {
    const response = await post(simulator, { model: "gpt-image-2", prompt: "a", size, output_format: "jpeg" });
    if (message === undefined) {
      expect(response.status).toBe(200);
      await response.arrayBuffer();
    } else {
      expect(await refusal(response)).toMatchObject({ param: "size", message: expect.stringMatching(message) });
    }
  });
}

test.describe("a request without a prompt, by which a client asks whether it would be served", () => {
  const v1 = (model: string) => ({ path: V1, body: { model } });
  const inPath = (deployment: string, version?: string) => ({ path: classic(deployment, version), body: {} });
  const answers: readonly [what: string, ask: { path: string; body: object }, status: number, code: string, key?: string][] = [
    ["v1", v1("gpt-image-1"), 400, "missing_required_parameter"],
    ["v1 with a named deployment", v1("my-pictures"), 400, "missing_required_parameter"],
    ["v1 with dall-e", v1("dall-e-3"), 400, "missing_required_parameter"],
    ["v1 with an unknown deployment", v1("nowhere"), 404, "DeploymentNotFound"],
    ["v1 with a wrong key", v1("gpt-image-1"), 401, "401", "wrong"],
    ["v1 with an unsupported version", { path: V1.replace("preview", "2025-04-01-preview"), body: { model: "gpt-image-1" } }, 400, "BadRequest"],
    ["v1 with a scenario that refuses", v1("gpt-image-1--status-429"), 429, "429"],
    ["v1 with a named error", v1("gpt-image-1--error-403-key-auth-disabled"), 403, "AuthenticationTypeDisabled"],
    ["v1 with a scenario that does not", v1("gpt-image-1--no-cors"), 400, "missing_required_parameter"],
    ["classic", inPath("gpt-image-1"), 400, "missing_required_parameter"],
    ["classic with dall-e before gpt-image", inPath("dall-e-3", "2024-02-01"), 400, "missing_required_parameter"],
    ["classic with an unknown deployment", inPath("nowhere"), 404, "DeploymentNotFound"],
    ["classic with a wrong key", inPath("gpt-image-1"), 401, "401", "wrong"],
    ["classic with an unsupported version", inPath("gpt-image-1", "2023-01-01"), 400, "BadRequest"],
    ["classic with a version older than the model", inPath("gpt-image-1", "2024-02-01"), 400, "BadRequest"],
    ["classic with a scenario that refuses", inPath("gpt-image-1--status-429"), 429, "429"],
  ];
  for (const [what, { path, body }, status, code, key = "simulator-key"] of answers) {
    test(what, async ({ simulator }) => {
      const response = await post(simulator, body, { path, headers: { "api-key": key } });
      expect(response.status).toBe(status);
      const { error } = (await response.json()) as { error: { code: string; message: string; param?: string } };
      expect(error.code).toBe(code);
      if (code === "missing_required_parameter") expect(error).toMatchObject({ param: "prompt", message: "Missing required parameter: 'prompt'." });
      if (code === "BadRequest") expect(error.message).toBe("API version not supported");
      expect(simulator.pictures).toEqual([]);
    });
  }

  test("may be misled by the network", async ({ simulator }) => {
    await expect(post(simulator, { model: "gpt-image-1--reset-before-headers" })).rejects.toThrow();
  });
});

test("takes null for a parameter that is not given", async ({ simulator }) => {
  const response = await post(simulator, request("a", { n: null, size: null, stream: null, quality: null }));
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ size: "1024x1024", quality: "high" });
});

test("refuses a form", async ({ simulator }) => {
  const form = new FormData();
  form.set("prompt", "a");
  const response = await fetch(`${simulator.url}/openai/v1/images/generations`, {
    method: "POST",
    headers: { "api-key": "simulator-key" },
    body: form,
  });
  expect(await refusal(response)).toMatchObject({
    code: "unsupported_content_type",
    message: expect.stringContaining("'multipart/form-data'"),
  });
});

for (const body of ["{", "[]", "5", ""]) {
  test(`refuses the body ${JSON.stringify(body)}`, async ({ simulator }) => {
    expect(await refusal(await post(simulator, body))).toMatchObject({ code: "invalid_json" });
  });
}

test("refuses a prompt that no filter lets through", async ({ simulator }) => {
  const response = await post(simulator, request("a scene full of gore"));
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ created: expect.any(Number), error: { code: "contentFilter" } });
});
