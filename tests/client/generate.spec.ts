import { startSimulator } from "azure-image-simulator";
import { sent, expect, test } from "./fixtures.js";
import { failNext, WASM } from "./page-server.js";

const KEY = { key: "simulator-key" };

test("a picture arrives as the Blob that the service sent", async ({ page, simulator }) => {
  const outcome = await page.evaluate(
    ([endpoint, credential]) =>
      helpers.outcome(
        new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" }).generate({
          prompt: "a lighthouse at dawn",
          size: "1536x1024",
          quality: "low",
        }),
      ),
    [simulator.url, KEY] as const,
  );
  expect(outcome.error).toBeUndefined();
  const [image] = outcome.ok?.images ?? [];
  expect(image).toMatchObject({ mediaType: "image/png", blobType: "image/png", width: 1536, height: 1024 });
  expect(image?.byteLength).toBe(image?.blobSize);
  expect([image?.sha256]).toEqual(sent(simulator, "final"));
  expect(outcome.ok).toMatchObject({ size: "1536x1024", quality: "low", outputFormat: "png" });
  expect(outcome.ok?.usage).toMatchObject({ outputTokens: 400 });
  expect(outcome.ok?.usage?.totalTokens).toBe((outcome.ok?.usage?.inputTokens ?? 0) + 400);
  expect(outcome.ok?.createdOn?.getFullYear()).toBe(new Date().getFullYear());
});

test("several pictures of one call, each in the asked format and size", { tag: "@nightly" }, async ({ page, simulator }) => {
  for (const [outputFormat, mediaType] of [
    ["png", "image/png"],
    ["jpeg", "image/jpeg"],
    ["webp", "image/webp"],
  ] as const) {
    simulator.reset();
    const outcome = await page.evaluate(
      ([endpoint, credential, outputFormat]) =>
        helpers.outcome(
          new azure.AzureImageClient(endpoint, credential).generate({
            prompt: "three boats",
            deployment: "gpt-image-1.5",
            n: 3,
            size: "1024x1536",
            outputFormat,
          }),
        ),
      [simulator.url, KEY, outputFormat] as const,
    );
    expect(outcome.ok?.images.map((image) => image.sha256)).toEqual(sent(simulator, "final"));
    expect(outcome.ok?.images).toHaveLength(3);
    for (const image of outcome.ok?.images ?? []) {
      expect(image).toMatchObject({ mediaType, blobType: mediaType, width: 1024, height: 1536 });
    }
  }
});

test("the v1 route names the deployment in the body, the classic route in the path", async ({ page, simulator }) => {
  await page.evaluate(
    async ([endpoint, credential]) => {
      const request = { prompt: "a harbour", size: "1024x1024" };
      const deployment = "gpt-image-1";
      const v1 = new azure.AzureImageClient(endpoint, credential, { deployment });
      const noVersion = new azure.AzureImageClient(`${endpoint}/openai/v1/`, credential, { deployment, apiVersion: null });
      const classic = new azure.AzureImageClient(endpoint, credential, { deployment, apiVersion: "2025-04-01-preview" });
      const pasted = `${endpoint}/openai/deployments/gpt-image-1/images/generations?api-version=2025-04-01-preview`;
      for (const client of [v1, noVersion, classic, new azure.AzureImageClient(pasted, credential)]) {
        await client.generate(request);
      }
    },
    [simulator.url, KEY] as const,
  );
  const posts = simulator.requests.filter((request) => request.method === "POST");
  expect(posts.map(({ path, query, body, status }) => [path, query, (body as { model?: string }).model, status])).toEqual([
    ["/openai/v1/images/generations", { "api-version": "preview" }, "gpt-image-1", 200],
    ["/openai/v1/images/generations", {}, "gpt-image-1", 200],
    ["/openai/deployments/gpt-image-1/images/generations", { "api-version": "2025-04-01-preview" }, undefined, 200],
    ["/openai/deployments/gpt-image-1/images/generations", { "api-version": "2025-04-01-preview" }, undefined, 200],
  ]);
});

