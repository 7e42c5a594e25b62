import { copyFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, type Locator, type Page } from "@playwright/test";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { build } from "vite";
import { startPageServer } from "../browser/page-server.js";
import { execute, root, test as base } from "./packed.js";

declare global {
  /** `generate` of the first component. */
  var oneGenerate: (request: { prompt: string }) => Promise<unknown>;
  /** How often an effect has made a call. */
  var effects: { run: number };
  /** The object URLs that were made and not freed. */
  var alive: Set<string>;
}

/** The component of the README. */
const [, PAINTER = ""] = /```jsx\n([^]*?)```/.exec(await readFile(join(root, "README.md"), "utf8")) ?? [];

interface Studio {
  /** A component that uses the hook. */
  one: Locator;
  other: Locator;
  simulator: Simulator;
}

interface App {
  program: string;
  /** Where its React is. */
  packages: string;
}

const NEWEST: App = { program: "app.tsx", packages: join(root, "node_modules") };
const OLDEST: App = { program: "app-18.tsx", packages: join(root, "tests/oldest/node_modules") };

/** Builds an app in development mode, since StrictMode does nothing in another, and gives the folder of the outcome. */
async function bundle({ program, packages }: App, folder: string): Promise<string> {
  const app = await mkdtemp(join(folder, "react-"));
  await copyFile(fileURLToPath(new URL(`./react/${program}`, import.meta.url)), join(app, program));
  const painter = PAINTER.replace('"https://my-resource.openai.azure.com"', 'new URLSearchParams(location.search).get("endpoint")').replace(
    "my-image-deployment",
    "gpt-image-1",
  );
  await writeFile(join(app, "painter.jsx"), `const getToken = async () => "simulator-token"; ${painter}`);
  await writeFile(
    join(app, "index.html"),
    `<!doctype html><link rel="icon" href="data:," /><body><script type="module" src="./${program}"></script></body>`,
  );
  const outDir = join(app, "dist");
  await build({
    root: app,
    mode: "development",
    configFile: false,
    logLevel: "error",
    resolve: { alias: Object.fromEntries(["react", "react-dom"].map((name) => [name, join(packages, name)])) },
    define: { "process.env.NODE_ENV": '"development"' },
    build: { outDir },
  });
  return outDir;
}

const test = base.extend<{ studio: Studio; query: string; app: App }, { bundled: (app: App) => Promise<string> }>({
  query: ["", { option: true }],
  app: [NEWEST, { option: true }],
  /** Each app is built once. */
  bundled: [
    async ({ folder }, use) => {
      const folders = new Map<App, Promise<string>>();
      await use(async (app) => {
        const bundled = folders.get(app) ?? bundle(app, folder);
        folders.set(app, bundled);
        return bundled;
      });
    },
    { scope: "worker" },
  ],
  studio: async ({ app, bundled, page, query }, use) => {
    const [pages, simulator] = [await startPageServer([["/", await bundled(app)]]), await startSimulator()];
    const errors: unknown[] = [];
    page.on("pageerror", (error) => errors.push(error));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) errors.push(message.text());
    });
    await page.addInitScript(() => {
      globalThis.alive = new Set();
      const { createObjectURL, revokeObjectURL } = URL;
      URL.createObjectURL = (blob) => {
        const url = createObjectURL(blob);
        alive.add(url);
        return url;
      };
      URL.revokeObjectURL = (url) => {
        alive.delete(url);
        revokeObjectURL(url);
      };
    });
    await page.goto(`${pages.origin}/?endpoint=${encodeURIComponent(simulator.url)}${query}`);
    await use({ one: page.getByRole("region", { name: "one" }), other: page.getByRole("region", { name: "other" }), simulator });
    expect(errors).toEqual([]);
    await Promise.all([pages.close(), simulator.close()]);
  },
});

const aliveUrls = (page: Page): Promise<number> => page.evaluate(() => alive.size);
const generate = async (studio: Locator, prompt: string): Promise<void> => {
  await studio.getByLabel("Prompt").fill(prompt);
  await studio.getByRole("button", { name: "Generate" }).click();
};
const isVisible = (image: Locator): Promise<boolean> =>
  image.evaluate(async (image: HTMLImageElement) => (await image.decode(), image.naturalWidth > 0));

