import { readFile, readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test as base, type Page, type Worker } from "@playwright/test";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { execute, root } from "../package/packed.js";
import { build, serve, servePlainly, TOOL_PACKAGES, WATCH_NODE, type Served } from "./servers.js";
import { STAGE } from "./stage.js";
import { ROW, type Row } from "./table.js";

declare global {
  /** How the app got its WebAssembly. */
  var wasmCalls: string[];
}

interface Tool {
  /** The folder of its app. */
  app: string;
  /** Whose version counts; without one, that of the browser. */
  package?: string;
  build?: string[];
  /** What it warns of whoever builds with it. */
  warnings?: RegExp;
  /** The folder that a plain server serves … */
  page?: string;
  /** … or a server of the tool's own. */
  serve?: string[];
  /** The folder with the JavaScript and the WebAssembly of the page. */
  output?: string;
  runsIn?: "worker" | "serviceworker";
  /** What the app says in the end: how many previews have come, or that the hook has succeeded. */
  says?: string;
}

const INSTALLED = join(STAGE, "node_modules", "azure-image-client", "dist");
const WASM = join(INSTALLED, "wasm", "azure_image_client_bg.wasm");

/** Each without configuration, or with the lines that the README gives. The longest first, so that nothing waits for it at the end. */
const TOOLS: Record<string, Tool> = {
  "React, with Next.js": {
    app: "next",
    package: "next",
    build: ["next", "build"],
    serve: ["next", "start", "--hostname", "127.0.0.1", "--port", "0"],
    output: ".next/static",
    says: "succeeded",
  },
  webpack: {
    app: "webpack",
    package: "webpack",
    build: ["webpack", "./page.js", "--mode", "production"],
    warnings: /asset size limit|performance recommendations|compiled with 2 warnings/,
    page: ".",
    output: "dist",
  },
  Parcel: {
    app: "parcel",
    package: "parcel",
    build: ["parcel", "build", "index.html", "--cache-dir", ".parcel-cache"],
    page: "dist",
    output: "dist",
  },
  "React, with Parcel": {
    app: "parcel-react",
    package: "parcel",
    build: ["parcel", "build", "index.html", "--cache-dir", ".parcel-cache"],
    page: "dist",
    output: "dist",
    says: "succeeded",
  },
  Rollup: { app: "rollup", package: "rollup", build: ["rollup", "--config"], page: ".", output: "dist" },
  esbuild: {
    app: "esbuild",
    package: "esbuild",
    build: ["esbuild", "main.js", "--bundle", "--minify", "--format=esm", "--loader:.wasm=file", "--outdir=dist"],
    page: ".",
    output: "dist",
  },
  "Vite build": { app: "vite-build", package: "vite", build: ["vite", "build"], page: "dist", output: "dist" },
  "Vite dev": { app: "vite-dev", package: "vite", serve: ["vite", "--host", "127.0.0.1", "--port", "0"] },
  "Web Worker, with Vite": { app: "worker", package: "vite", build: ["vite", "build"], page: "dist", output: "dist", runsIn: "worker" },
  "Service Worker, no bundler": { app: "service-worker", page: ".", output: INSTALLED, runsIn: "serviceworker" },
  "import map, no bundler": { app: "import-map", page: ".", output: INSTALLED },
};

const test = base.extend<{ simulator: Simulator; row: Row; served: Served[] }>({
  simulator: async ({}, use) => {
    const simulator = await startSimulator();
    await use(simulator);
    await simulator.close();
  },
  /** What the table says of the tool. */
  row: async ({}, use, info) => {
    const row: Row = {};
    await use(row);
    info.annotations.push({ type: ROW, description: JSON.stringify(row) });
  },
  /** What ends with the test. */
  served: async ({}, use) => {
    const served: Served[] = [];
    await use(served);
    await Promise.all(served.map((one) => one.close()));
  },
});