test("every option reaches the service under Azure's name, and extraBody what is newer", async ({ page, simulator }) => {
  await page.evaluate(
    ([endpoint, credential]) =>
      new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" }).generate({
        prompt: 'quotes ", a backslash \\, a line\nbreak, \u0001 and 🚲',
        n: 2,
        size: "1024x1024",
        quality: "medium",
        background: "opaque",
        outputFormat: "jpeg",
        outputCompression: 80,
        moderation: "low",
        extraBody: { user: "user-1", n: 1 },
      }),
    [simulator.url, KEY] as const,
  );
  expect(simulator.requests.find((request) => request.method === "POST")?.body).toEqual({
    model: "gpt-image-1",
    prompt: 'quotes ", a backslash \\, a line\nbreak, \u0001 and 🚲',
    n: 1,
    size: "1024x1024",
    quality: "medium",
    background: "opaque",
    output_format: "jpeg",
    output_compression: 80,
    moderation: "low",
    user: "user-1",
  });
});

test("only headers that a preflight of Azure can allow are sent, and one of the two that sign", { tag: "@browser" }, async ({ page, engine }) => {
  // An address that no preflight has allowed anything for yet.
  const simulator = await startSimulator();
  await page.evaluate(async (endpoint) => {
    const request = { prompt: "a tower" };
    const options = { deployment: "gpt-image-1" };
    await new azure.AzureImageClient(endpoint, { key: "  simulator-key\n" }, options).generate(request);
    await new azure.AzureImageClient(endpoint, () => "simulator-token", options).generate(request);
    await new azure.AzureImageClient(endpoint, () => "simulator-token", options).generate(request);
  }, simulator.url);
  // A browser remembers what a preflight allowed, so there is one only; but Firefox forgets the first one after its start.
  const preflights = simulator.requests.filter(({ preflight }) => preflight).map(({ headers }) => headers["access-control-request-headers"]);
  const again = engine === "firefox" && preflights.length > 1 ? ["authorization,content-type"] : [];
  expect(preflights).toEqual(["api-key,content-type", ...again]);
  const [byKey, byToken] = simulator.requests.filter((request) => request.method === "POST");
  expect(byKey?.headers).toMatchObject({ "api-key": "simulator-key", "content-type": "application/json" });
  expect(byKey?.headers["authorization"]).toBeUndefined();
  expect(byToken?.headers).toMatchObject({ authorization: "Bearer simulator-token" });
  expect(byToken?.headers["api-key"]).toBeUndefined();
  await simulator.close();
});

