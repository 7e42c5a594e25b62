import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import type { Page } from "@playwright/test";
import type { AzureImageClient, GeneratedImage } from "azure-image-client";
import { expect, test } from "./fixtures.js";
import { failNext, FOLDERS, MORE, startPageServer, WASM, type PageServer } from "./page-server.js";

const KEY = { key: "simulator-key" };
const MODULE = await readFile(new URL("../../dist/wasm/azure_image_client_bg.wasm", import.meta.url));
const MORE_MODULE = await readFile(new URL("../../dist/wasm/azure_image_client_more.wasm", import.meta.url));

/** Loads the page with a content security policy. */
async function openWithPolicy(page: Page, pages: PageServer, policy: string): Promise<void> {
  pages.policy = policy;
  await page.reload();
  pages.policy = undefined;
  await expect.poll(() => page.evaluate(() => "helpers" in globalThis)).toBe(true);
}

test("all works under a strict content security policy, for a proxy on the page's own origin and for an endpoint elsewhere", {
  tag: "@browser",
}, async ({ page, pages, simulator }) => {
  pages.proxy = { target: simulator.url, headers: { "api-key": KEY.key } };
  const proxied = `${pages.origin}/api/azure`;
  for (const [endpoint, credential, sources] of [
    [proxied, null, pages.origin],
    [simulator.url, KEY, `'self' ${simulator.url}`],
  ] as const) {
    await openWithPolicy(page, pages, `script-src 'self' 'wasm-unsafe-eval'; connect-src ${sources}; img-src 'self' blob:`);
    const report = await page.evaluate(
      async ([endpoint, credential]) => {
        const violations: string[] = [];
        addEventListener("securitypolicyviolation", ({ violatedDirective }) => violations.push(violatedDirective));
        const client = new azure.AzureImageClient(endpoint, credential, { deployment: "gpt-image-1" });
        const { images } = await client.generateStream({ prompt: "a lake", partialImages: 1 }).result();
        const edited = await client.edit({ prompt: "a boat", image: images });
        const shown = await Promise.all([...images, ...edited.images].map(({ objectUrl }) => helpers.load(objectUrl)));
        return { violations, shown };
      },
      [endpoint, credential] as const,
    );
    expect(report).toEqual({
      violations: [],
      shown: [
        { width: 1024, height: 1024 },
        { width: 1024, height: 1024 },
      ],
    });
  }
  pages.proxy = undefined;
});

test("a server that gives the WebAssembly a wrong media type costs a warning only", { tag: "@browser" }, async ({ page, pages }) => {
  pages.before.set(WASM, (response) => response.writeHead(200, { "content-type": "application/octet-stream" }).end(MODULE));
  await page.evaluate(() => azure.init());
  pages.before.delete(WASM);
  expect(await page.evaluate(() => helpers.printed)).toEqual([expect.stringContaining("does not serve Wasm with `application/wasm` MIME type")]);
});

test("a client loads the WebAssembly while the page is idle, unless it is told not to", { tag: "@browser" }, async ({ page, pages }) => {
  const asked = () => pages.asked.filter((path) => path.endsWith(WASM)).length;
  // WebKit has no requestIdleCallback: there, a client loads in the next task.
  const idle = () =>
    page.evaluate(() => new Promise<void>((resolve) => setTimeout(() => (globalThis.requestIdleCallback ?? setTimeout)(() => resolve()))));
  const validate = () =>
    page.evaluate(async () => {
      const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", { preload: false });
      return (await helpers.settled(() => client.validate({ prompt: "a lake" }))).error?.message;
    });
  for (const options of [{}, { preload: true }, { preload: undefined }, { preload: false }]) {
    await page.reload();
    pages.asked.length = 0;
    await page.evaluate((options) => {
      new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", options as object);
    }, options);
    if (options.preload === false) await idle();
    else await expect.poll(asked).toBe(1);
    expect(asked()).toBe(options.preload === false ? 0 : 1);
    expect(await validate()).toBeUndefined();
    expect(asked()).toBe(1);
  }
});

test("a preload that fails is silent, and the first call loads again", { tag: "@browser" }, async ({ page, pages }) => {
  failNext(pages, WASM);
  pages.asked.length = 0;
  const { unhandled, error } = await page.evaluate(async () => {
    const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token");
    while (!performance.getEntriesByType("resource").some(({ name }) => name.endsWith(".wasm"))) await new Promise((resolve) => setTimeout(resolve));
    const { error } = await helpers.settled(() => client.validate({ prompt: "a lake" }));
    return { unhandled: helpers.unhandled.length, error };
  });
  expect({ unhandled, error }).toEqual({ unhandled: 0 });
});

