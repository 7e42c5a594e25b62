import { expect, sent, test } from "./fixtures.js";

test("more pictures than a request can bring come by several, at most five at a time", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const options = { deployment: "dall-e-3", model: "dall-e-3" };
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, options);
    const order: number[] = [];
    const { images, usage } = await client.generate({ prompt: "a lake", n: 6, size: "1024x1024" }, { onImage: (_, index) => order.push(index) });
    return { hashes: await Promise.all(images.map(({ blob }) => helpers.sha256(blob))), order, usage };
  }, simulator.url);
  expect(report.hashes.toSorted()).toEqual(sent(simulator, "final").toSorted());
  expect(report.order.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
  const posts = simulator.requests.filter((request) => request.method === "POST");
  expect(posts.map((request) => request.body)).toEqual(
    Array(6).fill({ model: "dall-e-3", prompt: "a lake", n: 1, size: "1024x1024", response_format: "b64_json" }),
  );
});

test("no more requests than allowed run at the same time", async ({ page, simulator }) => {
  for (const [maxParallelRequests, expected] of [
    [undefined, 5],
    [2, 2],
  ] as const) {
    const most = await page.evaluate(
      async ([endpoint, maxParallelRequests]) => {
        let [running, most] = [0, 0];
        const client = new azure.AzureImageClient(
          endpoint,
          { key: "simulator-key" },
          {
            deployment: "gpt-image-1",
            ...(maxParallelRequests !== undefined && { maxParallelRequests }),
            fetch: async (request) => {
              running += 1;
              most = Math.max(most, running);
              const response = await fetch(request);
              // Open until its body has been read.
              const body = await response.arrayBuffer();
              running -= 1;
              return new Response(body, response);
            },
          },
        );
        await client.generateStream({ prompt: "a lake", n: 7 }).result();
        return most;
      },
      [simulator.url, maxParallelRequests] as const,
    );
    expect(most).toBe(expected);
  }
});

test("a stream of several pictures tells them apart, and frees each one's previews by itself", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const stream = client.generateStream({ prompt: "a lake", n: 3, partialImages: 1 });
    const seen: Record<number, string[]> = {};
    for await (const event of stream) {
      void event.image.objectUrl;
      (seen[event.imageIndex] ??= []).push(event.type);
    }
    const { images } = await stream.result();
    return { seen, images: images.length, live: helpers.liveUrls.size };
  }, simulator.url);
  const both = ["partialImage", "image"];
  expect(report).toEqual({ seen: { 0: both, 1: both, 2: both }, images: 3, live: 3 });
  expect(sent(simulator, "final")).toHaveLength(3);
});

test("one failure does not lose the others, and one abort stops all", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    let calls = 0;
    const client = new azure.AzureImageClient(
      endpoint,
      { key: "simulator-key" },
      {
        deployment: "gpt-image-1",
        fetch: async (request) => (calls++ === 1 ? new Response("{}", { status: 500 }) : fetch(request)),
      },
    );
    const result = await client.generateStream({ prompt: "a lake", n: 3 }).result();
    const failures = result.failures?.map(({ imageIndex, error }) => [imageIndex, error.code]);
    const none = await helpers.outcome(
      new azure.AzureImageClient(endpoint, { key: "wrong" }, { deployment: "gpt-image-1" }).generateStream({ prompt: "a lake", n: 2 }).result(),
    );
    const partly = await client.generate({ prompt: "a lake [partially-filtered]", n: 2 });
    const stalled = client.generateStream({ prompt: "a lake [stall]", n: 4, partialImages: 1 });
    for await (const _ of stalled) break;
    const aborted = await helpers.outcome(stalled.result());
    return {
      images: result.images.length,
      failures,
      none: none.error?.code,
      aborted: aborted.error?.code,
      partly: [partly.images.length, partly.failures?.map(({ imageIndex, error }) => [imageIndex, error.code, error.contentFilter?.source])],
    };
  }, simulator.url);
  expect(report).toEqual({
    images: 2,
    failures: [[1, "service"]],
    none: "authentication",
    aborted: "cancelled",
    partly: [1, [[1, "content_filter", "image"]]],
  });
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("pictures that an answer leaves out are named, and more than was asked for is not taken", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const fewer = await client.generate({ prompt: "a lake [fewer]", n: 3 });
    const { b64 } = await client.generate({ prompt: "a lake" }).then(async ({ images }) => {
      const bytes = await images[0]!.bytes();
      return { b64: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")) };
    });
    const fetch = async () => new Response(JSON.stringify({ created: 1, data: [{ b64_json: b64 }, { b64_json: b64 }] }));
    const more = await new azure.AzureImageClient(endpoint, null, { deployment: "d", fetch }).generate({ prompt: "a lake" });
    return { fewer: [fewer.images.length, fewer.failures?.map(({ imageIndex, error }) => [imageIndex, error.code])], more: more.images.length };
  }, simulator.url);
  expect(report).toEqual({ fewer: [2, [[2, "no_image"]]], more: 1 });
});

