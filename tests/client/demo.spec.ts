// The main walk through the demo page, in every browser. It uses only what a page can do itself, because not all browsers are driven alike.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";
import { expect, test as base } from "./fixtures.js";

const configFile = fileURLToPath(new URL("../../www/vite.config.ts", import.meta.url));

const test = base.extend<{ address: string }>({
  address: async ({ simulator }, use) => {
    const outDir = await mkdtemp(join(tmpdir(), "azure-image-page-"));
    const define = { "import.meta.env.VITE_ENDPOINT": JSON.stringify(simulator.url), "import.meta.env.VITE_CREDENTIAL": '"key"' };
    await build({ configFile, logLevel: "warn", build: { outDir, emptyOutDir: true }, define });
    const server = await preview({ configFile, build: { outDir }, preview: { host: "127.0.0.1", port: 0 } });
    await use(server.resolvedUrls?.local[0] ?? "");
    await server.close();
    await rm(outDir, { recursive: true });
  },
});

test("the demo page makes a picture, edits it, talks, and keeps what it made", { tag: "@browser" }, async ({ page, pages, simulator, address }) => {
  await page.goto(address);
  const press = (name: string) =>
    page.evaluate((name) => {
      const buttons = [...document.querySelectorAll("button")];
      buttons.find((button) => button.textContent?.trim().startsWith(name))?.click();
    }, name);
  const text = (selector: string) => page.evaluate((selector) => document.querySelector(selector)?.textContent ?? "", selector);

  await expect.poll(() => text(".cost")).toContain("$");
  await press("Generate");
  await expect.poll(() => text("#status")).toMatch(/^Finished/);
  expect(await page.evaluate(() => document.querySelectorAll("#strip img").length)).toBe(4);
  const shown = () => page.evaluate(() => document.querySelector<HTMLImageElement>("#pictures img:last-child")?.naturalWidth);
  await expect.poll(shown).toBe(1024);

  await press("Use as input");
  await expect.poll(() => page.evaluate(() => document.querySelectorAll(".inputs li").length)).toBe(1);
  await press("Generate");
  await expect.poll(() => text("#calls")).toContain("2: finished");
  expect(simulator.requests.at(-1)?.path).toContain("/images/edits");

  await press("Talk");
  await page.evaluate(() => {
    const field = document.querySelector<HTMLTextAreaElement>(".say textarea");
    if (field) field.value = "Draw a lighthouse";
    field?.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await expect.poll(() => page.evaluate(() => document.querySelector<HTMLTextAreaElement>(".say textarea")?.value)).toBe("Draw a lighthouse");
  await press("Send");
  await expect.poll(() => text("#talk .answer")).not.toBe("");

  await expect.poll(() => text("nav")).toContain("History (3)");
  await press("History");
  await expect.poll(() => page.evaluate(() => document.querySelectorAll("#history img").length)).toBe(3);
  // What the other tests ask of a page at their end.
  await page.goto(pages.origin);
});
