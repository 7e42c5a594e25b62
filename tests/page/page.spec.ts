import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, expect, type Page } from "@playwright/test";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { build, preview } from "vite";

const configFile = fileURLToPath(new URL("../../www/vite.config.ts", import.meta.url));
/** No inline script, no inline style, nothing from elsewhere. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; connect-src 'self' http://127.0.0.1:*";

/** The built page, on static files and under a policy, with a simulator that takes a moment for a picture. */
const test = base.extend<{ page: Page; consoleErrors: string[] }, { simulator: Simulator; address: string }>({
  simulator: [
    async ({}, use) => {
      const simulator = await startSimulator({ latencyInMs: 300 });
      await use(simulator);
      await simulator.close();
    },
    { scope: "worker" },
  ],
  address: [
    async ({}, use) => {
      const outDir = await mkdtemp(join(tmpdir(), "azure-image-page-"));
      await build({ configFile, logLevel: "warn", build: { outDir, emptyOutDir: true } });
      const headers = { "content-security-policy": contentSecurityPolicy };
      const server = await preview({ configFile, build: { outDir }, preview: { host: "127.0.0.1", port: 0, headers } });
      await use(server.resolvedUrls?.local[0] ?? "");
      await server.close();
      await rm(outDir, { recursive: true });
    },
    { scope: "worker" },
  ],
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
    await page.getByRole("textbox", { name: "Endpoint" }).fill(simulator.url);
    await use(page);
    expect(consoleErrors).toEqual([]);
  },
});

declare global {
  var liveObjectUrls: Set<string>;
}

const prompt = (page: Page) => page.getByRole("textbox", { name: "Prompt", exact: true });
const generate = (page: Page) => page.getByRole("button", { name: "Generate" });
const cancel = (page: Page) => page.getByRole("button", { name: "Cancel" });
const status = (page: Page) => page.getByRole("status");

test("shows the previews, then the picture, and offers it under a telling name", async ({ page, simulator }) => {
  await prompt(page).fill("A fox in the snow, at dusk");
  await page.getByRole("radio", { name: "Wide" }).check();
  await page.getByRole("radio", { name: "2", exact: true }).check();
  await generate(page).click();

  await expect(status(page)).toHaveText(/^Finished in \d+\.\d s\.$/);
  await expect(page.getByRole("img", { name: "A fox in the snow, at dusk", exact: true })).toBeVisible();
  await expect(page.getByRole("img", { name: /Preview/ })).toHaveCount(0);
  await expect(page.getByText("1536 × 1024", { exact: true })).toBeVisible();
  await expect(page.getByText(/^image\/png, \d/)).toBeVisible();

  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  expect((await downloading).suggestedFilename()).toBe("a-fox-in-the-snow-at-dusk.png");
  expect(simulator.requests.at(-1)?.body).toMatchObject({ model: "gpt-image-1", size: "1536x1024", partial_images: 2, stream: true });

  await page.getByRole("button", { name: "Preview 1 of 2" }).click();
  await expect(page.getByRole("img", { name: "Preview 1 of 2: A fox in the snow, at dusk" })).toBeVisible();
});

test("cancels calmly, and closes the connection", async ({ page, simulator }) => {
  await prompt(page).fill("A fox in the snow [stall=after-first-preview]");
  await generate(page).click();
  await expect(status(page)).toHaveText("Preview 1 of 3. The next one is being made…");
  await cancel(page).click();
  await expect(status(page)).toHaveText(/^Cancelled after/);
  await expect(page.getByRole("alert")).toBeEmpty();
  await expect(page.getByRole("img", { name: /^Preview 1 of 3/ })).toBeVisible();
  await expect(generate(page)).toBeFocused();
  await expect(cancel(page)).toBeDisabled();
  await expect.poll(() => simulator.activeRequests).toBe(0);
});

test("tells a failure in words, and leaves the last preview labelled as one", async ({ page }) => {
  await prompt(page).fill("A fox in the snow [truncate=before-completed]");
  await generate(page).click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("stream_truncated");
  await expect(alert).toContainText("may have been billed");
  await expect(alert.getByRole("paragraph")).toHaveText(/\w+\.$/);
  await expect(page.getByRole("img", { name: /^Preview 3 of 3/ })).toBeVisible();
  await expect(page.getByRole("link", { name: "Download" })).toBeHidden();
});

