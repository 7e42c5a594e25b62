import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { startSimulator } from "azure-image-simulator";
import { startPageServer } from "../browser/page-server.js";
import { compile, execute, inspect, test } from "./installed.js";

test("installs alone, with one WebAssembly", async ({ folder }) => {
  expect((await readdir(join(folder, "node_modules"))).filter((name) => !name.startsWith("."))).toEqual(["azure-image-client"]);
  const installed = join(folder, "node_modules", "azure-image-client");
  const names = await inspect(installed);
  for (const name of ["package.json", "README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "dist/index.js", "dist/index.d.ts"]) {
    expect(names).toContain(name);
  }
  expect(names.filter((name) => name.endsWith(".wasm"))).toEqual(["dist/wasm/azure_image_client_bg.wasm"]);
  expect(names.filter((name) => !/^(dist\/|LICENSE|README|CHANGELOG|package\.json)/.test(name))).toEqual([]);
});

test("is imported by a plain page without a bundler, and makes a picture", async ({ folder, page }) => {
  await writeFile(
    join(folder, "index.html"),
    `<!doctype html>
    <link rel="icon" href="data:," />
    <script type="importmap">
      { "imports": { "azure-image-client": "./node_modules/azure-image-client/dist/index.js" } }
    </script>
    <img />
    <script type="module">
      import { AzureImageClient } from "azure-image-client";
      const endpoint = new URLSearchParams(location.search).get("endpoint");
      const client = new AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
      for await (const event of client.generateStream({ prompt: "a lake", partialImages: 1 })) {
        document.querySelector("img").src = event.image.objectUrl;
        document.title = event.type;
      }
    </script>`,
  );
  const pages = await startPageServer([["/", folder]]);
  const simulator = await startSimulator();
  await page.goto(`${pages.origin}/?endpoint=${encodeURIComponent(simulator.url)}`);
  await expect(page).toHaveTitle("completed");
  await expect.poll(() => page.locator("img").evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1024);
  await Promise.all([pages.close(), simulator.close()]);
});

test("can be imported where there is no browser", async ({ folder }) => {
  const script = `import { AzureImageClient } from "azure-image-client"; new AzureImageClient("https://x.openai.azure.com", null); console.log("imported");`;
  const { stdout } = await execute(process.execPath, ["--input-type=module", "--eval", script], { cwd: folder });
  expect(stdout.trim()).toBe("imported");
});

test("has types that hold under strict, without skipLibCheck, with the libraries of ES2022", async ({ folder }) => {
  await writeFile(
    join(folder, "app.ts"),
    `import { AzureImageClient, AzureImageError, type ImageStreamEvent } from "azure-image-client";
    const client = new AzureImageClient("https://x.openai.azure.com", async () => "token", { deployment: "d" });
    export async function show(image: HTMLImageElement): Promise<number | undefined> {
      try {
        for await (const event of client.generateStream({ prompt: "a", partialImages: 2, quality: "xhigh" })) use(event, image);
        return (await client.generate({ prompt: "a", n: 2 })).usage?.outputTokens;
      } catch (error) {
        if (error instanceof AzureImageError && error.code === "rate_limit") return error.retryAfterInMs;
        throw error;
      }
    }
    function use(event: ImageStreamEvent, image: HTMLImageElement): void {
      image.src = event.image.objectUrl;
      if (event.type === "partialImage") image.alt = String(event.index);
      else image.alt = String(event.usage?.totalTokens);
    }`,
  );
  await compile(folder, "app.ts", "es2022,dom");
});
