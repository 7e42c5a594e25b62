import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { countUrls, isVisible, posts, test, type App } from "./app.js";
import { defineGenerationCases, expectPainter, generate, models, press, runnable, section } from "./generation.js";
import { execute, root } from "./packed.js";
import { snippets } from "./readme.js";

declare global {
  /** How often an effect has made a call. */
  var effects: { run: number };
}

const painter = runnable(snippets.find(({ language }) => language === "jsx")?.code ?? "");
const WORDS = { button: "Paint", image: "the picture" };

async function app(main: string, home: string): Promise<App> {
  const program = await readFile(new URL(`./react/${main}`, import.meta.url), "utf8");
  return { files: { [main]: program, "painter.jsx": painter }, main, packages: ["react", "react-dom"], home: join(root, home) };
}
const NEWEST = await app("app.tsx", "node_modules");
const OLDEST = await app("app-18.tsx", "tests/oldest/node_modules");

test.use({ app: NEWEST });

defineGenerationCases();

/** Generates an image, and hides its component, which revokes the URL. */
async function generateAndHide(page: Page): Promise<void> {
  const one = section(page, "one");
  await generate(one, "a lake");
  await expect(one.getByAltText("image")).toHaveCount(1);
  await press(page, "Show");
  await expect(page.getByLabel("one")).toBeHidden();
  await expect.poll(() => countUrls(page)).toBe(0);
}

test("a hidden component shows its image again, and revokes the URL in the end", async ({ page, simulator }) => {
  await generateAndHide(page);
  await press(page, "Show");
  const image = section(page, "one").getByAltText("image");
  await expect(image).toBeVisible();
  expect(await isVisible(image)).toBe(true);
  expect(await countUrls(page)).toBe(1);
  await press(page, "Mount");
  await expect.poll(() => countUrls(page)).toBe(0);
  expect(posts(simulator)).toHaveLength(1);
});

test("a hidden component sends nothing, and is cancelled when it is shown again", async ({ page, simulator }) => {
  await generateAndHide(page);
  expect(await page.evaluate(() => oneGenerate({ prompt: "a wood" }))).toBeUndefined();
  await press(page, "Show");
  await expect(section(page, "one").getByRole("status")).toHaveText("cancelled");
  await expect(section(page, "one").getByAltText("image")).toHaveCount(0);
  expect(posts(simulator)).toHaveLength(1);
  expect(await countUrls(page)).toBe(0);
});

test("the component of the README works", async ({ page, simulator }) => {
  await expectPainter(page, simulator, WORDS);
});

test.describe("with the oldest React", () => {
  test.use({ app: OLDEST });

  test("the component of the README works", async ({ page, simulator }) => {
    expect(await page.evaluate(() => document.querySelector("main")?.title)).toMatch(/^18\.0\./);
    await expectPainter(page, simulator, WORDS);
  });
});

test.describe("with a client that is created while rendering", () => {
  test.use({ query: "&new-client&at-once" });

  test("a call goes on, the next one uses the newest client, and no effect runs again", async ({ page, simulator }) => {
    const one = section(page, "one");
    await expect(one.getByAltText("image")).toHaveCount(1);
    await expect(one.getByRole("status")).toHaveText("succeeded");
    expect(await page.evaluate(() => effects.run)).toBe(2);
    expect(models(simulator)).toEqual(["gpt-image-1"]);
    await generate(one, "a mini lake");
    await expect.poll(() => models(simulator)).toEqual(["gpt-image-1", "gpt-image-1-mini"]);
    await expect(one.getByRole("status")).toHaveText("succeeded");
    expect(await countUrls(page)).toBe(1);
    await press(page, "Mount");
    await expect.poll(() => countUrls(page)).toBe(0);
  });
});

test.describe("in an effect", () => {
  test.use({ query: "&at-once" });

  test("StrictMode does not pay twice", async ({ page, simulator }) => {
    await expect(section(page, "one").getByAltText("image")).toHaveCount(1);
    expect(await page.evaluate(() => effects.run)).toBe(2);
    expect(posts(simulator)).toHaveLength(1);
  });
});

test("a server renders the idle state, and loads no WebAssembly", async () => {
  const script = `
    import { createElement } from "react";
    import { renderToString } from "react-dom/server";
    import { AzureImageClient } from "azure-image-client";
    import { useImageGeneration } from "azure-image-client/react";
    const client = new AzureImageClient("https://my-resource.openai.azure.com", null);
    // Node itself compiles WebAssembly too.
    const look = () => { if (new Error().stack.includes("azure_image_client")) console.log("loaded"); };
    WebAssembly.instantiate = WebAssembly.instantiateStreaming = look;
    console.log(renderToString(createElement(() => useImageGeneration(client).status)));`;
  const { stdout } = await execute(process.execPath, ["--input-type=module", "--eval", script], { cwd: root });
  expect(stdout.trim()).toBe("idle");
});
