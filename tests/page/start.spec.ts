import { test as base, expect } from "@playwright/test";
import { fileURLToPath } from "node:url";
import { startSimulator } from "azure-image-simulator";
import { build, preview } from "vite";

const configFile = fileURLToPath(new URL("../../www/vite.config.ts", import.meta.url));

interface Started {
  address: string;
  close(): Promise<unknown>;
}

/** What `npm start` runs once everything is built. */
const { serve } = (await import(String(new URL("../../scripts/start.mjs", import.meta.url)))) as {
  serve(options: { port: number; simulatorPort?: number; latencyInMs?: number; azure?: string }): Promise<Started>;
};

const test = base.extend<{ start: typeof serve }>({
  start: async ({}, use) => {
    const started: Started[] = [];
    await use(async (options) => {
      const one = await serve(options);
      started.push(one);
      return one;
    });
    await Promise.all(started.map((one) => one.close()));
  },
});

/** The resource behind the proxy, which reads its settings once in a process. */
const azure = await startSimulator();
test.afterAll(() => azure.close());

test("the page as files alone draws something itself, and asks no server", { tag: "@nightly" }, async ({ page }, info) => {
  const outDir = info.outputPath();
  await build({ configFile, logLevel: "warn", build: { outDir, emptyOutDir: true } });
  const server = await preview({ configFile, base: "/pictures/", build: { outDir }, preview: { host: "127.0.0.1", port: 0 } });
  const asked: string[] = [];
  page.on("request", (request) => void (request.method() === "POST" && asked.push(request.url())));
  await page.clock.install();
  await page.goto(server.resolvedUrls?.local[0] ?? "");
  await page.getByRole("radio", { name: "Wide" }).check();
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page.getByText(/^Preview 1 of 3/).first()).toBeVisible();
  await expect(page.getByText(/^Finished/)).toBeVisible();
  await expect(page.getByText("1536 × 1024", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Use as input" }).click();
  await page.getByRole("button", { name: "Paint a mask" }).click();
  await page.getByRole("application").press(" ");
  await page.getByRole("button", { name: "Use the mask" }).click();
  await page.getByRole("radio", { name: "0", exact: true }).check();
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page.getByText("2: finished")).toBeVisible();
  // The routes of the other services, with an input image.
  await page.getByText("Connection", { exact: true }).click();
  const model = page.getByRole("combobox", { name: "Its model" });
  for (const [index, name] of ["MAI-Image-2.6", "FLUX.2-flex"].entries()) {
    await model.selectOption(name);
    await page.getByRole("button", { name: "Generate" }).click();
    await expect(page.getByText(`${index + 3}: finished`)).toBeVisible();
    await expect(page.getByText(index === 0 ? "1536 × 1024" : "1024 × 1024", { exact: true })).toBeVisible();
  }
  await model.selectOption("gpt-image-2.5-flare");
  await page.getByRole("radio", { name: "3", exact: true }).check();
  // The picture must not arrive before Escape, however slow the machine is.
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 100));
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(async () => {
    await page.clock.runFor(100);
    await expect(page.getByText(/^Preview 1 of 3/).first()).toBeVisible({ timeout: 100 });
  }).toPass();
  await page.keyboard.press("Escape");
  await expect(page.getByText(/^Cancelled/)).toBeVisible();
  expect(asked).toEqual([]);
  await server.close();
});

test("the page as files alone plays a conversation with tools, and asks no server", async ({ page }, info) => {
  const outDir = info.outputPath();
  await build({ configFile, logLevel: "warn", build: { outDir, emptyOutDir: true } });
  const server = await preview({ configFile, build: { outDir }, preview: { host: "127.0.0.1", port: 0 } });
  const asked: string[] = [];
  page.on("request", (request) => void (request.method() === "POST" && asked.push(request.url())));
  await page.goto(server.resolvedUrls?.local[0] ?? "");
  await page.getByRole("button", { name: "Talk" }).click();
  const talk = page.getByRole("region", { name: "Talk" });
  const turns = talk.getByRole("list", { name: "Conversation" }).locator(":scope > li");
  const send = async (words: string) => {
    await talk.getByRole("textbox", { name: "Say" }).fill(words);
    await talk.getByRole("button", { name: "Send" }).click();
  };
  const isOver = () => expect(talk.getByRole("button", { name: "Stop" })).toBeDisabled();
  for (const name of ["Code interpreter", "Web search", "MCP server"]) await talk.getByRole("checkbox", { name }).check();

  await send("Draw a lighthouse in the colors of this page");
  await expect(turns.last().getByText("Preview", { exact: true })).toBeVisible();
  await expect(turns.last().getByRole("button", { name: "Use as input" })).toBeVisible();
  await expect(turns.last().getByRole("group", { name: "Tool call: get_page_palette" })).toContainText("#0c4a8a");
  await isOver();
  await send("Compute the latest squares");
  await isOver();
  await expect(turns.last().getByRole("link", { name: "Example Domain" })).toBeVisible();
  const started = page.waitForEvent("download");
  await turns.last().getByRole("button", { name: "Download squares.csv" }).click();
  expect((await started).suggestedFilename()).toBe("squares.csv");

  await talk.getByRole("checkbox", { name: /In the background/ }).check();
  await send("Search for a lighthouse and edit the picture");
  await turns.last().getByRole("button", { name: "Approve" }).click();
  await expect(turns.last().getByRole("group", { name: "Tool call: search on learn" })).toBeVisible();
  await expect(turns.last().getByRole("button", { name: "Use as input" })).toBeVisible();
  await isOver();
  // A job that is stopped ends.
  await send("Draw a mill");
  await expect(turns.last().getByText("Preview", { exact: true })).toBeVisible();
  await talk.getByRole("button", { name: "Stop" }).click();
  await expect(turns.last().getByRole("status").last()).toHaveText("cancelled");
  // A job ends with this page.
  await send("Draw a harbor");
  await expect(turns.last().getByText("Preview", { exact: true })).toBeVisible();
  await page.reload();
  await page.getByRole("button", { name: "Talk" }).click();
  await expect(turns.last()).toContainText("Responses of this page end with it.");
  expect(asked).toEqual([]);
  await server.close();
});