test("an unknown option of init is refused by its name", { tag: "@browser" }, async ({ page }) => {
  const { error } = await page.evaluate(() => helpers.settled(() => azure.init(undefined, { mores: true } as never)));
  expect(error).toMatchObject({ code: "invalid_request", param: "mores", message: "Unknown option mores. Write more." });
});

test.describe("the second module", () => {
  /** The modules that the page has asked for, in order. */
  const asked = (pages: PageServer) => pages.asked.filter((path) => path.includes(".wasm")).map((path) => /_(bg|more)\.wasm/.exec(path)?.[1]);

  test("is loaded once, by the first call that is not a generation or by the first error of the service", { tag: "@browser" }, async ({
    page,
    pages,
    simulator,
  }) => {
    pages.asked.length = 0;
    const generated = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      const { images } = await client.generate({ prompt: "a lake" });
      for await (const { image } of client.generateStream({ prompt: "a lake", partialImages: 1 })) image.dispose();
      const { error } = await helpers.settled(() => client.generate({ prompt: "" }));
      Object.assign(globalThis, { client, image: images[0] });
      return error?.code;
    }, simulator.url);
    expect(generated).toBe("invalid_request");
    expect(asked(pages)).toEqual(["bg"]);
    const refused = await page.evaluate(async () => {
      const { client } = globalThis as unknown as { client: AzureImageClient };
      const calls = [1, 2].map(() => helpers.settled(() => client.generate({ prompt: "a lake [status=400]" })));
      return (await Promise.all(calls)).map(({ error }) => error?.message);
    });
    for (const message of refused) expect(message).toMatch(/^Azure refused the request \(400/);
    expect(asked(pages)).toEqual(["bg", "more"]);
    const edited = await page.evaluate(async () => {
      const { client, image } = globalThis as unknown as { client: AzureImageClient; image: GeneratedImage };
      const calls = [client.edit({ prompt: "a boat", image }), client.edit({ prompt: "a boat", image })];
      const edits = await Promise.all(calls);
      await client.validate({ prompt: "a lake" });
      return edits.map(({ images }) => images.length);
    });
    expect(edited).toEqual([1, 1]);
    expect(asked(pages)).toEqual(["bg", "more"]);
  });

  test("is loaded by init on request, from beside the first one", { tag: "@browser" }, async ({ page, pages }) => {
    pages.asked.length = 0;
    await page.evaluate(async (origin) => {
      await azure.init(`${origin}/azure-image-client/wasm/azure_image_client_bg.wasm?v=1`, { more: true });
      await new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token").validate({ prompt: "a lake" });
    }, pages.origin);
    expect(asked(pages)).toEqual(["bg", "more"]);
    expect(pages.asked.filter((path) => path.includes(".wasm")).every((path) => path.endsWith("?v=1"))).toBe(true);
  });

  test("has the source that init was given, and is loaded when it is needed", { tag: "@browser" }, async ({ page, pages, simulator }) => {
    pages.asked.length = 0;
    await page.evaluate(
      async ([moreSource, endpoint]) => {
        await azure.init(undefined, { moreSource: String(moreSource) });
        const client = new azure.AzureImageClient(String(endpoint), { key: "simulator-key" }, { deployment: "gpt-image-1" });
        await client.generate({ prompt: "a lake" });
      },
      [`${pages.origin}${MORE}?elsewhere`, simulator.url],
    );
    expect(asked(pages)).toEqual(["bg"]);
    await page.evaluate(() => new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token").validate({ prompt: "a lake" }));
    expect(pages.asked.at(-1)).toBe(`${MORE}?elsewhere`);
  });

  test("is named by the error if it does not load, is asked for again, and is no matter of a generation", { tag: "@browser" }, async ({
    page,
    pages,
    simulator,
  }) => {
    failNext(pages, MORE);
    const seen = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      const { error } = await helpers.settled(() => client.validate({ prompt: "a lake" }));
      const { images } = await client.generate({ prompt: "a lake" });
      return { error, images: images.length, problems: await client.validate({ prompt: "a lake" }) };
    }, simulator.url);
    expect(seen).toMatchObject({ images: 1, problems: [], error: { code: "connection", billed: "no", retryable: true } });
    expect(seen.error?.message).toMatch(/could not be loaded: HTTP 503 for http.+azure_image_client_more\.wasm\. Try again later/);
  });

  test("explains the errors of a generation, which quote the service if it does not load", { tag: "@browser" }, async ({
    page,
    pages,
    simulator,
  }) => {
    const errors = async () =>
      page.evaluate(async (endpoint) => {
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1", retryOptions: { maxRetries: 0 } });
        const calls = ["[status=429]", "[content-policy]"].map((scenario) =>
          helpers.settled(() => client.generate({ prompt: `a lake ${scenario}` })),
        );
        return (await Promise.all(calls)).map(({ error }) => error);
      }, simulator.url);
    pages.before.set(MORE, (response) => response.writeHead(503).end());
    const unexplained = await errors();
    pages.before.delete(MORE);
    expect(unexplained).toMatchObject([
      { code: "rate_limit", status: 429, billed: "no", retryable: true },
      { code: "invalid_request", status: 400, billed: "unknown", retryable: false },
    ]);
    for (const error of unexplained) {
      expect(error?.message).toMatch(/^The service reported an error \(4\d\d\): .*"message".* \(The code that explains it/);
    }
    expect(await errors()).toMatchObject([{ code: "rate_limit" }, { code: "content_filter" }]);
  });

  test("of another version is refused by its name", { tag: "@browser" }, async ({ page, pages }) => {
    // One byte of the name under which the first module exports the memory.
    const shared = WebAssembly.Module.imports(await WebAssembly.compile(MORE_MODULE));
    const name = shared.find(({ module, kind }) => module === "b" && kind === "memory")?.name;
    const other = Buffer.from(MORE_MODULE);
    other.write("g", MORE_MODULE.indexOf(String(name), 0, "latin1") + 1, "latin1");
    pages.before.set(MORE, (response) => response.writeHead(200, { "content-type": "application/wasm" }).end(other));
    const { error } = await page.evaluate(() => helpers.settled(() => azure.init(undefined, { more: true })));
    pages.before.delete(MORE);
    expect(error).toMatchObject({ code: "connection", billed: "no" });
    expect(error?.message).toContain("is not azure_image_client_more.wasm of this version");
  });
});

