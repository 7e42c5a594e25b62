/** The npm package `openai`, which its own authors made for the real service, against the simulator. */

import OpenAI, { APIError, AuthenticationError, AzureOpenAI, BadRequestError, NotFoundError, RateLimitError } from "openai";
import sharp from "sharp";
import type { Simulator } from "azure-image-simulator";
import { expect, sha256, test } from "./fixtures.js";

type Client = OpenAI;

const API_VERSION = "2025-04-01-preview";

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
  "OpenAI on the v1 route with a key": ({ url }) =>
    new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: "simulator-key", maxRetries: 0 }),
  "OpenAI on the v1 route with a token": ({ url }) =>
    new OpenAI({
      baseURL: `${url}/openai/v1/`,
      apiKey: async () => "simulator-token",
      defaultQuery: { "api-version": "preview" },
      maxRetries: 0,
    }),
};

for (const [name, makeClient] of Object.entries(clients)) {
  test.describe(name, () => {
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
      expect(types).toEqual([
        "image_generation.partial_image",
        "image_generation.partial_image",
        "image_generation.completed",
      ]);
      expect(simulator.pictures.map((picture) => picture.sha256)).toEqual(hashes);
      expect(simulator.pictures.map((picture) => picture.kind)).toEqual(["partial", "partial", "final"]);
    });
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
  const error = await failure(
    classicClient(simulator).images.generate({ model: "gpt-image-1", prompt: "a lake", response_format: "b64_json" }),
  );
  expect(error).toBeInstanceOf(BadRequestError);
  expect(error).toMatchObject({ param: "response_format", code: "unknown_parameter" });
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
