// The recipes of the proxy in all frameworks but those of `everyday-proxy.spec.ts`.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@playwright/test";
import type { ProxyLimitStore } from "azure-image-client/proxy";
import { root } from "../package/packed.js";
import { freePort, listens } from "../ports.js";
import { direct } from "../proxy/direct.js";
import { GENERATIONS } from "../proxy/fixtures.js";
import { testRecipes } from "./proxies.js";
import { groupFolder } from "./stage.js";

const { installedRedis } = (await import(join(root, "scripts/redis.mjs"))) as { installedRedis(): string };

interface RedisClient {
  connect(): Promise<unknown>;
  destroy(): void;
  keys(pattern: string): Promise<string[]>;
  pTTL(key: string): Promise<number>;
}

const PLAIN = { "azure.js": "azure.js", "session.js": "session.js" };

testRecipes("nightly", {
  Express: { files: { ...PLAIN, "express.js": "express.js" }, serve: ["node", "express.js"] },
  Fastify: { files: { ...PLAIN, "fastify.js": "fastify.js" }, serve: ["node", "fastify.js"] },
  Hono: { files: { ...PLAIN, "hono.js": "hono.js" }, serve: ["node", "hono.js"] },
  Deno: { files: { ...PLAIN, "deno.js": "deno.js" }, serve: ["deno", "run", "--allow-all", "deno.js"] },
  Bun: { files: { ...PLAIN, "bun.js": "bun.js" }, serve: ["bun", "bun.js"] },
  "Next.js": {
    app: "next",
    files: { ...PLAIN, "app/api/azure/[...path]/route.js": "next.js" },
    build: ["next", "build"],
    serve: ["next", "start", "--hostname", "127.0.0.1", "--port", "PORT"],
  },
  SvelteKit: {
    app: "sveltekit",
    files: { "src/azure.js": "azure.js", "src/session.js": "session.js", "src/routes/api/azure/[...path]/+server.js": "sveltekit.js" },
    build: ["vite", "build"],
    serve: ["node", "build"],
    env: { BODY_SIZE_LIMIT: "Infinity", PROTOCOL_HEADER: "x-forwarded-proto" },
  },
  Nuxt: {
    app: "nuxt",
    files: { "server/azure.js": "azure.js", "server/session.js": "session.js", "server/api/azure/[...path].js": "nuxt.js" },
    build: ["nuxt", "build"],
    serve: ["node", ".output/server/index.mjs"],
  },
  "Azure Functions": {
    app: "proxy-azure-functions",
    files: { ...PLAIN, "azure-functions.js": "azure-functions.js" },
    serve: ["node", "host.mjs"],
    missesAborts: true,
  },
});

test("Redis keeps the limits of several servers", async () => {
  const program = installedRedis();
  test.skip(program === "", "Redis is missing and could not be installed: sudo apt-get install redis-server");
  const port = await freePort();
  const server = spawn(program, ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"], { stdio: "ignore" });
  try {
    await expect.poll(() => listens(port)).toBe(true);
    const { createClient } = createRequire(join(groupFolder("nightly"), "package.json"))("redis") as {
      createClient(options: object): RedisClient;
    };
    const { createRedisStore } = (await import(pathToFileURL(join(root, "examples/proxy/redis.js")).href)) as {
      createRedisStore(client: RedisClient): ProxyLimitStore;
    };
    const clients = [0, 1].map(() => createClient({ url: `redis://127.0.0.1:${port}` }));
    await Promise.all(clients.map((client) => client.connect()));
    // A window of years, so that none ends during the test.
    const windowInMs = 10 * 365 * 24 * 3_600_000;
    let status = 200;
    const servers = clients.map((client) =>
      direct({ limits: { perUser: { windowInMs, dollars: 0.32, requests: 100 }, store: createRedisStore(client) } }, () =>
        Response.json({}, { status }),
      ),
    );
    // $0.05268 each. Azure refuses these, so they cost nothing.
    const image = { model: "gpt-image-2", prompt: "a lake", size: "1024x1024", quality: "medium" };
    const send = () => Promise.all(Array.from({ length: 20 }, async (_, index) => (await servers[index % 2]!.post(GENERATIONS, image)).status));
    status = 400;
    for (let count = 0; count < 8; count++) expect((await servers[count % 2]!.post(GENERATIONS, image)).status).toBe(400);
    status = 200;
    expect((await send()).filter((seen) => seen === 200)).toHaveLength(6);
    const keys = await clients[0]!.keys("azure-image-proxy:user:ada:*");
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(await clients[0]!.pTTL(key)).toBeGreaterThan(0);
    for (const client of clients) client.destroy();
  } finally {
    server.kill();
    await once(server, "exit");
  }
});
