/** The npm package `openai`, which its own authors made for the real service, against the simulator. */

import OpenAI, { APIError, AuthenticationError, AzureOpenAI, BadRequestError, NotFoundError, RateLimitError, toFile } from "openai";
import sharp from "sharp";
import type { Simulator } from "azure-image-simulator";
import { compare, file, mask, photograph } from "./artwork.js";
import { expect, sha256, test } from "./fixtures.js";

type Client = OpenAI;

const API_VERSION = "2025-04-01-preview";

const HOLE = { left: 300, top: 300, width: 500, height: 400 };
const original = await photograph(1024, 1024).png().toBuffer();
const opened = await mask(1024, 1024, HOLE).png().toBuffer();

const clients: Record<string, (simulator: Simulator) => Client> = {
  "AzureOpenAI with a key": ({ url }) =>
    new AzureOpenAI({ endpoint: url, apiKey: "simulator-key", apiVersion: API_VERSION, deployment: "gpt-image-1", maxRetries: 0 }),
  "AzureOpenAI with a token provider": ({ url }) =>
    new AzureOpenAI({
      endpoint: url,
      azureADTokenProvider: async () => "simulator-token",
      apiVersion: API_VERSION,
      deployment: "gpt-image-1",
      maxRetries: 0,
    }),
  "OpenAI on the v1 route with a key": ({ url }) => new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: "simulator-key", maxRetries: 0 }),
  "OpenAI on the v1 route with a token": ({ url }) =>
    new OpenAI({
      baseURL: `${url}/openai/v1/`,
      apiKey: async () => "simulator-token",
      defaultQuery: { "api-version": "preview" },
      maxRetries: 0,
    }),
};

for (const [name, makeClient] of Object.entries(clients)) {
  test.describe(name, { tag: name === "OpenAI on the v1 route with a key" || name === "AzureOpenAI with a token provider" ? "@nightly" : [] }, () => {
    test("generates a picture", async ({ simulator }) => {
      const { data, usage } = await makeClient(simulator).images.generate({
        model: "gpt-image-1",
        prompt: "a lighthouse on the coast",
        size: "1536x1024",
        quality: "low",
        output_format: "jpeg",
        output_compression: 80,
      });
      const base64 = data?.[0]?.b64_json ?? "";
      expect(simulator.pictures.map((picture) => picture.sha256)).toEqual([sha256(base64)]);
      expect(await sharp(Buffer.from(base64, "base64")).metadata()).toMatchObject({ format: "jpeg", width: 1536, height: 1024 });
      expect(usage?.output_tokens).toBe(400);
    });

    test("streams previews and the picture", async ({ simulator }) => {
      const stream = await makeClient(simulator).images.generate({
        model: "gpt-image-1",
        prompt: "a lighthouse on the coast",
        stream: true,
        partial_images: 2,
      });
      const hashes: string[] = [];
      const types: string[] = [];
      for await (const event of stream) {
        types.push(event.type);
        hashes.push(sha256(event.b64_json));
        expect(await sharp(Buffer.from(event.b64_json, "base64")).metadata()).toMatchObject({ format: "png", width: 1024, height: 1024 });
        if (event.type === "image_generation.completed") expect(event.usage.output_tokens).toBe(4160 + 200);
      }
      expect(types).toEqual(["image_generation.partial_image", "image_generation.partial_image", "image_generation.completed"]);
      expect(simulator.pictures.map((picture) => picture.sha256)).toEqual(hashes);
      expect(simulator.pictures.map((picture) => picture.kind)).toEqual(["partial", "partial", "final"]);
    });

    test("edits a picture", async ({ simulator }) => {
      const { data, usage, size } = await makeClient(simulator).images.edit({
        model: "gpt-image-1",
        prompt: "a forest in autumn",
        image: await toFile(original, "picture.png", { type: "image/png" }),
        input_fidelity: "high",
      });
      expect(size).toBe("1024x1024");
      expect(usage?.input_tokens_details.image_tokens).toBe(4354);
      const base64 = data?.[0]?.b64_json ?? "";
      expect(simulator.pictures.map((picture) => picture.sha256)).toEqual([sha256(base64)]);
      const { inside, insideAlike } = await compare(original, Buffer.from(base64, "base64"), HOLE);
      expect(insideAlike).toBeLessThan(inside * 0.05);
    });

    for (const images of [1, 3]) {
      test(`edits what a mask opens, from ${images} of images`, async ({ simulator }) => {
        const { data } = await makeClient(simulator).images.edit({
          model: "gpt-image-1",
          prompt: "a forest in autumn",
          image: Array.from({ length: images }, (_, index) => file(original, `${index}.png`)),
          mask: file(opened, "mask.png"),
          n: 2,
          quality: "low",
        });
        expect(data).toHaveLength(2);
        for (const { b64_json } of data ?? []) {
          const { outside, outsideAlike, inside, insideAlike } = await compare(original, Buffer.from(b64_json ?? "", "base64"), HOLE);
          expect(outsideAlike).toBe(outside);
          expect(insideAlike).toBeLessThan(inside * 0.05);
        }
        // The client writes the fields in the order in which it has read the files.
        const sent = simulator.requests[0]?.files?.map(({ field, filename }) => `${field} ${filename}`).sort();
        expect(sent).toEqual([...Array.from({ length: images }, (_, index) => `image[] ${index}.png`), "mask mask.png"]);
      });
    }

    for (const [what, withMask] of [
      ["all of it", false],
      ["what a mask opens", true],
    ] as const) {
      test(`streams an edit of ${what}`, async ({ simulator }) => {
        const stream = await makeClient(simulator).images.edit({
          model: "gpt-image-1",
          prompt: "a forest in autumn",
          image: file(original, "picture.png"),
          ...(withMask ? { mask: file(opened, "mask.png") } : {}),
          stream: true,
          partial_images: 2,
        });
        const types: string[] = [];
        for await (const event of stream) {
          types.push(event.type);
          const { outside, outsideAlike, inside, insideAlike } = await compare(original, Buffer.from(event.b64_json, "base64"), HOLE);
          if (withMask) expect(outsideAlike).toBe(outside);
          expect(insideAlike).toBeLessThan(inside * 0.05);
          if (event.type === "image_edit.completed") expect(event.usage.input_tokens_details.image_tokens).toBe(194);
        }
        expect(types).toEqual(["image_edit.partial_image", "image_edit.partial_image", "image_edit.completed"]);
      });
    }
  });
}