test("a component shows previews, then the picture, and frees what it does not show", async ({ page, studio: { one, simulator } }) => {
  await generate(one, "a lake [stall=before-completed] [times=1]");
  await expect(one.getByAltText("preview")).toHaveCount(1);
  expect(await isVisible(one.getByAltText("preview"))).toBe(true);
  await expect(one.getByRole("status")).toHaveText("running");
  await expect(one.getByLabel("Stage")).toHaveText("receiving");
  await expect(one.getByAltText("picture")).toHaveCount(0);

  await generate(one, "a lake");
  await expect(one.getByRole("status")).toHaveText("succeeded");
  await expect(one.getByAltText("picture")).toHaveCount(1);
  await expect(one.getByAltText("preview")).toHaveCount(0);
  expect(await isVisible(one.getByAltText("picture"))).toBe(true);
  await expect(one.getByLabel("Outcome")).toHaveText("1 made");
  await expect(one.getByLabel("Tokens")).toHaveText(/^\d+$/);
  expect(await aliveUrls(page)).toBe(1);
  expect(simulator.requests.map(({ method }) => method).filter((method) => method === "POST")).toHaveLength(2);

  await one.getByRole("button", { name: "Edit" }).click();
  await expect.poll(() => simulator.requests.at(-1)?.path).toContain("edits");
  await expect(one.getByRole("status")).toHaveText("succeeded");
  expect(await isVisible(one.getByAltText("picture"))).toBe(true);
  expect(await aliveUrls(page)).toBe(1);

  await one.getByRole("button", { name: "Reset" }).click();
  await expect(one.getByRole("status")).toHaveText("idle");
  expect(await aliveUrls(page)).toBe(0);
});

test("unmounting aborts the request and frees everything", async ({ page, studio: { one, other, simulator } }) => {
  await generate(one, "a lake");
  await expect(one.getByAltText("picture")).toHaveCount(1);
  await generate(other, "a wood [stall=before-completed]");
  await expect(other.getByAltText("preview")).toHaveCount(1);
  await page.getByRole("button", { name: "Mount" }).click();
  await expect(one).toHaveCount(0);
  await expect.poll(() => aliveUrls(page)).toBe(0);
  await simulator.requests.at(-1)?.closed;
  await page.getByRole("button", { name: "Mount" }).click();
  await expect(one.getByRole("status")).toHaveText("idle");
  await generate(one, "a lake");
  await expect(one.getByAltText("picture")).toHaveCount(1);
});

/** Makes a picture, and hides its component, which frees it. Gives what shows it again. */
async function makeAndHide(page: Page, studio: Locator): Promise<Locator> {
  await generate(studio, "a lake");
  await expect(studio.getByAltText("picture")).toHaveCount(1);
  const show = page.getByRole("button", { name: "Show" });
  await show.click();
  await expect(studio).toBeHidden();
  await expect.poll(() => aliveUrls(page)).toBe(0);
  return show;
}

test("a component that was hidden shows its picture again, and frees it in the end", async ({ page, studio: { one } }) => {
  const show = await makeAndHide(page, one);
  await show.click();
  await expect(one.getByAltText("picture")).toBeVisible();
  expect(await isVisible(one.getByAltText("picture"))).toBe(true);
  expect(await aliveUrls(page)).toBe(1);
  await page.getByRole("button", { name: "Mount" }).click();
  await expect.poll(() => aliveUrls(page)).toBe(0);
});

test("a call of a component that has gone is not sent, and shows nothing when it is back", async ({ page, studio: { one, simulator } }) => {
  const posts = () => simulator.requests.filter(({ method }) => method === "POST").length;
  const show = await makeAndHide(page, one);
  expect(await page.evaluate(() => oneGenerate({ prompt: "a wood" }))).toBeUndefined();
  await show.click();
  await expect(one.getByRole("status")).toHaveText("cancelled");
  await expect(one.getByAltText("picture")).toHaveCount(0);
  await page.getByRole("button", { name: "Mount" }).click();
  await expect(one).toHaveCount(0);
  expect(await page.evaluate(() => oneGenerate({ prompt: "a wood" }))).toBeUndefined();
  expect(posts()).toBe(1);
  expect(await aliveUrls(page)).toBe(0);
});

test("cancelling ends the call and keeps what is finished; a failure says why; the next call works", async ({ page, studio: { one, simulator } }) => {
  await generate(one, "a lake [stall=before-completed]");
  await expect(one.getByAltText("preview")).toHaveCount(1);
  await one.getByRole("button", { name: "Cancel" }).click();
  await expect(one.getByRole("status")).toHaveText("cancelled");
  await expect(one.getByLabel("Outcome")).toHaveText("none made");
  await simulator.requests.at(-1)?.closed;
  expect(await aliveUrls(page)).toBe(0);

  await generate(one, "a lake [content-filter]");
  await expect(one.getByRole("alert")).toHaveText("content_filter");
  await expect(one.getByRole("status")).toHaveText("failed");

  await one.getByLabel("Number").fill("2");
  await generate(one, "a lake");
  await expect(one.getByRole("status")).toHaveText("succeeded");
  await expect(one.getByRole("alert")).toHaveCount(0);
  await expect(one.getByAltText("picture")).toHaveCount(2);
  expect(await aliveUrls(page)).toBe(2);
});