for (const [name, tool] of Object.entries(TOOLS)) {
  test(name, async ({ page, context, browser, simulator, row, served }) => {
    const folder = join(STAGE, tool.app);
    row.version = tool.package ? await versionOf(tool.package) : `Chromium ${browser.version()}`;
    const warnings = tool.build ? await build(tool.build, folder) : [];
    expect(warnings.filter((warning) => !tool.warnings?.test(warning))).toEqual([]);
    if (tool.output) Object.assign(row, await measure(resolve(folder, tool.output)));

    const server = tool.serve ? await serve(tool.serve, folder) : await servePlainly(join(folder, tool.page ?? "."));
    served.push(server);
    const loads: (string | undefined)[] = [];
    context.on("response", (response) => {
      if (new URL(response.url()).pathname.endsWith(".wasm")) loads.push(response.headers()["content-type"]);
    });
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) problems.push(message.text());
    });
    const wasmCalls = await open(page, `${server.origin}/?endpoint=${encodeURIComponent(simulator.url)}`, tool.runsIn);
    await page.getByRole("button").click();

    // Previews, and then the picture as the service sent it.
    const image = page.locator("img");
    await expect.poll(() => image.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1024);
    await expect(page.locator("output")).toHaveText(tool.says ?? "2");
    expect(simulator.pictures.find(({ kind }) => kind === "final")?.sha256).toBe(await image.evaluate(sha256));

    const calls = await wasmCalls();
    row["loaded once"] = loads.length === 1 ? "yes" : `no: ${loads.length}`;
    row.streaming = calls.join() === "instantiateStreaming" ? "yes" : `no: ${calls}`;
    expect(loads).toEqual(["application/wasm"]);
    expect(calls).toEqual(["instantiateStreaming"]);
    expect(problems).toEqual([]);
    // A server that renders the page does without; the test of Node shows that it would be seen.
    expect(server.log.join("")).not.toContain(await started());
  });
}

test("Node", async ({ simulator, row }) => {
  row.version = process.versions.node;
  const { stdout, stderr } = await execute(process.execPath, [WATCH_NODE, "main.js", simulator.url], { cwd: join(STAGE, "node") });
  const final = simulator.pictures.find(({ kind }) => kind === "final");
  expect(JSON.parse(stdout)).toEqual({ previews: 2, type: "image/png", sha256: final?.sha256 });
  // Among what Node itself starts for its fetch.
  const starts = stderr.split(await started()).length - 1;
  row["loaded once"] = starts === 1 ? "yes" : `no: ${starts}`;
  expect(starts).toBe(1);
});

test("the README gives the lines that an app needs", async () => {
  const readme = await readFile(join(root, "README.md"), "utf8");
  for (const file of ["esbuild/wasm.js", "rollup/rollup.config.js"]) {
    expect(readme).toContain(`\n\`\`\`javascript\n${await readFile(join(STAGE, file), "utf8")}\`\`\`\n`);
  }
});

async function versionOf(name: string): Promise<string> {
  return (JSON.parse(await readFile(join(TOOL_PACKAGES, name, "package.json"), "utf8")) as { version: string }).version;
}

/** What is written when the engine starts in Node. */
async function started(): Promise<string> {
  return `WebAssembly.instantiate: ${(await stat(WASM)).size} bytes`;
}

/** The bytes of what a page may load, whose only WebAssembly is that of the package. */
async function measure(output: string): Promise<Row> {
  const names = await readdir(output, { recursive: true });
  const [wasm = "", ...more] = names.filter((name) => name.endsWith(".wasm"));
  expect(more).toEqual([]);
  const bytes = await readFile(join(output, wasm));
  expect(bytes.equals(await readFile(WASM))).toBe(true);
  const scripts = await Promise.all(names.filter((name) => name.endsWith(".js")).map((name) => stat(join(output, name))));
  return { "JS bytes": String(scripts.reduce((sum, { size }) => sum + size, 0)), "wasm bytes": String(bytes.length) };
}

/** Opens the page. Resolves to what tells how the package has got its WebAssembly, where it runs. */
async function open(page: Page, url: string, runsIn: Tool["runsIn"]): Promise<() => Promise<string[]>> {
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
