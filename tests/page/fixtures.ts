/** The demo page, built and served as its users have it, and what the tests find on it. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, expect, type Page } from "@playwright/test";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { build, preview } from "vite";

const configFile = fileURLToPath(new URL("../../www/vite.config.ts", import.meta.url));
/** The built page, on static files and under its own policy, with a simulator that takes a moment for a picture. */
export const test = base.extend<{ page: Page; consoleErrors: string[] }, { simulator: Simulator; address: string }>({
  simulator: [
    async ({}, use) => {
      const simulator = await startSimulator({ latencyInMs: 100 });
      await use(simulator);
      await simulator.close();
    },
    { scope: "worker" },
  ],
  address: [
    async ({ simulator }, use) => {
      const outDir = await mkdtemp(join(tmpdir(), "azure-image-page-"));
      const given = { VITE_ENDPOINT: simulator.url, VITE_CREDENTIAL: "key" };
      const define = Object.fromEntries(Object.entries(given).map(([name, value]) => [`import.meta.env.${name}`, JSON.stringify(value)]));
      await build({ configFile, logLevel: "warn", build: { outDir, emptyOutDir: true }, define });
      // Below a path, as a static host may have it.
      const server = await preview({ configFile, base: "/some/path/", build: { outDir }, preview: { host: "127.0.0.1", port: 0 } });
      await use(server.resolvedUrls?.local[0] ?? "");
      await server.close();
      await rm(outDir, { recursive: true });
    },
    { scope: "worker" },
  ],
  // A picture that fades in costs the tests more than it shows them.
  contextOptions: async ({}, use) => use({ reducedMotion: "reduce" }),
  consoleErrors: async ({}, use) => {
    await use([]);
  },
  page: async ({ page, address, simulator, consoleErrors }, use) => {
    simulator.reset();
    page.on("pageerror", (error) => consoleErrors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") consoleErrors.push(message.text());
    });
    await page.addInitScript(() => {
      const { createObjectURL, revokeObjectURL } = URL;
      globalThis.liveObjectUrls = new Set();
      URL.createObjectURL = (object) => {
        const url = createObjectURL(object);
        liveObjectUrls.add(url);
        return url;
      };
      URL.revokeObjectURL = (url) => {
        liveObjectUrls.delete(url);
        revokeObjectURL(url);
      };
    });
    await page.goto(address);
    await page.getByText("Connection", { exact: true }).click();
    await use(page);
    expect(consoleErrors).toEqual([]);
  },
});

declare global {
  var liveObjectUrls: Set<string>;
}

export const prompt = (page: Page) => page.getByRole("textbox", { name: "Prompt", exact: true });
export const generate = (page: Page) => page.getByRole("button", { name: "Generate" });
export const cancel = (page: Page) => page.getByRole("button", { name: "Cancel" });
export const status = (page: Page) => page.getByRole("region", { name: "Picture", exact: true }).getByRole("status").first();

export { expect };