test("a new call takes the place of one that is under way, and two components do not know of each other", async ({
  page,
  studio: { one, other },
}) => {
  await generate(other, "a wood");
  await generate(one, "a lake [stall=before-completed]");
  await expect(one.getByAltText("preview")).toHaveCount(1);
  await generate(one, "a sea");
  await expect(one.getByAltText("picture")).toHaveCount(1);
  await expect(other.getByAltText("picture")).toHaveCount(1);
  await expect(one.getByRole("alert")).toHaveCount(0);
  expect(await aliveUrls(page)).toBe(2);
});

async function expectPainter(page: Page, simulator: Simulator): Promise<void> {
  expect(simulator.requests).toEqual([]);
  const painter = page.getByRole("region", { name: "painter" });
  await painter.getByRole("button", { name: "Paint" }).click();
  await expect(painter.getByAltText("the picture")).toBeVisible();
  expect(await isVisible(painter.getByAltText("the picture"))).toBe(true);
  await painter.getByRole("textbox").fill("a lake [stall=before-completed]");
  await painter.getByRole("button", { name: "Paint" }).click();
  await expect(painter.getByAltText("a preview")).toBeVisible();
  await painter.getByRole("button", { name: "Cancel" }).click();
  await expect(painter.getByRole("button", { name: "Paint" })).toBeEnabled();
  await painter.getByRole("textbox").fill("a lake [content-filter]");
  await painter.getByRole("button", { name: "Paint" }).click();
  await expect(painter.getByRole("status")).toContainText("The prompt was refused");
}

test("the component of the README paints", async ({ page, studio: { simulator } }) => {
  await expectPainter(page, simulator);
});

test.describe("with the oldest React", () => {
  test.use({ app: OLDEST });

  test("the component of the README paints", async ({ page, studio: { simulator } }) => {
    expect(await page.evaluate(() => document.querySelector("main")?.title)).toMatch(/^18\.0\./);
    await expectPainter(page, simulator);
  });
});

test.describe("with a client that is made while rendering", () => {
  test.use({ query: "&new-client&at-once" });

  test("a call goes on, the next one is of the newest client, and no effect runs again", async ({ page, studio: { one, simulator } }) => {
    const models = () => simulator.requests.flatMap(({ method, body }) => (method === "POST" ? [(body as { model: string }).model] : []));
    await expect(one.getByAltText("picture")).toHaveCount(1);
    await expect(one.getByRole("status")).toHaveText("succeeded");
    expect(await page.evaluate(() => effects.run)).toBe(2);
    expect(models()).toEqual(["gpt-image-1"]);
    await generate(one, "a mini lake");
    await expect.poll(models).toEqual(["gpt-image-1", "gpt-image-1-mini"]);
    await expect(one.getByRole("status")).toHaveText("succeeded");
    expect(await aliveUrls(page)).toBe(1);
    await page.getByRole("button", { name: "Mount" }).click();
    await expect.poll(() => aliveUrls(page)).toBe(0);
  });
});

test.describe("in an effect", () => {
  test.use({ query: "&at-once" });

  test("StrictMode does not pay twice", async ({ page, studio: { one, simulator } }) => {
    await expect(one.getByAltText("picture")).toHaveCount(1);
    expect(await page.evaluate(() => effects.run)).toBe(2);
    expect(simulator.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
  });
});

test("a server renders it idle, and loads no WebAssembly", async () => {
  const script = `
    import { createElement } from "react";
    import { renderToString } from "react-dom/server";
    import { AzureImageClient } from "azure-image-client";
    import { useImageGeneration } from "azure-image-client/react";
    const client = new AzureImageClient("https://my-resource.openai.azure.com", null);
    // Node has WebAssembly of its own.
    const look = () => { if (new Error().stack.includes("azure_image_client")) console.log("loaded"); };
    WebAssembly.instantiate = WebAssembly.instantiateStreaming = look;
    console.log(renderToString(createElement(() => useImageGeneration(client).status)));`;
  const { stdout } = await execute(process.execPath, ["--input-type=module", "--eval", script], { cwd: root });
  expect(stdout.trim()).toBe("idle");
});