test("what is refused for all requests of a call alike is not asked for with each of them", async ({ page, simulator }) => {
  for (const [words, key] of [
    ["", "wrong-key"],
    ["[content-filter]", "simulator-key"],
    ["[error=403-account-blocked]", "simulator-key"],
    ["[error=404-deployment-not-found]", "simulator-key"],
  ] as const) {
    simulator.reset();
    const report = await page.evaluate(
      async ([endpoint, words, key]) => {
        const client = new azure.AzureImageClient(endpoint, { key }, { deployment: "gpt-image-1", maxParallelRequests: 2 });
        return helpers.outcome(client.generateStream({ prompt: `a lake ${words}`, n: 8 }).result());
      },
      [simulator.url, words, key] as const,
    );
    expect(report.error?.billed, words).toBe("no");
    expect(simulator.requests.filter(({ method }) => method === "POST").length, words).toBeLessThanOrEqual(2);
  }
});

test("of several requests that fail, the last preview is kept whichever failed first", async ({ page }) => {
  const report = await page.evaluate(async () => {
    const picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let requests = 0;
    const fetch = async () => {
      requests += 1;
      if (requests === 1) throw new TypeError("Failed to fetch");
      return new Response(`data: {"type":"image_generation.partial_image","partial_image_index":0,"b64_json":"${picture}"}\n\n`);
    };
    const client = new azure.AzureImageClient("/api", null, { deployment: "x", fetch });
    return helpers.outcome(client.generateStream({ prompt: "a", n: 2 }).result());
  });
  expect(report.error).toMatchObject({ code: "connection", billed: "unknown", lastPartialImage: { mediaType: "image/png" } });
});

test("a picture that was withheld has the request's id", async ({ page }) => {
  const report = await page.evaluate(async () => {
    const body = { data: [{ content_filter_results: { violence: { filtered: true, severity: "high" } } }] };
    const fetch = async () => Response.json(body, { headers: { "x-request-id": "the-id" } });
    return helpers.outcome(new azure.AzureImageClient("/api", null, { deployment: "x", fetch }).generate({ prompt: "a" }));
  });
  expect(report.error).toMatchObject({ code: "content_filter", requestId: "the-id" });
});

test("the error of a call that ends early has the images that arrived", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", maxParallelRequests: 1 });
    const stream = client.generateStream({ prompt: "a lake", n: 3 });
    for await (const { type } of stream) if (type === "image") break;
    const error = await stream.result().catch((reason: unknown) => reason);
    if (!(error instanceof azure.AzureImageError)) throw error;
    return { code: error.code, billed: error.billed, types: error.images?.map(({ mediaType }) => mediaType), json: Object.keys(error.toJSON()) };
  }, simulator.url);
  expect(report).toMatchObject({ code: "cancelled", billed: "yes", types: ["image/png"] });
  expect(report.json).not.toContain("images");
});
