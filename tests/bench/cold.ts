// The time from the navigation to a page that nothing has cached until its first POST is handed to fetch. The page makes a call when it loads.

import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import type { Browser } from "@playwright/test";
import { build, type Rolldown } from "vite";
import { listen } from "../ports.js";
import { OPENAI, OURS } from "./names.js";
import { median } from "./results.js";

declare global {
  /** Time of the first POST since the navigation, in milliseconds. */
  var postInMs: number | undefined;
}

/** The network and processor that Chromium imitates. The networks are the presets of its developer tools. */
export interface Conditions {
  name: string;
  network: { latency: number; downloadThroughput: number; uploadThroughput: number };
  cpuSlowdown: number;
}

const KBIT = 1000 / 8;
const NO_LIMIT = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
const FAST_4G = { latency: 165, downloadThroughput: 8100 * KBIT, uploadThroughput: 1350 * KBIT };
const SLOW_4G = { latency: 562.5, downloadThroughput: 1440 * KBIT, uploadThroughput: 675 * KBIT };

const CONDITIONS: Conditions[] = [
  { name: "fast 4G", network: FAST_4G, cpuSlowdown: 1 },
  { name: "slow 4G, CPU four times slower", network: SLOW_4G, cpuSlowdown: 4 },
  { name: "no limits", network: NO_LIMIT, cpuSlowdown: 1 },
];

/** The page with a line in its HTML that loads the WebAssembly beside the script. */
export const PRELOADED = `${OURS}, preloaded`;
const PAGES = { [OURS]: "ours", [PRELOADED]: "ours", [OPENAI]: "openai" };
const TIMES = 9;

/** The medians in milliseconds, by conditions and package. */
export type ColdStarts = Map<Conditions, Record<string, number | undefined>>;

const PAGE = `<!doctype html>
<meta charset="utf-8" />
<title>Cold start</title>
<link rel="icon" href="data:," />
<script>
  const original = globalThis.fetch;
  globalThis.fetch = (resource, options) => {
    if ((options?.method ?? resource.method) === "POST") globalThis.postInMs ??= performance.now();
    return original(resource, options);
  };
</script>`;

/** Opens the pages in turn, each in a new context. */
export async function measureColdStarts(browser: Browser): Promise<ColdStarts> {
  const files = new Map<string, { type: string; body: Buffer }>();
  for (const name of new Set(Object.values(PAGES))) await addPage(name, files);
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? "");
    if (!file) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": file.type, "content-encoding": "br", "cache-control": "no-store" }).end(file.body);
  });
  const origin = `http://127.0.0.1:${await listen(server)}`;
  const starts: ColdStarts = new Map();
  for (const conditions of CONDITIONS) {
    const samples = new Map<string, number[]>();
    for (let round = 0; round < TIMES; round += 1) {
      for (const [contender, name] of Object.entries(PAGES)) {
        samples.set(contender, [
          ...(samples.get(contender) ?? []),
          await open(browser, `${origin}/${name}/${contender === PRELOADED ? "preloaded" : ""}`, conditions),
        ]);
      }
    }
    starts.set(conditions, Object.fromEntries([...samples].map(([contender, times]) => [contender, median(times)])));
  }
  server.closeAllConnections();
  server.close();
  return starts;
}

async function open(browser: Browser, url: string, { network, cpuSlowdown }: Conditions): Promise<number> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", { offline: false, ...network });
  await session.send("Emulation.setCPUThrottlingRate", { rate: cpuSlowdown });
  await page.goto(url, { waitUntil: "commit" });
  const time = await (await page.waitForFunction(() => globalThis.postInMs)).jsonValue();
  await context.close();
  return time ?? NaN;
}

/** Builds a page as a production site is built. */
async function addPage(name: string, files: Map<string, { type: string; body: Buffer }>): Promise<void> {
  const { output } = (await build({
    configFile: false,
    logLevel: "error",
    base: `/${name}/`,
    build: {
      write: false,
      target: "esnext",
      modulePreload: false,
      rollupOptions: { input: join(fileURLToPath(new URL("./cold/", import.meta.url)), `${name}.js`) },
    },
  })) as Rolldown.RolldownOutput;
  const add = (path: string, type: string, content: string | Uint8Array) =>
    files.set(`/${name}/${path}`, { type, body: brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }) });
  for (const file of output) {
    if (file.type === "chunk") add(file.fileName, "text/javascript", file.code);
    else add(file.fileName, file.fileName.endsWith(".wasm") ? "application/wasm" : "application/octet-stream", file.source);
  }
  const script = `<script type="module" src="/${name}/${output[0].fileName}"></script>`;
  add("", "text/html", `${PAGE}\n${script}`);
  const wasm = output.find(({ fileName }) => fileName.includes("azure_image_client_bg"))?.fileName;
  if (wasm) add("preloaded", "text/html", `${PAGE}\n<link rel="preload" as="fetch" crossorigin href="/${name}/${wasm}" />\n${script}`);
}
