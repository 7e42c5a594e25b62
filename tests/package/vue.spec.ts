import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import type { AzureImageClient } from "azure-image-client";
import type { useImageGeneration } from "azure-image-client/vue";
import type { Plugin } from "vite";
import type * as Vue from "vue";
import type * as Compiler from "vue/compiler-sfc";
import { countUrls, isVisible, posts, test, VUE_FLAGS, type App } from "./app.js";
import { defineGenerationCases, expectPainter, generate, models, press, runnable, section } from "./generation.js";
import { execute, root } from "./packed.js";
import { snippets } from "./readme.js";

declare global {
  /** The composable and its surroundings, for tests without a component. */
  var vue: Pick<typeof Vue, "effectScope" | "shallowRef" | "watch"> & {
    newClient: (deployment?: string) => AzureImageClient;
    useImageGeneration: typeof useImageGeneration;
  };
}

const painter = runnable(snippets.find(({ language }) => language === "vue")?.code ?? "");
const WORDS = { button: "Generate", image: "the image" };

/** Compiles single-file components with the compiler of a Vue. */
function singleFileComponents(home: string): Plugin {
  const { parse, compileScript } = createRequire(join(home, "vue/package.json"))("vue/compiler-sfc") as typeof Compiler;
  return {
    name: "single-file-components",
    transform: {
      filter: { id: /\.vue$/ },
      handler: (source, filename) => ({
        code: compileScript(parse(source, { filename }).descriptor, { id: filename, inlineTemplate: true }).content,
        moduleType: "js",
      }),
    },
  };
}

async function app(main: string, files: string[], home: string): Promise<App> {
  const read = async (name: string) => [name, await readFile(new URL(`./vue/${name}`, import.meta.url), "utf8")] as const;
  return {
    files: { ...Object.fromEntries(await Promise.all([main, ...files].map(read))), "Painter.vue": painter },
    main,
    packages: ["vue"],
    home,
    plugins: [singleFileComponents(home)],
    define: VUE_FLAGS,
  };
}
const NEWEST = await app("main.js", ["App.vue", "Studio.vue"], join(root, "node_modules"));
const OLDEST = await app("main-3.3.js", [], join(root, "tests/oldest/node_modules"));

test.use({ app: NEWEST });

defineGenerationCases();

test("the component of the README works", async ({ page, simulator }) => {
  await expectPainter(page, simulator, WORDS);
});

test.describe("with the oldest Vue", () => {
  test.use({ app: OLDEST });

  test("the component of the README works", async ({ page, simulator }) => {
    expect(await page.locator("main").getAttribute("title")).toBe("3.3.0");
    await expectPainter(page, simulator, WORDS);
  });
});

test("a component in KeepAlive keeps its call and its images, and revokes the URLs in the end", { tag: "@nightly" }, async ({ page, simulator }) => {
  const one = section(page, "one");
  await generate(one, "a lake [delay=50]");
  await expect(one.getByRole("status")).toHaveText("running");
  await press(page, "Show");
  await expect(one).toHaveCount(0);
  await expect.poll(() => countUrls(page)).toBeGreaterThan(0);
  await press(page, "Show");
  await expect(one.getByRole("status")).toHaveText("succeeded");
  await expect(one.getByAltText("image")).toHaveCount(1);
  expect(await isVisible(one.getByAltText("image"))).toBe(true);
  await expect.poll(() => countUrls(page)).toBe(1);
  // Also when it is not on the page.
  await press(page, "Show");
  await press(page, "Mount");
  await expect.poll(() => countUrls(page)).toBe(0);
  expect(posts(simulator)).toHaveLength(1);
});

test("the next call uses the client that the getter returns", async ({ page, simulator }) => {
  const one = section(page, "one");
  await generate(one, "a lake");
  await expect(one.getByRole("status")).toHaveText("succeeded");
  await generate(one, "a mini lake");
  await expect.poll(() => models(simulator)).toEqual(["gpt-image-1", "gpt-image-1-mini"]);
  await expect(one.getByRole("status")).toHaveText("succeeded");
});

test("an effect scope without a component owns the images, and a ref may hold the client", async ({ page, simulator }) => {
  const report = await page.evaluate(async () => {
    const { effectScope, shallowRef, newClient, useImageGeneration } = vue;
    const client = shallowRef(newClient());
    const scope = effectScope();
    const { status, images, generate } = scope.run(() => useImageGeneration(client))!;
    await generate({ prompt: "a lake" });
    client.value = newClient("gpt-image-1-mini");
    await generate({ prompt: "a lake" });
    const url = images.value[0]!.objectUrl;
    const before = { status: status.value, isAlive: liveUrls.has(url) };
    const running = generate({ prompt: "a lake" });
    scope.stop();
    return { before, after: { status: status.value, urls: liveUrls.size, result: await running, images: images.value.length } };
  });
  expect(report).toEqual({
    before: { status: "succeeded", isAlive: true },
    after: { status: "cancelled", urls: 0, result: undefined, images: 0 },
  });
  expect(models(simulator)).toEqual(["gpt-image-1", "gpt-image-1-mini"]);
});