test("where the file is, once said, is not forgotten because of a failure", { tag: "@browser" }, async ({ page, pages }) => {
  failNext(pages, WASM);
  pages.asked.length = 0;
  const url = `${pages.origin}${WASM}?elsewhere`;
  const { error } = await page.evaluate((url) => helpers.settled(() => azure.init(url)), url);
  expect(error).toMatchObject({ code: "connection" });
  await page.evaluate(() => azure.init());
  expect(pages.asked.filter((path) => !path.endsWith(".js"))).toEqual([`${WASM}?elsewhere`, `${WASM}?elsewhere`]);
});

test.describe("the code that loads later", () => {
  const CODE = "/azure-image-client/more.js";

  /** Opens a page of a new origin, so that no script is cached. */
  async function open(page: Page): Promise<PageServer> {
    const server = await startPageServer();
    await page.goto(server.origin);
    return server;
  }

  const imports = (server: PageServer) => server.asked.filter((path) => path === CODE).length;

  test("is imported once, by the first call that is not a generation", { tag: "@browser" }, async ({ page, simulator }) => {
    const server = await open(page);
    const image = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      const { images } = await client.generateStream({ prompt: "a lake", partialImages: 1 }).result();
      // One error each of the engine and of the facade.
      await helpers.settled(() => client.generate({ prompt: 7 as never }));
      await helpers.settled(() => client.generate({ prompt: "a lake", sizee: "auto" } as never));
      Object.assign(globalThis, { client });
      return images.length;
    }, simulator.url);
    expect(image).toBe(1);
    expect(imports(server)).toBe(0);
    await page.evaluate(() => {
      const { client } = globalThis as unknown as { client: AzureImageClient };
      return Promise.all([client.validate({ prompt: "a lake" }), client.estimate({ prompt: "a lake" }), client.probe()]);
    });
    expect(imports(server)).toBe(1);
    await server.close();
  });

  test("loads beside the first module", { tag: "@browser" }, async ({ page }) => {
    const server = await open(page);
    let release = () => {};
    server.before.set(WASM, () => new Promise<void>((resolve) => (release = resolve)));
    const validated = page.evaluate(() =>
      new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", { preload: false }).validate({ prompt: "a lake" }),
    );
    await expect.poll(() => imports(server)).toBe(1);
    release();
    expect(await validated).toEqual([]);
    await server.close();
  });

  test("is named by the error if it does not load, is asked for again, and is no matter of a generation", { tag: "@browser" }, async ({
    page,
    simulator,
    engine,
  }) => {
    const server = await open(page);
    server.before.set(CODE, (response) => response.writeHead(503).end());
    const generated = await page.evaluate(async (endpoint) => {
      const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      return (await client.generate({ prompt: "a lake" })).images.length;
    }, simulator.url);
    expect(generated).toBe(1);
    const errors = await page.evaluate(async () => {
      const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", { imageDeployment: "gpt-image-1" });
      const calls = [
        () => client.validate({ prompt: "a lake" }),
        () => client.edit({ prompt: "a lake", image: new Blob() }),
        () => client.responses.stream({ model: "gpt-4.1", input: "a lake" }).result(),
        () => client.responses.runTools({ model: "gpt-4.1", input: "a lake" }, {}).result(),
        () => client.files.get("file-1"),
        () => client.agents.list()[Symbol.asyncIterator]().next(),
        () => client.probe(),
      ];
      return Promise.all(calls.map(async (call) => (await helpers.settled<unknown>(call)).error));
    });
    for (const error of errors) {
      expect(error).toMatchObject({ isAzureImageError: true, code: "connection", billed: "no", retryable: true });
      expect(error?.message).toMatch(
        /^The code of azure-image-client for this call could not be imported \(.+\)\. Check the network and try again\./s,
      );
    }
    server.before.delete(CODE);
    const again = await page.evaluate(async () => {
      const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token");
      return helpers.settled(() => client.validate({ prompt: "a lake" }));
    });
    // Firefox keeps a failed import until the page is reloaded, as the HTML standard says.
    if (engine !== "firefox") expect(again.ok).toEqual([]);
    await server.close();
  });

  test("is for the WebAssembly imported beside it, and again after a failure", { tag: "@browser" }, async ({ page, simulator, engine }) => {
    const server = await open(page);
    const RUNTIME = "/azure-image-client/runtime.js";
    expect(server.asked).not.toContain(RUNTIME);
    server.before.set(RUNTIME, (response) => response.writeHead(503).end());
    const generate = () =>
      page.evaluate(async (endpoint) => {
        const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
        return helpers.outcome(client.generate({ prompt: "a lake" }));
      }, simulator.url);
    const { error } = await generate();
    expect(error).toMatchObject({ isAzureImageError: true, code: "connection", billed: "no", retryable: true });
    expect(error?.message).toMatch(/could not be imported \(.+\)\. Check the network and try again\./s);
    server.before.delete(RUNTIME);
    // Firefox keeps a failed import until the page is reloaded, as the HTML standard says.
    if (engine === "firefox") await page.reload();
    expect((await generate()).ok?.images).toHaveLength(1);
    expect(server.asked).not.toContain(CODE);
    await server.close();
  });

  test("may take no longer than timeoutInMs, and an abort ends the wait", { tag: "@browser" }, async ({ page, pages }) => {
    const server = await open(page);
    let release = () => {};
    server.before.set(CODE, () => new Promise<void>((resolve) => (release = resolve)));
    const codes = await page.evaluate(async () => {
      const client = new azure.AzureImageClient("https://my-resource.openai.azure.com", () => "token", { imageDeployment: "gpt-image-1" });
      const request = { model: "gpt-4.1", input: "a lake" };
      const calls: ((options: object) => Promise<unknown>)[] = [
        (options) => client.edit({ prompt: "a lake", image: new Blob() }, options),
        (options) => client.responses.stream(request, options).result(),
        (options) => client.responses.runTools(request, {}, options).result(),
        (options) => client.files.get("file-1", options),
        (options) => client.agents.list(options)[Symbol.asyncIterator]().next(),
        (options) => client.probe(options),
      ];
      const all = async (options: () => object) => {
        const outcomes = await Promise.all(calls.map((call) => helpers.settled(() => call(options()))));
        return [...new Set(outcomes.map(({ error }) => `${error?.code} ${error?.billed}`))];
      };
      return [
        await all(() => ({ timeoutInMs: 50 })),
        await all(() => ({ totalTimeoutInMs: 50 })),
        await all(() => ({ abortSignal: AbortSignal.timeout(50) })),
      ];
    });
    expect(codes).toEqual([["timeout no"], ["timeout no"], ["cancelled no"]]);
    release();
    await page.goto(pages.origin);
    await server.close();
  });
});

