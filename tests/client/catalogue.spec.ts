import { expect, test } from "./fixtures.js";

test("with a model named, what cannot work is refused before it costs, with what can", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const make = (options: object) => new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-2", ...options });
    const request = { prompt: "a lake", size: "1792x936", quality: "hd", background: "transparent", outputFormat: "jpeg" };
    const client = make({ model: "gpt-image-2" });
    const problems = await client.validate(request);
    const refused = await helpers.outcome(client.generate(request));
    const [suggestion] = problems.filter((problem) => problem.param === "size").map((problem) => problem.suggestion);
    const mended = await client.generate({ prompt: "a lake", size: suggestion! });
    const warned = await helpers.outcome(make({ model: "gpt-image-2", validation: "warn" }).generate({ prompt: "a lake", size: "1792x936" }));
    const unknown = await make({ model: "gpt-image-9" }).generate({ prompt: "a lake", size: "1024x1024" });
    const taught = make({ model: "mine", catalog: { models: { mine: { extends: "gpt-image-1", maxN: 2 } } } });
    return {
      problems: problems.map(({ param, severity }) => [param, severity]),
      refused: refused.error,
      suggestion,
      mended: mended.images[0]?.width,
      warned: [warned.error?.code, warned.error?.status],
      unknown: unknown.warnings?.map(({ param }) => param),
      taught: (await taught.validate({ prompt: "a lake", size: "2048x2048" })).map(({ param, severity }) => [param, severity]),
      offline: await make({ validation: "off" }).validate({ prompt: "a lake" }),
    };
  }, simulator.url);
  expect(
    report.problems
      .filter(([, severity]) => severity === "error")
      .map(([param]) => param)
      .toSorted(),
  ).toEqual(["outputFormat", "quality", "size"]);
  expect(report.refused).toMatchObject({ code: "invalid_request", billed: "no" });
  expect(report.suggestion).toMatch(/^\d+x\d+$/);
  expect(`${report.mended}`).toBe(report.suggestion?.split("x")[0]);
  expect(report.warned).toEqual(["invalid_request", 400]);
  expect(report.unknown).toContain("model");
  expect(report.taught).toContainEqual(["size", "error"]);
  expect(report.offline).toEqual([]);
});

test("the cost is told before, and after", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const options = { deployment: "gpt-image-1", model: "gpt-image-1", rates: { textInput: 5, imageInput: 10, output: 40 } };
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, options);
    const request = { prompt: "a lake", size: "1024x1024", quality: "low" };
    const before = await client.estimate({ ...request, n: 2 });
    const { usage } = await client.generate({ ...request, n: 2 });
    const unknown = await new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" }).generate(request);
    return { before, usage, unknown: unknown.usage?.cost };
  }, simulator.url);
  expect(report.before).toMatchObject({ images: 2, outputTokens: { min: 544, max: 544 }, cost: { min: 544 * 40e-6, max: 544 * 40e-6 } });
  const { inputTokens = 0, outputTokens = 0, cost = 0 } = report.usage ?? {};
  expect(outputTokens).toBe(544);
  expect(cost).toBeCloseTo(inputTokens * 5e-6 + outputTokens * 40e-6, 6);
  expect(report.unknown).toBeUndefined();
});

test("a DALL·E gives bytes where its model is named, and a URL that can be shown where not", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const make = (options: object) => new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "dall-e-3", ...options });
    const request = { prompt: "a lake", size: "1024x1024", quality: "hd", style: "natural" };
    const bytes = (await make({ model: "dall-e-3" }).generate(request)).images[0]!;
    const url = (await make({}).generate(request)).images[0]!;
    let why;
    try {
      void url.blob;
    } catch (error) {
      why = await helpers.describeError(error);
    }
    const shown = await helpers.load(url.objectUrl);
    url.dispose();
    return { bytes: bytes.byteLength, revised: bytes.revisedPrompt, isUrl: url.objectUrl === url.url, why, shown, live: helpers.liveUrls.size };
  }, simulator.url);
  expect(report.bytes).toBeGreaterThan(1000);
  expect(report.revised).toBeTruthy();
  expect(report).toMatchObject({ isUrl: true, shown: { width: 1024, height: 1024 }, live: 0 });
  expect(report.why).toMatchObject({ code: "no_image", billed: "yes", message: expect.stringContaining("b64_json") });
});