const classicClient = ({ url }: Simulator, options: object = {}) =>
  new AzureOpenAI({ endpoint: url, apiKey: "simulator-key", apiVersion: API_VERSION, maxRetries: 0, ...options });

async function failure(promise: Promise<unknown>): Promise<APIError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(APIError);
  return error as APIError;
}

test("a wrong key is an AuthenticationError", async ({ simulator }) => {
  const client = classicClient(simulator, { apiKey: "wrong" });
  const error = await failure(client.images.generate({ model: "gpt-image-1", prompt: "a lake" }));
  expect(error).toBeInstanceOf(AuthenticationError);
  expect(error.message).toContain("invalid subscription key");
  expect(error.code).toBe("401");
});

test("a wrong token is an AuthenticationError", async ({ simulator }) => {
  const { url } = simulator;
  const client = new AzureOpenAI({ endpoint: url, azureADTokenProvider: async () => "stale", apiVersion: API_VERSION, maxRetries: 0 });
  const error = await failure(client.images.generate({ model: "gpt-image-1", prompt: "a lake" }));
  expect(error).toBeInstanceOf(AuthenticationError);
});

test("an unknown deployment is a NotFoundError", async ({ simulator }) => {
  const error = await failure(classicClient(simulator).images.generate({ model: "nowhere", prompt: "a lake" }));
  expect(error).toBeInstanceOf(NotFoundError);
  expect(error.code).toBe("DeploymentNotFound");
});

test("the name of a deployment in the body of a classic request is a BadRequestError", async ({ simulator }) => {
  const error = await failure(classicClient(simulator).images.generate({ model: "my-pictures", prompt: "a lake" }));
  expect(error).toBeInstanceOf(BadRequestError);
  expect(error).toMatchObject({ param: "model", code: "invalid_value" });
});

test("a parameter that the model does not know is a BadRequestError", async ({ simulator }) => {
  const error = await failure(classicClient(simulator).images.generate({ model: "gpt-image-1", prompt: "a lake", response_format: "b64_json" }));
  expect(error).toBeInstanceOf(BadRequestError);
  expect(error).toMatchObject({ param: "response_format", code: "unknown_parameter" });
});

test("a mask of another size is a BadRequestError", async ({ simulator }) => {
  const client = classicClient(simulator, { deployment: "gpt-image-1" });
  const error = await failure(
    client.images.edit({
      prompt: "a lake",
      image: file(original, "picture.png"),
      mask: file(await mask(512, 512, HOLE).png().toBuffer(), "mask.png"),
    }),
  );
  expect(error).toBeInstanceOf(BadRequestError);
  expect(error).toMatchObject({ code: "invalid_mask_image_format", message: expect.stringContaining("does not match") });
});

test("a file without a type is a BadRequestError", async ({ simulator }) => {
  const error = await failure(
    classicClient(simulator, { deployment: "gpt-image-1" }).images.edit({ prompt: "a lake", image: await toFile(original, "picture") }),
  );
  expect(error).toBeInstanceOf(BadRequestError);
  expect(error).toMatchObject({ code: "unsupported_file_mimetype", param: "image" });
});

test("a rate limit is a RateLimitError, and is retried when it says so", async ({ simulator }) => {
  const request = { model: "gpt-image-1", prompt: "a lake [status=429] [retry-after=0.05] [times=2]" };
  const error = await failure(classicClient(simulator).images.generate(request));
  expect(error).toBeInstanceOf(RateLimitError);
  expect(error.headers?.get("retry-after")).toBe("0.05");
  expect(error.requestID).toMatch(/^[0-9a-f-]{36}$/);

  const { data } = await classicClient(simulator, { maxRetries: 2 }).images.generate(request);
  expect(data).toHaveLength(1);
  expect(simulator.requests.map(({ status }) => status)).toEqual([429, 429, 200]);
});

test("dall-e answers with a URL that serves the picture", async ({ simulator }) => {
  const { data } = await classicClient(simulator, { apiVersion: "2024-02-01" }).images.generate({
    model: "dall-e-3",
    prompt: "a lake",
    size: "1792x1024",
    quality: "hd",
    style: "natural",
  });
  expect(data?.[0]?.revised_prompt).toContain("a lake");
  const picture = Buffer.from(await (await fetch(data?.[0]?.url ?? "")).arrayBuffer());
  expect(await sharp(picture).metadata()).toMatchObject({ format: "png", width: 1792, height: 1024 });
});
