/** Deployments that nobody set up, and the option that refuses them. */

import OpenAI, { AzureOpenAI, NotFoundError, type APIError } from "openai";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { file, photograph } from "./artwork.js";
import { classic, expect, form, post, postForm, test as strict, V1 } from "./fixtures.js";
import { drawing, HEADERS, RESPONSES } from "./responses.js";
import { flux, MAI } from "./single-image.js";

/** As `startSimulator()` without options has it. */
const test = strict.extend<{ simulator: Simulator }>({
  simulator: async ({}, use) => {
    const simulator = await startSimulator();
    await use(simulator);
    await simulator.close();
  },
});

const picture = await photograph(64, 64).png().toBuffer();

const clients: Record<string, (simulator: Simulator, deployment: string) => OpenAI> = {
  "AzureOpenAI, as in the quickstart": ({ url }) =>
    new AzureOpenAI({ endpoint: url, apiKey: "simulator-key", apiVersion: "2025-04-01-preview", maxRetries: 0 }),
  "AzureOpenAI with a deployment": ({ url }, deployment) =>
    new AzureOpenAI({ endpoint: url, apiKey: "simulator-key", apiVersion: "2025-04-01-preview", deployment, maxRetries: 0 }),
  "OpenAI on v1": ({ url }) => new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: "simulator-key", maxRetries: 0 }),
};

for (const [name, makeClient] of Object.entries(clients)) {
  for (const deployment of ["my-pictures", "gpt-image-1.5-eu", "Team.Images_2"]) {
    test(`${name} generates and edits with the deployment ${deployment}`, async ({ simulator }) => {
      const client = makeClient(simulator, deployment);
      const made = await client.images.generate({ model: deployment, prompt: "a lake", quality: "low" });
      expect(made.data).toHaveLength(1);
      const edited = await client.images.edit({ model: deployment, prompt: "a lake", image: file(picture, "a.png"), quality: "low" });
      expect(edited.data).toHaveLength(1);
      const streamed = await client.images.generate({ model: deployment, prompt: "a lake", quality: "low", stream: true });
      for await (const event of streamed) expect(event.type).toBe("image_generation.completed");
      expect(simulator.requests.map(({ status }) => status)).toEqual([200, 200, 200]);
    });
  }
}

test("a response takes any deployment of a text and of an image model", async ({ simulator }) => {
  const client = new OpenAI({ baseURL: `${simulator.url}/openai/v1`, apiKey: "simulator-key", maxRetries: 0 });
  const response = await client.responses.create(
    { model: "my-chat", input: "Draw a lake", tools: [{ type: "image_generation", quality: "low" }] },
    { headers: { "x-ms-oai-image-generation-deployment": "my-pictures" } },
  );
  expect(response.model).toBe("my-chat");
  expect(response.output.map(({ type }) => type)).toEqual(["image_generation_call", "message"]);
});