test("outside of a scope nothing warns, and reset() revokes the URLs", async ({ page, simulator }) => {
  const report = await page.evaluate(async () => {
    const { images, status, generate, reset } = vue.useImageGeneration(vue.newClient());
    const result = await generate({ prompt: "a lake" });
    const isAlive = liveUrls.has(images.value[0]!.objectUrl);
    const isSame = images.value[0] === result?.images[0];
    reset();
    return { isAlive, isSame, urls: liveUrls.size, status: status.value };
  });
  expect(report).toEqual({ isAlive: true, isSame: true, urls: 0, status: "idle" });
  expect(posts(simulator)).toHaveLength(1);
});

test("a synchronous watcher of the status reads the state that belongs to it", async ({ page, simulator }) => {
  const seen = await page.evaluate(async () => {
    const { status, images, result, error, generate } = vue.useImageGeneration(vue.newClient());
    const seen: unknown[] = [];
    vue.watch(status, (value) => seen.push([value, images.value.length, result.value?.images.length, error.value?.code]), { flush: "sync" });
    await generate({ prompt: "a lake" });
    await generate({ prompt: "a lake [content-filter]" });
    return seen;
  });
  expect(seen).toEqual([
    ["running", 0, undefined, undefined],
    ["succeeded", 1, 1, undefined],
    ["idle", 0, undefined, undefined],
    ["running", 0, undefined, undefined],
    ["failed", 0, undefined, "content_filter"],
  ]);
  expect(posts(simulator)).toHaveLength(2);
});

test("a missing client fails the call with the reason", async ({ page, simulator }) => {
  const error = await page.evaluate(async () => {
    const client = vue.shallowRef<AzureImageClient>();
    const { error, generate } = vue.useImageGeneration(() => client.value!);
    await generate({ prompt: "a lake" });
    return { ...error.value?.toJSON() };
  });
  expect(error).toMatchObject({ code: "invalid_request", param: "client", billed: "no" });
  expect(simulator.requests).toEqual([]);
});

const warnings = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const printed: string[] = [];
    const { warn } = console;
    console.warn = (...texts: unknown[]) => printed.push(texts.map(String).join(" "));
    const { images, status } = vue.useImageGeneration(vue.newClient());
    Object.assign(status, { value: "running" });
    Object.assign(images, { value: [{}] });
    console.warn = warn;
    return [...printed.map((text) => text.split("\n")[0] ?? ""), status.value, String(images.value.length)];
  });

test("the state is readonly", async ({ page, simulator }) => {
  const refused = expect.stringContaining('Set operation on key "value" failed: target is readonly');
  expect(await warnings(page)).toEqual([refused, refused, "idle", "0"]);
  expect(simulator.requests).toEqual([]);
});

test("a server renders the idle state, loads no WebAssembly, and keeps nothing", async () => {
  const script = `
    import { createSSRApp, h } from "vue";
    import { renderToString } from "vue/server-renderer";
    import { AzureImageClient } from "azure-image-client";
    import { useImageGeneration } from "azure-image-client/vue";
    const client = new AzureImageClient("https://my-resource.openai.azure.com", null);
    // Node itself compiles WebAssembly too.
    const look = () => { if (new Error().stack.includes("azure_image_client")) console.log("loaded"); };
    WebAssembly.instantiate = WebAssembly.instantiateStreaming = look;
    let used;
    const Studio = {
      setup() {
        const { status, images, reset } = useImageGeneration(client);
        used = new WeakRef(reset);
        return () => h("p", [status.value, " ", images.value.length]);
      },
    };
    console.log(await renderToString(createSSRApp(Studio)));
    // A WeakRef holds its target until the end of the task.
    await new Promise((resolve) => setImmediate(resolve));
    gc();
    console.log(String(used.deref()));`;
  const { stdout, stderr } = await execute(process.execPath, ["--expose-gc", "--input-type=module", "--eval", script], { cwd: root });
  expect(stdout).toBe("<p>idle 0</p>\nundefined\n");
  expect(stderr).toBe("");
});

test("a call in setup() sends nothing from a server", async () => {
  const script = `
    import { createSSRApp, h } from "vue";
    import { renderToString } from "vue/server-renderer";
    import { AzureImageClient } from "azure-image-client";
    import { useImageGeneration } from "azure-image-client/vue";
    const fetch = async () => { console.log("sent"); return new Response(null, { status: 404 }); };
    const client = new AzureImageClient("https://my-resource.openai.azure.com", null, { deployment: "my-image-deployment", fetch });
    let generating;
    const Studio = {
      setup() {
        const { status, images, generate } = useImageGeneration(client);
        generating = generate({ prompt: "a lake" });
        return () => h("p", [status.value, " ", images.value.length]);
      },
    };
    console.log(await renderToString(createSSRApp(Studio)));
    console.log(String(await generating));`;
  const { stdout, stderr } = await execute(process.execPath, ["--input-type=module", "--eval", script], { cwd: root });
  // The browser, which makes the call, hydrates the same text.
  expect(stdout).toBe("<p>running 0</p>\nundefined\n");
  expect(stderr).toBe("");
});
