// The tests of a group of tools: each builds or serves its app, which streams two partial images and the image from the simulator.

import { readFile, readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test as base, type Page, type Worker } from "@playwright/test";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { openWithoutServer } from "./opener.js";
import { Tools, servePlainly, type Served } from "./programs.js";
import { groupFolder, stageApp, stageFolder, type Group } from "./stage.js";
import { CELLS, type Cells } from "./table.js";
import type { Expected, PageWay, ProgramWay, Tool, Way } from "./tool.js";

declare global {
  /** The functions of `WebAssembly` that the page has called. */
  var wasmCalls: string[];
}

/** The cells of a row that a test fills besides its outcome. */
export type Row = Omit<Cells, "tool" | "outcome">;

export const test = base.extend<{ simulator: Simulator; served: Served[] }>({
  simulator: async ({}, use) => {
    const simulator = await startSimulator();
    await use(simulator);
    await simulator.close();
  },
  /** Servers that end with the test. */
  served: async ({}, use) => {
    const served: Served[] = [];
    await use(served);
    await Promise.all(served.map((one) => one.close()));
  },
});

/** Adds a cell of the table to the test that calls it. */
function report(tool: string, outcome: Cells["outcome"], row: Row): void {
  test.info().annotations.push({ type: CELLS, description: JSON.stringify({ tool, outcome, ...row }) });
}

/** Defines the tests of a group. */
export function testTools(group: Group, all: Record<string, Tool>): void {
  const tools = new Tools(groupFolder(group));
  for (const [name, tool] of Object.entries(all)) {
    for (const outcome of ["dev", "build"] as const) {
      const way = tool[outcome];
      if (!way) continue;
      const title = `${name}: ${outcome}`;
      test(title, async ({ page, browser, simulator, served }) => {
        const row: Row = { version: tool.package ? tools.versionOf(tool.package) : "run" in way ? process.versions.node : browser.version() };
        try {
          const folder = await stageApp(group, tool.app, title);
          await (isProgram(way)
            ? runProgram(tools, group, way, folder, simulator)
            : usePage(tools, group, way, folder, page, simulator, served, row));
        } finally {
          report(name, outcome, row);
        }
      });
    }
  }
}

const isProgram = (way: Way): way is ProgramWay => "run" in way;

async function runProgram(tools: Tools, group: Group, { run, env }: ProgramWay, folder: string, simulator: Simulator): Promise<void> {
  const chromium = test.info().project.use.launchOptions?.executablePath ?? "";
  const output = await tools.run(run, folder, { ...env, ENDPOINT: simulator.url, CHROMIUM_PATH: chromium });
  const [, result = "null"] = /RESULT (\{.*\})/.exec(output) ?? [];
  expect(JSON.parse(result), output).toEqual({ partialImages: 2, type: "image/png", sha256: finalHash(simulator) });
  if (run[0] === "node") expect(output.split(await startOf(group)), "starts of the WebAssembly").toHaveLength(2);
}

/** The line that Node writes when the package starts. */
async function startOf(group: Group): Promise<string> {
  return `WebAssembly.instantiate: ${(await readFile(wasmFile(group))).length} bytes`;
}

const wasmFile = (group: Group, name = "azure_image_client_bg"): string =>
  join(stageFolder(group), `node_modules/azure-image-client/dist/wasm/${name}.wasm`);

async function usePage(
  tools: Tools,
  group: Group,
  way: PageWay,
  folder: string,
  page: Page,
  simulator: Simulator,
  served: Served[],
  row: Row,
): Promise<void> {
  const output = way.build ? await tools.run(way.build, folder) : "";
  const warnings = output.split("\n").filter((line) => /warn|critical|deprecat|polyfill|externali/i.test(line));
  expect(warnings.filter((warning) => !way.warnings?.test(warning))).toEqual([]);
  if (way.output) Object.assign(row, await measure(resolve(folder, way.output), group, way));
  if (way.opener) {
    await using opened = await openWithoutServer(way.opener, join(folder, way.folder ?? "."));
    await check(opened.page, opened.url, way, simulator);
    return;
  }
  const packages = join(stageFolder(group), "node_modules");
  const server = way.serve ? await tools.serve(way.serve, folder) : await servePlainly(join(folder, way.folder ?? "."), packages);
  served.push(server);
  for (const entry of way.pages ?? ["/"]) {
    const { path, ...different } = typeof entry === "string" ? { path: entry } : entry;
    const expected = { ...way, ...different };
    await check(page, new URL(path, server.origin).href, expected, simulator).catch((error: Error) => {
      error.message += `\n${server.log.join("").slice(-4000)}`;
      throw error;
    });
    // A server that only renders the page does without.
    if (expected.source !== "server") expect(server.log.join("")).not.toContain(await startOf(group));
    simulator.reset();
  }
}

