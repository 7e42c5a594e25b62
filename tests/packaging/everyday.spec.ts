// Tools that install and build in seconds. `npm test` runs them.

import { testTools } from "./matrix.js";
import { vite } from "./vite.js";

testTools("everyday", {
  "Vite 5": vite("vite5"),
  "Cloudflare Workers": {
    app: "cloudflare",
    package: "wrangler",
    dev: { serve: ["wrangler", "dev", "--local", "--ip", "127.0.0.1", "--port", "PORT"], source: "server" },
    build: {
      build: ["wrangler", "deploy", "--dry-run", "--outdir", "dist"],
      serve: ["wrangler", "dev", "dist/worker.js", "--no-bundle", "--local", "--ip", "127.0.0.1", "--port", "PORT"],
      source: "server",
    },
  },
  Jest: { app: "jest", package: "jest", build: { run: ["jest"], env: { NODE_OPTIONS: "--experimental-vm-modules" } } },
  "file: page": {
    app: "file",
    build: { build: ["esbuild", "main.js", "--bundle", "--minify", "--outdir=dist"], opener: "file", output: "dist", source: "inline" },
  },
  "file: page with file access, as in Electron": { app: "electron", build: { opener: "privileged file", source: "file" } },
  // The page, the script and the WebAssembly.
  "plain page, no bundler": { app: "plain-page", build: { source: "file", requests: 3 } },
  "Service Worker, no bundler": { app: "service-worker", build: { source: "file", runsIn: "serviceworker" } },
  "import map, no bundler": { app: "import-map", build: { source: "file" } },
  Node: { app: "node", build: { run: ["node", "main.js"] } },
});