test("waits for a busy deployment in sight of the person, and then shows the picture", async ({ page, consoleErrors }) => {
  await page.getByRole("textbox", { name: "Prompt" }).fill("a lake [status=429] [retry-after=2] [times=1]");
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page.getByRole("status")).toHaveText("The deployment is busy. Waiting for try 2…");
  await expect(page.locator("#clock")).toContainText(/^next try in [12] s · /);
  await expect(page.getByRole("status")).toContainText("Finished");
  // The browser itself reports the refused request.
  expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("429")]);
});

test("does not send a wrong key twice, and says whose mistake it is", async ({ page, simulator, consoleErrors }) => {
  await page.getByRole("textbox", { name: "API key" }).fill("not-the-key");
  await generate(page).click();
  await expect(page.getByRole("alert")).toContainText("not billed · authentication · HTTP 401");
  expect(simulator.requests.filter((request) => request.method === "POST")).toHaveLength(1);
  // The browser's own report of the status, which no page can prevent.
  expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("401")]);
});

test("sends a token, or nothing", async ({ page, simulator, consoleErrors }) => {
  await page.getByRole("radio", { name: "Entra token" }).check();
  await page.getByRole("textbox", { name: "Microsoft Entra token" }).fill("simulator-token");
  await generate(page).click();
  await expect(status(page)).toHaveText(/^Finished/);
  expect(simulator.requests.at(-1)?.headers["authorization"]).toBe("Bearer simulator-token");

  await page.getByRole("radio", { name: "None" }).check();
  await generate(page).click();
  await expect(page.getByRole("alert")).toContainText("HTTP 401");
  expect(simulator.requests.at(-1)?.headers).not.toHaveProperty("authorization");
  expect(consoleErrors.splice(0)).toEqual([expect.stringContaining("401")]);
});

test("keeps a key from a foreign endpoint until the person allows it", async ({ page }) => {
  await page.route("https://my-resource.openai.azure.com/**", (route) => route.abort());
  await page.getByRole("textbox", { name: "Endpoint" }).fill("https://my-resource.openai.azure.com");
  await generate(page).click();
  await expect(page.getByRole("alert")).toContainText("dangerouslyAllowApiKeyInBrowser");
  await expect(page.getByRole("checkbox", { name: /This key is mine/ })).not.toBeChecked();
});

test("works with the keyboard alone", async ({ page }) => {
  await prompt(page).focus();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("A fox in the snow [stall=after-first-preview]");
  await page.keyboard.press("Control+Enter");
  await expect(status(page)).toHaveText(/^Preview 1 of 3/);
  await page.keyboard.press("Escape");
  await expect(status(page)).toHaveText(/^Cancelled/);
  await expect(prompt(page)).toBeFocused();

  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(prompt(page)).toHaveValue(/^A mountain lake/);
  await generate(page).focus();
  await page.keyboard.press("Enter");
  await expect(status(page)).toHaveText(/^Finished/);
  await expect(generate(page)).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Preview 1 of 3" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("img", { name: /^Preview 1 of 3/ })).toBeVisible();
});

test("holds no more object URLs after many pictures than after one", async ({ page }) => {
  const liveObjectUrls = () => page.evaluate(() => globalThis.liveObjectUrls.size);
  await page.getByRole("radio", { name: "Tall" }).check();
  const words = ["", "", "[truncate=before-completed]", ""];
  for (const [index, scenario] of words.entries()) {
    await prompt(page).fill(`Fox number ${index} ${scenario}`);
    await generate(page).click();
    if (scenario === "") await expect(page.getByRole("img", { name: `Fox number ${index}`, exact: true })).toBeVisible();
    else await expect(page.getByRole("alert")).not.toBeEmpty();
    await expect(cancel(page)).toBeDisabled();
    expect(await liveObjectUrls()).toBe(scenario === "" ? 4 : 3);
  }
});
