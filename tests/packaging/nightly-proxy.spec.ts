// The recipes of the proxy in all frameworks but those of `everyday-proxy.spec.ts`.

import { testRecipes } from "./proxies.js";

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
