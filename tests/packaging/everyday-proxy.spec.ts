// The proxy in workerd, the runtime of Cloudflare Workers.

import { copyFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { listen } from "../ports.js";
import { ALLOWED, ATTACKS, CONTROLS, CUT } from "../proxy/attacks.js";
import { sendRaw } from "../proxy/fixtures.js";
import { test } from "./matrix.js";
import { Tools } from "./programs.js";
import { testRecipes } from "./proxies.js";
import { groupFolder, stageApp } from "./stage.js";

const BUILD = ["esbuild", "workers.js", "--bundle", "--format=esm", "--outdir=dist"] as const;
const SERVE = ["workerd", "serve", "config.capnp", "--socket-addr=http=127.0.0.1:PORT"] as const;

testRecipes("everyday", {
  "Cloudflare Workers": { app: "proxy-workers", files: { "workers.js": "workers.js", "session.js": "session.js" }, build: BUILD, serve: SERVE },
});

test("workerd passes no request of the attack table on", async ({ served }) => {
  let complete = 0;
  const azure = createServer((request, response) => {
    request
      .on("error", () => {})
      .on("end", () => {
        complete++;
        response.end("{}");
      });
    request.resume();
  });
  const folder = await stageApp("everyday", "proxy-attacks", "proxy-attacks");
  await copyFile(new URL("apps/proxy-workers/config.capnp", import.meta.url), join(folder, "config.capnp"));
  await writeFile(join(folder, "allowed.json"), JSON.stringify(ALLOWED));
  const tools = new Tools(groupFolder("everyday"));
  await tools.run(BUILD, folder);
  const env = { AZURE_ENDPOINT: `http://127.0.0.1:${await listen(azure)}`, AZURE_KEY: "key" };
  const models = "/api/azure/openai/v1/models";
  const isReady = async (origin: string) => (await fetch(origin + models, { headers: { "sec-fetch-site": "same-origin" } })).ok;
  const server = await tools.serve(SERVE, folder, { env, isReady });
  served.push(server);
  const send = (name: string, bytes: string) => sendRaw(server.origin, Buffer.from(bytes, "latin1"), name in CUT);

  for (const [name, bytes] of Object.entries(CONTROLS)) expect(await send(name, bytes), name).toMatch(/^HTTP\/1.1 200 /);
  for (const [name, bytes] of Object.entries({ ...ATTACKS, ...CUT })) {
    complete = 0;
    const received = await send(name, bytes);
    expect.soft(complete, `${name}: ${received.slice(0, 300)}`).toBe(0);
    expect.soft(received, name).toMatch(/^(HTTP\/1.1 [45]\d\d |$)/);
  }
  expect(await isReady(server.origin)).toBe(true);
  azure.close();
  azure.closeAllConnections();
});
