/** The section "60 seconds" of the README, followed word for word in a new Vite app. */

import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, type Page } from "@playwright/test";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { preview } from "vite";
import { ids, simulateEntra } from "../client/identity/entra.js";
import { Tools } from "../packaging/programs.js";
import { execute, root, test as base } from "./packed.js";
import { firstSteps, readme } from "./readme.js";

const SIMULATOR = "http://127.0.0.1:8787";
const [indexHtml, mainTs, ownResource, plainPage] = firstSteps.map(({ code }) => code) as [string, string, string, string];
/** The import and the client of `src/main.ts`. */
const CLIENT = /^[^]*?^const client = .+;\n/m;

/** Long enough that a partial image is visible before the next one arrives. */
const LATENCY_IN_MS = 300;

const test = base.extend<{ simulator: Simulator; app: string }>({
  simulator: async ({}, use) => {
    const simulator = await startSimulator({ deployments: { "my-image-deployment": "gpt-image-2.5-flare" }, latencyInMs: LATENCY_IN_MS });
    await use(simulator);
    await simulator.close();
  },
  /** The folder of a new app. Vite, TypeScript and @azure/identity come from this project, the client from its tarball. */
  app: async ({ folder }, use, { testId }) => {
    const app = join(folder, `app-${testId}`);
    const template = /npm create vite@latest my-app -- (.+)/.exec(readme)?.[1]?.split(" ") ?? [];
    await execute(process.execPath, [join(root, "node_modules/create-vite/index.js"), app.slice(folder.length + 1), ...template], { cwd: folder });
    await cp(join(folder, "node_modules/azure-image-client"), join(app, "node_modules/azure-image-client"), { recursive: true });
    for (const name of [".bin", "@azure", "typescript", "vite"]) {
      await symlink(join(root, "node_modules", name), join(app, "node_modules", name));
    }
    await use(app);
  },
});

/** Writes `index.html` and `src/main.ts` and builds the app as its package.json does, which checks the types first. */
async function buildApp(app: string, main: string, simulator: Simulator): Promise<void> {
  await writeFile(join(app, "index.html"), indexHtml);
  await writeFile(join(app, "src/main.ts"), main.replace(/http:\/\/127\.0\.0\.1:8787|https:\/\/my-resource\.openai\.azure\.com/, simulator.url));
  for (const args of [
    ["run", "build"],
    ["exec", "--no", "--", "tsc", "--noEmit", "--strict"],
  ]) {
    await execute("npm", args, { cwd: app }).catch(({ stdout, stderr }: { stdout: string; stderr: string }) => {
      throw new Error(stdout + stderr);
    });
  }
}

/** Opens the page, checks that it sends nothing before the click, and follows it to the final image. */
async function generateImage(page: Page, url: string, simulator: Simulator): Promise<void> {
  const problems = await watch(page);
  await page.goto(url, { waitUntil: "networkidle" });
  expect(simulator.requests).toEqual([]);
  await page.getByRole("button", { name: "Generate" }).click();
  await seeImages(page, simulator);
  expect(problems).toEqual([]);
}

/** Sees two partial images and the final image. */
async function seeImages(page: Page, simulator: Simulator): Promise<void> {
  await expect.poll(() => page.evaluate(() => shownImages)).toHaveLength(3);
  await expect(page.getByRole("button")).toBeEnabled();
  await expect.poll(() => page.locator("img").evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1024);
  await expect(page.getByRole("status")).toBeEmpty();
  expect(simulator.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
}

declare global {
  /** The source of every image that the page has shown, in order. */
  var shownImages: string[];
}

/** Records the images and returns the list of uncaught errors and console errors. */
async function watch(page: Page): Promise<string[]> {
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.addInitScript(() => {
    globalThis.shownImages = [];
    const record = ({ target }: MutationRecord) => target instanceof HTMLImageElement && shownImages.push(target.src);
    new MutationObserver((records) => records.forEach(record)).observe(document, { subtree: true, attributeFilter: ["src"] });
  });
  return problems;
}

test("the README has the files of two apps, and the URL and key of the simulator's command", async ({ folder }) => {
  expect(firstSteps.map(({ heading, language }) => `${language}: ${heading}`)).toEqual([
    "html: 60 seconds",
    "ts: 60 seconds",
    "ts: With your own resource",
    "html: Without a build",
  ]);
  const simulator = await readFile(join(folder, "node_modules/azure-image-simulator/README.md"), "utf8");
  for (const text of ["| `--host NAME` | `127.0.0.1` |", "| `--port N` | `8787` |", "| `--api-key KEY` | `simulator-key` |"]) {
    expect(simulator).toContain(text);
  }
  for (const code of [mainTs, plainPage]) expect(code).toContain(`new AzureImageClient("${SIMULATOR}", { key: "simulator-key" }`);
});

test("a new Vite app passes the type check, waits for the click, and shows two partial images and the image", { tag: "@nightly" }, async ({
  app,
  page,
  simulator,
}) => {
  await buildApp(app, mainTs, simulator);
  const server = await preview({ root: app, logLevel: "error", preview: { port: 0 } });
  await generateImage(page, server.resolvedUrls?.local[0] ?? "", simulator);

  await simulator.close();
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page.getByRole("status")).not.toHaveText(/^(Generating …)?$/);
  await expect(page.getByRole("button")).toBeEnabled();
  await server.close();
});

test("its development server shows the same", { tag: "@nightly" }, async ({ app, page, simulator }) => {
  await buildApp(app, mainTs, simulator);
  // In a separate process: Vite sets NODE_ENV there, and later builds of this process would be for development.
  const server = await new Tools(root).serve(["vite", "--host", "127.0.0.1", "--port", "PORT"], app);
  await generateImage(page, server.origin, simulator);
  await server.close();
});

test("the client for a resource signs in with Microsoft Entra", { tag: "@nightly" }, async ({ app, context, page, simulator }) => {
  expect(mainTs).toMatch(CLIENT);
  const main = mainTs.replace(CLIENT, ownResource).replace("my-client-id", ids.CLIENT).replace("my-tenant-id", ids.TENANT);
  await buildApp(app, main, simulator);
  const entra = await simulateEntra(context, () => "simulator-token");
  const server = await preview({ root: app, logLevel: "error", preview: { port: 0 } });
  const url = server.resolvedUrls?.local[0] ?? "";
  await watch(page);
  await page.goto(url, { waitUntil: "networkidle" });
  expect([entra.signIns, simulator.requests]).toEqual([[], []]);

  await Promise.all([page.waitForEvent("load"), page.waitForURL(/#code=/), page.getByRole("button", { name: "Generate" }).click()]);
  expect(entra.signIns).toEqual([expect.objectContaining({ redirect_uri: new URL(url).origin })]);
  await page.getByRole("button", { name: "Generate" }).click();
  await seeImages(page, simulator);
  await server.close();
});

test("the page without a build works from a file", { tag: "@nightly" }, async ({ context, folder, page, simulator }) => {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const cdn = `https://cdn.jsdelivr.net/npm/azure-image-client@${version.split(".").slice(0, 2).join(".")}/`;
  expect(plainPage).toContain(`"${cdn}dist/azure-image-client.min.js"`);
  await context.route(`${cdn}**`, (route) =>
    route.fulfill({
      path: join(folder, "node_modules/azure-image-client", route.request().url().slice(cdn.length)),
      headers: { "access-control-allow-origin": "*" },
    }),
  );
  const file = join(folder, "index.html");
  await writeFile(file, plainPage.replace(SIMULATOR, simulator.url));
  await generateImage(page, pathToFileURL(file).href, simulator);
});