test("every form of credential signs: token functions, a TokenCredential with its scopes, none behind a proxy", async ({
  page,
  pages,
  simulator,
}) => {
  pages.proxy = { target: simulator.url, headers: { "api-key": "simulator-key" } };
  const report = await page.evaluate(async (endpoint) => {
    const asked: unknown[] = [];
    const credential = {
      async getToken(scopes: string | string[], options?: { abortSignal?: AbortSignal }) {
        asked.push(scopes, options?.abortSignal instanceof AbortSignal);
        return { token: "simulator-token", expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    };
    const request = { prompt: "a bridge", deployment: "gpt-image-1" };
    const clients = [
      new azure.AzureImageClient(endpoint, async () => "simulator-token"),
      new azure.AzureImageClient(endpoint, credential),
      new azure.AzureImageClient(endpoint, credential, { scopes: "https://ai.azure.com/.default" }),
      new azure.AzureImageClient("/api/azure", null),
      new azure.AzureImageClient(`${location.origin}/api/azure/openai/v1`, null),
    ];
    const images = [];
    for (const client of clients) images.push((await client.generate(request)).images.length);
    return { images, asked };
  }, simulator.url);
  expect(report.images).toEqual([1, 1, 1, 1, 1]);
  expect(report.asked).toEqual([["https://cognitiveservices.azure.com/.default"], true, ["https://ai.azure.com/.default"], true]);
  // Through the proxy the page and the endpoint are of one origin, so there is no preflight.
  expect(simulator.requests.slice(-2).map((request) => [request.method, request.headers["api-key"]])).toEqual([
    ["POST", "simulator-key"],
    ["POST", "simulator-key"],
  ]);
});

test("a fetch of the page's own is given the finished Request, with extra headers and query", async ({ page, simulator }) => {
  const report = await page.evaluate(async (endpoint) => {
    const seen: unknown[] = [];
    const client = new azure.AzureImageClient(endpoint, null, {
      deployment: "gpt-image-1",
      extraHeaders: { "x-team": "blue" },
      extraQuery: { trace: "a b&c" },
      fetch: async (request) => {
        seen.push(request instanceof Request, request.url, request.redirect, request.headers.get("x-team"), await request.clone().json());
        const signed = new Request(request, { headers: { "content-type": "application/json", "api-key": "simulator-key" } });
        return fetch(signed);
      },
    });
    const { images } = await client.generate({ prompt: "a kite" });
    return { seen, count: images.length };
  }, simulator.url);
  expect(report).toEqual({
    count: 1,
    seen: [
      true,
      `${simulator.url}/openai/v1/images/generations?api-version=preview&trace=a%20b%26c`,
      "error",
      "blue",
      { model: "gpt-image-1", prompt: "a kite" },
    ],
  });
});

test("an object URL shows the picture until it is disposed of, and can be made anew", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(
    async ([endpoint, credential]) => {
      const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" });
      const { images } = await client.generate({ prompt: "a red fox", size: "1536x1024" });
      const image = images[0]!;
      const before = helpers.liveUrls.size;
      const url = image.objectUrl;
      const same = image.objectUrl === url;
      const size = await helpers.load(url);
      image.dispose();
      image.dispose();
      const afterDispose = helpers.liveUrls.size;
      // An image may come from what the browser has decoded before.
      const gone = await fetch(url).catch(() => "gone");
      const again = await helpers.load(image.objectUrl);
      // Not every browser has the symbol.
      (image[Symbol.dispose] ?? image.dispose).call(image);
      const bytes = await image.bytes();
      return { before, same, size, afterDispose, gone, again, live: helpers.liveUrls.size, bytes: bytes.length === image.byteLength };
    },
    [simulator.url, KEY] as const,
  );
  expect(report).toEqual({
    before: 0,
    same: true,
    size: { width: 1536, height: 1024 },
    afterDispose: 0,
    gone: "gone",
    again: { width: 1536, height: 1024 },
    live: 0,
    bytes: true,
  });
});

test("progress goes from the credential to the end, and its numbers only grow", async ({ page, simulator }) => {
  const progress = await page.evaluate(
    async ([endpoint, credential]) => {
      const progress: import("../../js/index.js").Progress[] = [];
      const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" });
      await client.generate({ prompt: "a mill", n: 2 }, { onProgress: (step) => progress.push(step) });
      return progress;
    },
    [simulator.url, KEY] as const,
  );
  const stages = progress.map((step) => step.stage).filter((stage, index, all) => stage !== all[index - 1]);
  expect(stages).toEqual(["authenticating", "waiting", "receiving", "completed"]);
  const last = progress.at(-1);
  expect(last).toMatchObject({ images: 2, partialImages: 0 });
  expect(last?.receivedBytes).toBeGreaterThan(simulator.pictures.reduce((sum, picture) => sum + picture.byteLength, 0));
  for (const name of ["receivedBytes", "images", "elapsedInMs"] as const) {
    const values = progress.map((step) => step[name]);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  }
});

test("a mistake in onProgress is reported to the page and costs no picture", { tag: "@browser" }, async ({ page, simulator }) => {
  const report = await page.evaluate(
    async ([endpoint, credential]) => {
      const errors: string[] = [];
      const listener = (event: ErrorEvent) => {
        errors.push(event.message);
        event.preventDefault();
      };
      addEventListener("error", listener);
      const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" });
      const { images } = await client.generate(
        { prompt: "a mill" },
        {
          onProgress: () => {
            throw new Error("mistake of the page");
          },
        },
      );
      removeEventListener("error", listener);
      return { images: images.length, mistakes: errors.length > 0 && errors.every((text) => text.includes("mistake of the page")) };
    },
    [simulator.url, KEY] as const,
  );
  expect(report).toEqual({ images: 1, mistakes: true });
});

test("importing does nothing, a client without a preload neither; init fetches once and compiles while the bytes arrive", {
  tag: "@browser",
}, async ({ browser, pages }) => {
  const page = await browser.newPage();
  // Shown as a text: a page of this origin on which nothing runs.
  await page.goto(`${pages.origin}/azure-image-client/index.js`);
  const report = await page.evaluate(async () => {
    const done: string[] = [];
    const wait = setTimeout;
    const watch = (object: object, names: string[]) => {
      for (const name of names.filter((name) => name in object)) {
        const tell = (parameters: unknown[]) => done.push(parameters[0] instanceof Response ? `${name} of a Response` : name);
        const original: unknown = Reflect.get(object, name);
        const proxy = new Proxy(original as () => void, {
          apply: (target, self, parameters) => (tell(parameters), Reflect.apply(target, self, parameters)),
          construct: (target, parameters) => (tell(parameters), Reflect.construct(target, parameters)),
        });
        Object.defineProperty(object, name, { value: proxy });
      }
    };
    const timers = ["setTimeout", "setInterval", "requestAnimationFrame", "requestIdleCallback", "queueMicrotask"];
    watch(globalThis, ["fetch", "XMLHttpRequest", "WebSocket", "Worker", ...timers]);
    watch(WebAssembly, ["compile", "compileStreaming", "instantiate", "instantiateStreaming", "Module", "Instance", "Memory"]);
    watch(EventTarget.prototype, ["addEventListener"]);
    watch(Response.prototype, ["arrayBuffer", "blob", "bytes"]);
    const globals = Object.getOwnPropertyNames(globalThis);

    const url = "/azure-image-client/index.js";
    const { AzureImageClient, init } = (await import(url)) as typeof azure;
    new AzureImageClient("https://x.openai.azure.com", { key: "k" }, { preload: false });
    await new Promise((resolve) => wait(resolve, 50));
    const atImport = done.splice(0);
    const added = Object.getOwnPropertyNames(globalThis).filter((name) => !globals.includes(name));
    await init();
    return { atImport, added, atInit: done };
  });
  await page.close();
  expect(report).toEqual({ atImport: [], added: [], atInit: ["fetch", "instantiateStreaming of a Response"] });
});

test("the WebAssembly loads once, on first use, and a failed load can be tried again", { tag: "@browser" }, async ({ page, pages, simulator }) => {
  failNext(pages, WASM);
  pages.asked.length = 0;
  const report = await page.evaluate(
    async ([endpoint, credential]) => {
      const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" });
      const failed = await helpers.outcome(client.generate({ prompt: "a sail" }));
      await Promise.all([azure.init(), azure.init()]);
      const [one, two] = await Promise.all([client.generate({ prompt: "a sail" }), client.generate({ prompt: "a sail" })]);
      return {
        code: failed.error?.code,
        billed: failed.error?.billed,
        images: one.images.length + two.images.length,
        instances: helpers.memories.length,
      };
    },
    [simulator.url, KEY] as const,
  );
  expect(report).toEqual({ code: "connection", billed: "no", images: 2, instances: 1 });
  // Scripts come from the cache, except that the first failure of all tests loads those that explain it.
  expect(pages.asked.filter((path) => !path.endsWith(".js"))).toEqual([WASM, WASM]);
});

test("the WebAssembly can be given to init as a URL, bytes or a module", { tag: "@browser" }, async ({ page, pages, simulator }) => {
  for (const source of ["url", "bytes", "module"] as const) {
    await page.goto(pages.origin);
    const images = await page.evaluate(
      async ([endpoint, credential, source]) => {
        const url = "/azure-image-client/wasm/azure_image_client_bg.wasm";
        const bytes = async () => (await fetch(url)).arrayBuffer();
        await azure.init(source === "url" ? url : source === "bytes" ? await bytes() : await WebAssembly.compile(await bytes()));
        const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" });
        return (await client.generate({ prompt: "a sail" })).images.length;
      },
      [simulator.url, KEY, source] as const,
    );
    expect(images).toBe(1);
  }
});