interface Trouble {
  what: string;
  retryable: boolean;
  /** What the error says: what is wrong, and what to do. */
  message: RegExp[];
}

async function expectError(page: Page, { what, retryable, message }: Trouble): Promise<void> {
  const { error } = await page.evaluate(() => helpers.settled(() => azure.init()));
  expect(error, what).toMatchObject({ isAzureImageError: true, code: "connection", billed: "no", retryable });
  for (const part of message) expect(error?.message).toMatch(part);
}

const html = (response: ServerResponse, status: number) =>
  response.writeHead(status, { "content-type": "text/html" }).end("<!doctype html><title>App</title>");

const ANSWERS: (Trouble & { answer: (response: ServerResponse) => unknown })[] = [
  {
    what: "the file is missing",
    answer: (response) => html(response, 404),
    retryable: false,
    message: [
      /HTTP 404 for http:.*\/azure_image_client_bg\.wasm\. The file is missing there/,
      /Write import "azure-image-client\/inline"; in your app, or serve azure_image_client_bg\.wasm at that URL\.$/,
    ],
  },
  {
    what: "a page is in its place",
    answer: (response) => html(response, 200),
    retryable: false,
    message: [
      /azure_image_client_bg\.wasm \(text\/html\) is not azure_image_client_bg\.wasm of this version/,
      /some servers send a page instead\. Write import "azure-image-client\/inline"; in your app/,
    ],
  },
  {
    what: "it is cut off",
    answer: (response) => response.writeHead(200, { "content-type": "application/wasm" }).end(MODULE.subarray(0, 1000)),
    retryable: false,
    message: [/\(application\/wasm\) is not azure_image_client_bg\.wasm of this version \(CompileError/],
  },
  {
    what: "the server is overloaded",
    answer: (response) => response.writeHead(503).end(),
    retryable: true,
    message: [/HTTP 503 for .* Try again later\.$/],
  },
  {
    what: "the network is gone",
    answer: (response) => response.destroy(),
    retryable: true,
    message: [
      /could not be fetched \(TypeError: (Failed to fetch|NetworkError when attempting to fetch resource\.|Load failed)\)\. Check the network\./,
    ],
  },
];

test("says what is wrong with what the server answers, and can be asked again", { tag: "@browser" }, async ({ page, pages }) => {
  for (const { answer, ...trouble } of ANSWERS) {
    pages.before.set(WASM, answer);
    await expectError(page, trouble);
    pages.before.delete(WASM);
  }
  await page.evaluate(() => azure.init());
});

const POLICIES: (Trouble & { policy: string })[] = [
  {
    what: "WebAssembly is forbidden",
    policy: "script-src 'self'",
    retryable: false,
    message: [/WebAssembly is forbidden/, /Add 'wasm-unsafe-eval' to script-src/],
  },
  {
    what: "to fetch it is forbidden",
    policy: "connect-src https://my-resource.openai.azure.com",
    retryable: true,
    message: [
      /could not be fetched/,
      /allow the URL of azure_image_client_bg\.wasm in connect-src of the page's content security policy \('self' for the page's own origin\)/,
    ],
  },
];