test("the endpoint says how it was understood, or what is wrong with it", async ({ page }) => {
  const report = await page.evaluate(async () => {
    const describe = (endpoint: string, options = {}) => new azure.AzureImageClient(endpoint, null, options).getEndpoint();
    const wrong = await describe("https://portal.azure.com/#home").catch((error: unknown) => helpers.describeError(error));
    return {
      resource: await describe("https://my-resource.openai.azure.com"),
      project: await describe("https://my-resource.services.ai.azure.com/api/projects/my-project"),
      proxy: (await describe("/api/azure")).kind,
      wrong,
    };
  });
  expect(report.resource).toEqual({
    origin: "https://my-resource.openai.azure.com",
    kind: "resource",
    routes: "v1",
    apiVersion: "preview",
    generationsUrl: "https://my-resource.openai.azure.com/openai/v1/images/generations?api-version=preview",
    responsesUrl: "https://my-resource.openai.azure.com/openai/v1/responses?api-version=preview",
  });
  expect(report.project).toMatchObject({
    kind: "project",
    project: "my-project",
    responsesUrl: "https://my-resource.services.ai.azure.com/api/projects/my-project/openai/v1/responses",
  });
  expect(report.proxy).toBe("gateway");
  expect(report.wrong).toMatchObject({ code: "invalid_request", param: "endpoint" });
});

test("a URL says when it ends, and one that is a script is no picture", async ({ page }) => {
  const report = await page.evaluate(async () => {
    const answer = (url: string) => {
      const fetch = async () => new Response(JSON.stringify({ created: 1, data: [{ url }] }));
      return new azure.AzureImageClient("https://my-resource.openai.azure.com", null, { deployment: "d", fetch }).generate({ prompt: "a lake" });
    };
    const signed = (await answer("https://storage.example/a.png?se=2026-11-22T00%3A00%3A00Z&sig=x")).images[0]!;
    const endless = (await answer("https://storage.example/a.png")).images[0]!;
    const script = await helpers.outcome(answer("javascript:alert(1)"));
    return { end: signed.urlExpiresOn?.toISOString(), endless: endless.urlExpiresOn, script: script.error?.code };
  });
  expect(report).toEqual({ end: "2026-11-22T00:00:00.000Z", endless: undefined, script: "no_image" });
});

test("an edit is checked as a whole without being sent", async ({ page, simulator }) => {
  const problems = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "mine", model: "gpt-image-2" });
    const image = new Blob(["no picture"]);
    const found = await client.validate({ prompt: "", image, mask: image, inputFidelity: "high", size: "17x4" });
    return found.filter(({ severity }) => severity === "error").map(({ param }) => param);
  }, simulator.url);
  expect(problems.toSorted()).toEqual(["image", "inputFidelity", "mask", "prompt", "size"]);
  expect(simulator.requests).toEqual([]);
});

test("responseFormat never reaches a gpt-image model: it is refused, or left out where nobody asks", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const make = (options: object) =>
      new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", model: "gpt-image-1", ...options });
    const request = { prompt: "a lake", responseFormat: "b64_json" };
    const { error } = await helpers.outcome(make({}).generate(request));
    const unchecked = await make({ validation: "off" }).generate(request);
    return { refused: [error?.code, error?.param], unchecked: unchecked.images.length };
  }, simulator.url);
  expect(report).toEqual({ refused: ["invalid_request", "responseFormat"], unchecked: 1 });
  expect(simulator.requests.filter((sent) => sent.method === "POST").map((sent) => sent.body)).toEqual([{ model: "gpt-image-1", prompt: "a lake" }]);
});
