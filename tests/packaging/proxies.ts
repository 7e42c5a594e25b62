// The recipes of the proxy, each run by its framework: a page generates, streams, edits and goes away.

import { once } from "node:events";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { request, type IncomingMessage } from "node:http";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { expect } from "@playwright/test";
import { startSimulator } from "azure-image-simulator";
import { root } from "../package/packed.js";
import { Tools } from "./programs.js";
import { groupFolder, stageApp, type Group } from "./stage.js";
import { test } from "./matrix.js";
import type { Command } from "./tool.js";

/** A recipe of `examples/proxy`. */
export interface Recipe {
  /** The app that the recipe is added to. Not set: the recipe is the whole app. */
  app?: string;
  /** The path of each file of the recipe in the app. `session.js` is the app's own. */
  files: Record<string, string>;
  build?: Command;
  serve: Command;
  env?: Record<string, string>;
  /** True if the framework does not tell that a page went away. */
  missesAborts?: boolean;
}

const KEY = "simulator-key";
const PAGE = { "sec-fetch-site": "same-origin", cookie: "user=ada" };
const JSON_TYPE = { "content-type": "application/json" };
const BASE = "/api/azure/openai/v1";

/** Defines the tests of a group. */
export function testRecipes(group: Group, recipes: Record<string, Recipe>): void {
  const tools = new Tools(groupFolder(group));
  for (const [name, { app = "proxy", files, build, serve, env, missesAborts = false }] of Object.entries(recipes)) {
    test(`proxy with ${name}`, async () => {
      const simulator = await startSimulator({ apiKey: KEY });
      const folder = await stageApp(group, app, `proxy-${name}`);
      for (const [target, source] of Object.entries(files)) {
        await mkdir(dirname(join(folder, target)), { recursive: true });
        const home = source === "session.js" ? "tests/packaging/apps/proxy" : "examples/proxy";
        await copyFile(join(root, home, source), join(folder, target));
      }
      if (app.startsWith("proxy")) await writeFile(join(folder, "package.json"), '{ "type": "module" }');
      if (build) await tools.run(build, folder);
      const isReady = async (origin: string) => (await fetch(`${origin}${BASE}/models`, { headers: PAGE })).ok;
      const server = await tools.serve(serve, folder, { env: { ...env, AZURE_ENDPOINT: simulator.url, AZURE_KEY: KEY }, isReady });
      try {
        await check(server.origin, simulator, missesAborts);
      } catch (error) {
        (error as Error).message += `\n${server.log.join("").slice(-4000)}`;
        throw error;
      } finally {
        await server.close();
        await simulator.close();
      }
    });
  }
}

type Simulator = Awaited<ReturnType<typeof startSimulator>>;

async function check(origin: string, simulator: Simulator, missesAborts: boolean): Promise<void> {
  simulator.reset();
  const post = (path: string, body: object, init: RequestInit = {}) =>
    fetch(origin + BASE + path, { method: "POST", body: JSON.stringify(body), ...init, headers: { ...PAGE, ...JSON_TYPE, ...init.headers } });
  const image = { model: "gpt-image-2", prompt: "a lake", size: "1024x1024", quality: "low" };

  // Generates, and the key stays on the server.
  const generated = await post("/images/generations", image);
  const text = await generated.text();
  expect([generated.status, text.slice(0, 300)]).toEqual([200, expect.stringContaining("created")]);
  expect(JSON.stringify([...generated.headers]) + text).not.toContain(KEY);
  expect(simulator.requests[0]?.headers).toMatchObject({ "api-key": KEY });
  expect(simulator.requests[0]?.headers).not.toHaveProperty("cookie");

  const streamed = await (await post("/images/generations", { ...image, stream: true, partial_images: 2 })).text();
  expect([...streamed.matchAll(/^event: (.+)$/gm)].map(([, type]) => type)).toEqual([
    "image_generation.partial_image",
    "image_generation.partial_image",
    "image_generation.completed",
  ]);

  // Passes a partial image before the next one exists, and ends with the page.
  const controller = new AbortController();
  const stalled = { ...image, prompt: "a lake [stall=after-first-preview]", stream: true, partial_images: 2 };
  const response = await post("/images/generations", stalled, { signal: controller.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let received = "";
  // The stream never ends, so a partial image that is held back would never come.
  while (!received.includes("image_generation.partial_image")) received += (await reader.read()).value ?? "";
  controller.abort();
  if (!missesAborts) {
    await simulator.requests.at(-1)?.closed;
    expect(simulator.requests.at(-1)?.aborted).toBe(true);
  }

  // Passes an upload of 40 MB on as it comes.
  const png = enlarge(Buffer.from((JSON.parse(text) as { data: { b64_json: string }[] }).data[0]!.b64_json, "base64"), 40e6);
  const [start, end] = form(image, png);
  const before = simulator.requests.length;
  const upload = request(`${origin}${BASE}/images/edits`, {
    method: "POST",
    // SvelteKit compares both with its own origin.
    headers: {
      ...PAGE,
      origin,
      "x-forwarded-proto": "http",
      "content-type": "multipart/form-data; boundary=b",
      "content-length": start.length + end.length,
    },
  });
  upload.write(start);
  await expect.poll(() => simulator.requests.length).toBe(before + 1);
  upload.end(end);
  const [edited] = (await once(upload, "response")) as [IncomingMessage];
  edited.resume();
  await once(edited, "end");
  expect([edited.statusCode, simulator.requests.at(-1)?.files?.map(({ byteLength }) => byteLength)]).toEqual([200, [png.length]]);

  // Refuses.
  const count = simulator.requests.length;
  const statuses = await Promise.all([
    post("/images/generations", image, { headers: { "sec-fetch-site": "cross-site" } }),
    post("/images/generations", image, { headers: { cookie: "" } }),
    post("/images/generations", image, { headers: { "content-type": "application/xml" } }),
    fetch(`${origin}${BASE}/files`, { headers: PAGE }),
    fetch(`${origin}${BASE}/responses/%252e%252e/files`, { headers: PAGE }),
  ]).then((responses) => responses.map(({ status }) => status));
  expect(statuses).toEqual([403, 401, 415, 404, 404]);
  expect(simulator.requests).toHaveLength(count);
}

/** A form in two halves: the first ends in the middle of the image. */
function form(fields: Record<string, string>, png: Buffer): [start: Buffer, end: Buffer] {
  const parts = Object.entries(fields).map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  const file = '--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n';
  const half = png.length / 2;
  return [
    Buffer.concat([Buffer.from(parts.join("") + file), png.subarray(0, half)]),
    Buffer.concat([png.subarray(half), Buffer.from("\r\n--b--\r\n")]),
  ];
}

/** Adds a chunk to a PNG image that programs skip. */
function enlarge(png: Buffer, length: number): Buffer {
  // The chunk IHDR ends there.
  const at = 33;
  const chunk = Buffer.alloc(length + 12);
  chunk.writeUInt32BE(length);
  chunk.write("prIv", 4, "latin1");
  chunk.writeUInt32BE(crc32(chunk.subarray(4, length + 8)), length + 8);
  return Buffer.concat([png.subarray(0, at), chunk, png.subarray(at)]);
}