test("says what is wrong with the page's content security policy", { tag: "@browser" }, async ({ page, pages }) => {
  for (const { policy, ...trouble } of POLICIES) {
    await openWithPolicy(page, pages, policy);
    await expectError(page, trouble);
  }
});

test("says so when init was given something else, and keeps the query of an address to itself", { tag: "@browser" }, async ({ page, pages }) => {
  const wrong = await page.evaluate(() => helpers.settled(() => azure.init(new Uint8Array([1, 2, 3]))));
  expect(wrong.error?.message).toMatch(/the argument of init is not .* Pass azure_image_client_bg\.wasm of this version to init, or its URL\.$/);
  pages.before.set("/elsewhere.wasm", (response) => response.writeHead(403).end());
  const refused = await page.evaluate(() => helpers.settled(() => azure.init("/elsewhere.wasm?sig=secret")));
  pages.before.delete("/elsewhere.wasm");
  expect(refused.error?.message).toMatch(/HTTP 403 for http:.*\/elsewhere\.wasm\. Pass azure_image_client_bg\.wasm of this version to init/);
});

const DIST = FOLDERS[0]![1];
/** URL prefixes of tools that serve the JavaScript of a package without its other files. */
const MOVED = {
  "/node_modules/.vite/deps/": "Vite's dev server moved the package without its",
  "/@fs/app/.angular/cache/vite/deps/": "Vite's dev server moved the package without its",
  "/_next/static/media/": "Next.js moved the package without its",
  "/_nuxt/": "Nuxt moved the package without its",
  "/_astro/": "Astro moved the package without its",
  "/assets/": "The file is missing there",
};