/** Opens a page, generates the image, and checks that the page shows the image that the simulator sent. */
async function check(page: Page, url: string, way: Expected, simulator: Simulator): Promise<void> {
  const loads: (string | undefined)[] = [];
  page.context().on("response", (response) => {
    const isPrefetch = way.prefetches && response.request().resourceType() !== "fetch";
    if (!isPrefetch && new URL(response.url()).pathname.endsWith(".wasm")) loads.push(response.headers()["content-type"]);
  });
  const requests: string[] = [];
  page.on("request", (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(simulator.url)) requests.push(request.url());
  });
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  const wasmCalls = await open(page, `${url}?endpoint=${encodeURIComponent(simulator.url)}`, way.runsIn);
  // The first: development servers add their own.
  await page.getByRole("button").first().click();

  const image = page.locator("img");
  await expect
    .poll(async () => ({ width: await image.evaluate((image: HTMLImageElement) => image.naturalWidth), problems }), { timeout: 60_000 })
    .toEqual({ width: 1024, problems: [] });
  await expect(page.locator("output")).toHaveText("2");
  // A partial image is as large as the image.
  await expect(async () => expect(await image.evaluate(sha256)).toBe(finalHash(simulator))).toPass({ timeout: 20_000 });

  const expected = {
    file: { loads: ["application/wasm"], calls: ["instantiateStreaming"] },
    inline: { loads: [], calls: ["instantiate"] },
    server: { loads: [], calls: [] },
  }[way.source];
  expect({ loads, calls: await wasmCalls() }, "how the page got the WebAssembly").toEqual(expected);
  if (way.requests !== undefined) expect(requests).toHaveLength(way.requests);
  expect(problems).toEqual([]);
  page.removeAllListeners();
  page.context().removeAllListeners("response");
}

const finalHash = (simulator: Simulator): string | undefined => simulator.pictures.find(({ kind }) => kind === "final")?.sha256;

/** Measures what a page may load. */
async function measure(output: string, group: Group, { source }: PageWay): Promise<Row> {
  const names = await readdir(output, { recursive: true });
  const scripts = await Promise.all(names.filter((name) => /\.m?js$/.test(name)).map((name) => stat(join(output, name))));
  const row: Row = { "JS bytes": String(scripts.reduce((sum, { size }) => sum + size, 0)) };
  const files = names.filter((name) => name.endsWith(".wasm"));
  if (source !== "file") {
    expect(files, "files that nothing loads").toEqual([]);
    return { ...row, WebAssembly: source === "inline" ? "in the JS" : "on the server" };
  }
  const originals = [await readFile(wasmFile(group)), await readFile(wasmFile(group, "azure_image_client_more"))];
  const copies = await Promise.all(files.map((name) => readFile(join(output, name))));
  expect(copies).toHaveLength(originals.length);
  for (const original of originals) expect(copies.filter((copy) => copy.equals(original))).toHaveLength(1);
  return { ...row, WebAssembly: `${originals.map(({ length }) => length).join(" + ")} bytes` };
}

/** Opens the page. Resolves to a function that returns the calls to `WebAssembly` where the package runs. */
async function open(page: Page, url: string, runsIn: PageWay["runsIn"]): Promise<() => Promise<string[]>> {
  if (!runsIn) {
    await page.addInitScript(noteWasmCalls);
    await page.goto(url);
    return () => page.evaluate(() => wasmCalls);
  }
  const starting: Promise<Worker> = runsIn === "worker" ? page.waitForEvent("worker") : page.context().waitForEvent("serviceworker");
  await page.goto(url);
  const worker = await starting;
  await worker.evaluate(noteWasmCalls);
  return () => worker.evaluate(() => wasmCalls);
}

function noteWasmCalls(): void {
  // Playwright adds it once for each page of a tool, and runs all of them in each document.
  if ("wasmCalls" in globalThis) return;
  globalThis.wasmCalls = [];
  for (const name of ["compile", "compileStreaming", "instantiate", "instantiateStreaming"] as const) {
    const real = WebAssembly[name] as (...parameters: unknown[]) => Promise<unknown>;
    Object.assign(WebAssembly, {
      [name]: (...parameters: unknown[]) => {
        wasmCalls.push(name);
        return real(...parameters);
      },
    });
  }
}

async function sha256(image: HTMLImageElement): Promise<string> {
  const bytes = await (await fetch(image.src)).arrayBuffer();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