test.describe("an unknown deployment is of the model that its name contains", () => {
  const generate = async (simulator: Simulator, model: string, more: object, path: string = V1) => {
    const response = await post(simulator, { model, prompt: "a lake", ...more }, { path });
    return { status: response.status, body: await response.json() };
  };

  test("of gpt-image, whatever stands around it", async ({ simulator }) => {
    for (const [name, status] of [
      ["anything", 200],
      ["gpt-image-2.5-sunburst-2", 200],
      ["my_gpt-image-2-5-flare", 200],
      ["gpt-image-1-eu", 400],
      ["GPT-Image-1.5", 400],
      ["prod.gpt-image-1-5.eu", 400],
      ["gpt-image-2-eu", 400],
      ["gpt-image-1-mini-eu", 400],
    ] as const) {
      const { body, ...answer } = await generate(simulator, name, { quality: "xhigh" });
      expect(answer.status, name).toBe(status);
      if (status === 400) expect(body.error.message, name).toContain("xhigh");
    }
    // A name that only looks like one: the model "o3" is no part of "photo3".
    expect((await generate(simulator, "photo3", {})).status).toBe(200);
  });

  test("of another kind, which the route refuses", async ({ simulator }) => {
    for (const name of ["my-gpt-5.5", "team-o3", "MAI-Image-2.6-eu", "my-FLUX.2-pro"]) {
      expect(await generate(simulator, name, {}), name).toMatchObject({ status: 400, body: { error: { code: "OperationNotSupported" } } });
    }
    expect(await generate(simulator, "my-gpt-image-2", {}, MAI)).toMatchObject({ status: 404, body: { error: { code: "DeploymentNotFound" } } });
    expect(await generate(simulator, "my-FLUX.2-flex", {}, flux("flux-2-pro"))).toMatchObject({ status: 404 });
  });

  test("of MAI and FLUX on their routes", async ({ simulator }) => {
    for (const name of ["my-pictures", "MAI-Image-2.7-eu"]) {
      expect((await generate(simulator, name, { width: 768, height: 768, background: "opaque" }, MAI)).status, name).toBe(200);
    }
    const older = await generate(simulator, "MAI-Image-2.6-eu", { width: 768, height: 768, background: "opaque" }, MAI);
    expect(older).toMatchObject({ status: 400, body: { error: { message: "Invalid parameters: background" } } });
    for (const [path, name] of [
      ["flux-2-pro", "my-pictures"],
      ["flux-2-flex", "flux.2-flex-eu"],
      ["flux-kontext-pro", "my-pictures"],
      ["flux-pro-1.1", "my-pictures"],
    ] as const) {
      expect((await generate(simulator, name, {}, flux(path))).status, path).toBe(200);
    }
  });

  test("and is named in the answer, with its scenarios", async ({ simulator }) => {
    const response = await post(simulator, { model: "My-Pictures--status-429--times-1", prompt: "a lake" });
    expect(response.status).toBe(429);
    const again = await post(simulator, { model: "My-Pictures--status-429--times-1", prompt: "a lake" });
    expect(again.headers.get("x-ms-deployment-name")).toBe("My-Pictures");
  });
});

test("a name that Azure accepts for no deployment is refused", async ({ simulator }) => {
  for (const name of ["", "a b", "a/b", "ä", "🐻", "a\r\nb", "x".repeat(65), "x".repeat(1_000_000)]) {
    const response = await post(simulator, { model: name, prompt: "a lake" });
    expect(response.status, name.slice(0, 80)).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "DeploymentNotFound" } });
  }
  for (const name of ["a b", "a%b", "🐻"]) expect((await post(simulator, { prompt: "a lake" }, { path: classic(name) })).status).toBe(404);
});

strict.describe("strictDeployments", () => {
  strict("refuses other deployments on every route, and the deployment's name as a model", async ({ simulator }) => {
    for (const [path, body] of [
      [V1, { model: "nowhere", prompt: "a lake" }],
      [classic("nowhere"), { prompt: "a lake" }],
      [MAI, { model: "nowhere", prompt: "a lake" }],
      [flux("flux-2-pro"), { model: "nowhere", prompt: "a lake" }],
      [RESPONSES.resource, drawing("Draw", { model: "nowhere" })],
    ] as const) {
      const response = await post(simulator, body, { path, headers: HEADERS });
      expect(response.status, path).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: "DeploymentNotFound" } });
    }
    const edited = await postForm(simulator, form({ model: "nowhere", prompt: "a lake", image: file(picture, "a.png") }));
    expect(edited.status).toBe(404);
    const named = await post(simulator, { model: "my-pictures", prompt: "a lake" }, { path: classic("my-pictures") });
    expect(await named.json()).toMatchObject({ error: { message: "The model 'my-pictures' does not exist." } });
  });

  strict("lets the quickstart fail with a NotFoundError", async ({ simulator }) => {
    const client = clients["AzureOpenAI, as in the quickstart"]?.(simulator, "");
    const error = await client?.images.generate({ model: "nowhere", prompt: "a lake" }).catch((reason: APIError) => reason);
    expect(error).toBeInstanceOf(NotFoundError);
  });
});