for (const [prefix, cause] of Object.entries(MOVED)) {
  test(`names the line to write where a tool leaves the file behind: ${prefix}`, { tag: prefix.includes(".vite") ? "@browser" : "@nightly" }, async ({
    page,
  }) => {
    const server = await startPageServer([[prefix, DIST], ...FOLDERS]);
    for (const [status, found] of [
      [404, "HTTP 404"],
      [200, "(text/html) is not azure_image_client_bg.wasm of this version"],
    ] as const) {
      server.before.set(`${prefix}wasm/azure_image_client_bg.wasm`, (response) => html(response, status));
      await page.goto(server.origin);
      const error = await page.evaluate(async (entry) => {
        const { init } = (await import(entry)) as typeof azure;
        return (await helpers.settled(() => init())).error;
      }, `${prefix}index.js`);
      expect(error).toMatchObject({ code: "connection", billed: "no", retryable: false });
      for (const part of [found, cause, 'Write import "azure-image-client/inline"; in your app']) expect(error?.message).toContain(part);
    }
    await server.close();
  });
}

test("the inline entry needs no file, wins over the other entry, and works where a policy forbids to fetch", { tag: "@browser" }, async ({
  page,
  pages,
  simulator,
}) => {
  await openWithPolicy(page, pages, `script-src 'self' 'wasm-unsafe-eval'; connect-src ${simulator.url}; img-src blob:`);
  pages.asked.length = 0;
  const seen = await page.evaluate(async (endpoint) => {
    // The page has loaded the main entry already, as a dependency of an app might.
    const inline = (await import("/azure-image-client/inline.js" as string)) as typeof azure;
    const client = new azure.AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
    const { images } = await client.generate({ prompt: "a lake" });
    return { isSameApi: inline.AzureImageClient === azure.AzureImageClient, shown: await helpers.load(images[0]!.objectUrl) };
  }, simulator.url);
  expect(seen).toEqual({ isSameApi: true, shown: { width: 1024, height: 1024 } });
  expect(pages.asked.filter((url) => url.includes(".wasm"))).toEqual([]);
});

test("says what to do where the module of the inline entry is gone", { tag: "@browser" }, async ({ page }) => {
  const server = await startPageServer([["/old/", DIST], ...FOLDERS]);
  server.before.set("/old/wasm/inline.js", (response) => html(response, 404));
  await page.goto(server.origin);
  const { error } = await page.evaluate(async () => {
    const { init } = (await import("/old/inline.js" as string)) as typeof azure;
    return helpers.settled(() => init());
  });
  expect(error).toMatchObject({ code: "connection", billed: "no", retryable: true });
  expect(error?.message).toMatch(/could not be imported \(.+\)\. Serve the chunks of the app's current build, then reload the page\.$/);
  await server.close();
});

test("says what to do where the platform cannot unpack the module of the inline entry", { tag: "@browser" }, async ({ page }) => {
  const { error } = await page.evaluate(async () => {
    const { DecompressionStream: removed } = globalThis;
    Object.assign(globalThis, { DecompressionStream: undefined });
    await import("/azure-image-client/inline.js" as string);
    const settled = await helpers.settled(() => azure.init());
    Object.assign(globalThis, { DecompressionStream: removed });
    return settled;
  });
  expect(error).toMatchObject({ code: "connection", billed: "no", retryable: false });
  expect(error?.message).toMatch(/has no DecompressionStream\. Pass azure_image_client_bg\.wasm to init/);
});

test("names the line to write in a bundle that is a classic script", { tag: "@browser" }, async ({ page }) => {
  const server = await startPageServer([["/classic/", DIST], ...FOLDERS]);
  const entry = String(await readFile(new URL("../../dist/index.js", import.meta.url)));
  // As esbuild and others do, which warn of it.
  server.before.set("/classic/index.js", (response) =>
    response.writeHead(200, { "content-type": "text/javascript" }).end(entry.replace("import.meta.url", "({}).url")),
  );
  await page.goto(server.origin);
  const { error } = await page.evaluate(async () => {
    const { init } = (await import("/classic/index.js" as string)) as typeof azure;
    return helpers.settled(() => init());
  });
  expect(error).toMatchObject({ code: "connection", billed: "no", retryable: false });
  expect(error?.message).toMatch(/has no URL: the bundle is not an ES module \(.+\)\. Write import "azure-image-client\/inline"; in your app\.$/);
  await server.close();
});