test("npm start shows a picture of the simulator, without a word of set-up", async ({ page, start }) => {
  const { address } = await start({ port: 0, simulatorPort: 0, latencyInMs: 0 });
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).origin));
  await page.goto(address);
  await expect(page.locator("meta[http-equiv='content-security-policy']")).toHaveAttribute("content", /^default-src 'none'; script-src 'self'/);
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page.getByText(/^Finished/)).toBeVisible();
  // The page's own, and the simulator's: nobody else is asked for anything.
  expect([...new Set(asked)].filter((origin) => !/^(null|http:\/\/(localhost|127\.0\.0\.1):\d+)$/.test(origin))).toEqual([]);
});

test("npm start -- --azure passes on to a resource, streams, and keeps the key from the browser", { tag: "@nightly" }, async ({ page, start }) => {
  process.env["AZURE_OPENAI_API_KEY"] = "simulator-key";
  const { address } = await start({ port: 0, azure: azure.url });
  const sent: string[] = [];
  page.on("request", (request) => sent.push(request.url(), JSON.stringify(request.headers())));
  await page.goto(address);
  await page.getByRole("textbox", { name: "Prompt", exact: true }).fill("A fox in the snow [stall=after-first-preview]");
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page.getByText(/^Preview 1 of 3/).first()).toBeVisible();
  await page.keyboard.press("Escape");
  // Nobody pays for what nobody sees.
  await expect.poll(() => azure.activeRequests).toBe(0);
  expect(azure.requests.at(-1)?.headers["api-key"]).toBe("simulator-key");
  expect(sent.join()).not.toContain("simulator-key");
  expect(sent.filter((text) => text.startsWith(azure.url))).toEqual([]);
  expect(await (await page.request.get(address)).text()).not.toContain("simulator-key");
});

test("npm start lets no other site frame the page, and sends no referrer", async ({ start }) => {
  azure.reset();
  process.env["AZURE_OPENAI_API_KEY"] = "simulator-key\n";
  const generations = "api/azure/openai/v1/images/generations?api-version=preview";
  for (const options of [
    { port: 0, simulatorPort: 0, latencyInMs: 0 },
    { port: 0, azure: azure.url },
  ]) {
    const { address } = await start(options);
    const requests: readonly (readonly [path: string, init: RequestInit, status: number])[] = [
      ["", {}, 200],
      ["index.html", {}, 200],
      ["signed-in.html", {}, 200],
      ["favicon.ico", {}, 404],
      ["%", {}, 400],
      ...("azure" in options
        ? ([
            [generations, { method: "POST", headers: { "sec-fetch-site": "cross-site" }, body: "{}" }, 403],
            [generations, { method: "POST", headers: { "sec-fetch-site": "same-site" }, body: "{}" }, 403],
            [generations, { method: "POST", body: "{}" }, 403],
            ["api/azure/nowhere", { headers: { "sec-fetch-site": "same-origin" } }, 404],
            [generations, { method: "POST", headers: { "sec-fetch-site": "same-origin", "content-type": "application/json" }, body: "{}" }, 400],
          ] as const)
        : []),
    ];
    for (const [path, init, status] of requests) {
      const response = await fetch(address + path, init);
      expect(Object.fromEntries(response.headers), path).toMatchObject({
        "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
      });
      if (path !== "favicon.ico" && path !== "%") expect(response.status, path).toBe(status);
      await response.text();
    }
  }
  expect(azure.requests).toMatchObject([{ path: "/openai/v1/images/generations", status: 400 }]);
});
