// The client, and the three image services, through the proxy.

import { expect } from "@playwright/test";
import { AzureImageClient } from "azure-image-client";
import type { RunningProxy } from "./fixtures.js";
import { KEY, SAME_ORIGIN, test } from "./fixtures.js";

const client = ({ origin }: RunningProxy, deployment: string, path = ""): AzureImageClient =>
  new AzureImageClient(`${origin}/api/azure${path}`, null, { deployment, extraHeaders: SAME_ORIGIN, retryOptions: { maxRetries: 0 } });

test("generates with each service, and signs each request", async ({ simulator, startProxy }) => {
  const proxy = await startProxy();
  for (const deployment of ["gpt-image-2", "MAI-Image-2.6", "FLUX.2-pro"]) {
    const { images } = await client(proxy, deployment).generate({ prompt: "a lake" });
    expect(images.map(({ blob }) => blob.type)).toEqual(["image/png"]);
  }
  expect(simulator.requests.map(({ path }) => path)).toEqual([
    "/openai/v1/images/generations",
    "/mai/v1/images/generations",
    "/providers/blackforestlabs/v1/flux-2-pro",
  ]);
  for (const { headers } of simulator.requests) expect(headers["api-key"]).toBe(KEY);
});

test("edits with each service", async ({ simulator, startProxy }) => {
  const proxy = await startProxy();
  for (const deployment of ["gpt-image-2", "MAI-Image-2.6", "FLUX.2-pro"]) {
    const own = client(proxy, deployment);
    const { images } = await own.generate({ prompt: "a lake" });
    const edited = await own.edit({ prompt: "a boat", image: images[0]!.blob });
    expect(edited.images).toHaveLength(1);
  }
  expect(simulator.requests.map(({ path }) => path).filter((_, index) => index % 2 === 1)).toEqual([
    "/openai/v1/images/edits",
    "/mai/v1/images/edits",
    "/providers/blackforestlabs/v1/flux-2-pro",
  ]);
});

test("streams partial images of a generation, an edit and a response", async ({ startProxy }) => {
  const proxy = await startProxy();
  const own = client(proxy, "gpt-image-2");
  const { images } = await own.generate({ prompt: "a lake" });
  const responses = new AzureImageClient(`${proxy.origin}/api/azure`, null, { imageDeployment: "gpt-image-2", extraHeaders: SAME_ORIGIN }).responses;
  for (const stream of [
    own.generateStream({ prompt: "a lake", partialImages: 2 }),
    own.editStream({ prompt: "a boat", image: images[0]!.blob, partialImages: 2 }),
    responses.stream({ model: "gpt-5.5", input: "Draw a lake", tool: { partialImages: 2 } }),
  ]) {
    const types: string[] = [];
    for await (const { type } of stream) if (type === "partialImage" || type === "image") types.push(type);
    expect(types).toEqual(["partialImage", "partialImage", "image"]);
  }
});

test("passes responses of an agent, conversations and files of a project", async ({ simulator, startProxy }) => {
  const proxy = await startProxy({ endpoint: `${simulator.url}/api/projects/my-project` });
  const own = client(proxy, "gpt-image-2", "/api/projects/my-project");
  const { id } = await own.conversations.create();
  const { text } = await own.responses.create({ model: "gpt-5.5", input: "Hello", conversation: id, tool: false });
  const file = await own.files.upload(new File(["the words"], "notes.txt"));
  expect([text.length > 0, (await own.files.get(file.id)).bytes]).toEqual([true, 9]);
  expect(new Set(simulator.requests.map(({ path }) => path.split("/").slice(0, 6).join("/")))).toEqual(
    new Set(["/api/projects/my-project/openai/v1"]),
  );
});

test("an app's own path is the base path", async ({ startProxy }) => {
  const proxy = await startProxy({ basePath: "/images/v2" });
  expect((await proxy.send("/openai/v1/models?api-version=preview")).status).toBe(200);
});

test("the client understands the proxy's own errors", async ({ startProxy }) => {
  const proxy = await startProxy({
    allow: { qualities: ["low"] },
    limits: { perUser: { windowInMs: 3_600_000, requests: 1 } },
    authorize: (request) => (request.headers.get("x-user") === "nobody" ? null : "somebody"),
  });
  const own = client(proxy, "gpt-image-2");
  const failed = (call: Promise<unknown>) => call.then(expect, (error: unknown) => error);
  expect(await failed(own.generate({ prompt: "a lake", quality: "high" }))).toMatchObject({
    code: "permission",
    status: 403,
    serviceCode: "proxy_not_allowed",
    param: "quality",
    billed: "no",
    message: expect.stringContaining("Allowed: low."),
  });
  const limited = await failed(own.generate({ prompt: "a lake" }));
  expect(limited).toMatchObject({ code: "rate_limit", status: 429, serviceCode: "proxy_limit", billed: "no" });
  expect((limited as { retryAfterInMs: number }).retryAfterInMs).toBeGreaterThan(0);
  const nobody = new AzureImageClient(`${proxy.origin}/api/azure`, null, {
    deployment: "gpt-image-2",
    extraHeaders: { ...SAME_ORIGIN, "x-user": "nobody" },
  });
  expect(await failed(nobody.generate({ prompt: "a lake" }))).toMatchObject({
    code: "authentication",
    status: 401,
    serviceCode: "proxy_unauthorized",
    billed: "no",
  });
});
