// All other tools. `npm run test:all` and `npm run test:packaging -- --all` run them.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "@playwright/test";
import { root } from "../package/packed.js";
import { test, testTools } from "./matrix.js";
import { next } from "./next.js";
import type { Tool } from "./tool.js";
import { vite } from "./vite.js";

/** The same test in each environment of Vitest. */
const vitest = (project: string): Tool => ({ app: "vitest", package: "vitest", build: { run: ["vitest", "run", "--project", project] } });

testTools("nightly", {
  Angular: {
    app: "angular",
    package: "@angular/build",
    dev: { serve: ["@angular/cli#ng", "serve", "--host", "127.0.0.1", "--port", "PORT"], source: "inline" },
    build: { build: ["@angular/cli#ng", "build"], folder: "dist/app/browser", output: "dist/app/browser", source: "inline" },
  },
  "Next.js with Turbopack": next(),
  "Vite 6": vite("vite6"),
  "Vite 7": vite("vite7"),
  "Vite 8": vite("vite"),
  SvelteKit: {
    app: "sveltekit",
    package: "@sveltejs/kit",
    dev: { serve: ["vite", "--host", "127.0.0.1", "--port", "PORT"], source: "inline" },
    build: {
      build: ["vite", "build"],
      // It sets FORCE_COLOR for its own processes, and these tests set NO_COLOR.
      warnings: /NO_COLOR|--trace-warnings/,
      serve: ["node", "build"],
      output: "build/client",
      source: "file",
    },
  },
  Nuxt: {
    app: "nuxt",
    package: "nuxt",
    dev: { serve: ["nuxt", "dev", "--host", "127.0.0.1", "--port", "PORT"], source: "inline" },
    build: {
      build: ["nuxt", "build"],
      warnings: /css\.devSourcemap|PLUGIN_TIMINGS/,
      serve: ["node", ".output/server/index.mjs"],
      output: ".output/public",
      source: "file",
      prefetches: true,
    },
  },
  Astro: {
    app: "astro",
    package: "astro",
    dev: { serve: ["astro", "dev", "--host", "127.0.0.1", "--port", "PORT"], source: "inline" },
    build: { build: ["astro", "build"], folder: "dist", output: "dist", source: "file" },
  },
  "React Router": {
    app: "react-router",
    package: "react-router",
    dev: { serve: ["@react-router/dev", "dev", "--host", "127.0.0.1", "--port", "PORT"], source: "inline" },
    build: {
      build: ["@react-router/dev", "build"],
      serve: ["@react-router/serve", "build/server/index.js"],
      output: "build/client",
      source: "file",
    },
  },
  "Vitest, node": vitest("node"),
  "Vitest, jsdom": vitest("jsdom"),
  "Vitest, browser": vitest("browser"),
  "Web Worker, with Vite": {
    app: "worker",
    package: "vite",
    build: { build: ["vite", "build"], folder: "dist", output: "dist", source: "file", runsIn: "worker" },
  },
  webpack: {
    app: "webpack",
    package: "webpack",
    dev: {
      // As in the build: the page of this folder, and the script in `dist`.
      serve: [
        "webpack-cli",
        "serve",
        "./page.js",
        "--mode",
        "development",
        "--host",
        "127.0.0.1",
        "--port",
        "PORT",
        "--static",
        ".",
        "--output-public-path",
        "/dist/",
      ],
      source: "inline",
    },
    build: {
      build: ["webpack-cli", "./page.js", "--mode", "production"],
      warnings: /asset size limit|performance recommendations|compiled with 1 warning/,
      output: "dist",
      source: "file",
    },
  },
  Rspack: {
    app: "rspack",
    package: "@rspack/core",
    dev: { serve: ["@rspack/cli", "dev", "--host", "127.0.0.1", "--port", "PORT"], source: "inline" },
    build: {
      build: ["@rspack/cli", "build"],
      warnings: /asset size limit|performance recommendations|compiled with 2 warnings/,
      folder: "dist",
      output: "dist",
      source: "file",
    },
  },
  Parcel: {
    app: "parcel",
    package: "parcel",
    dev: { serve: ["parcel", "serve", "index.html", "--host", "127.0.0.1", "--port", "PORT", "--cache-dir", ".parcel-cache"], source: "file" },
    build: { build: ["parcel", "build", "index.html", "--cache-dir", ".parcel-cache"], folder: "dist", output: "dist", source: "file" },
  },
  "Parcel with React": {
    app: "parcel-react",
    package: "parcel",
    build: {
      build: ["parcel", "build", "index.html", "--cache-dir", ".parcel-cache"],
      folder: "dist",
      output: "dist",
      source: "file",
    },
  },
  "Rollup, with two plugins": { app: "rollup", package: "rollup", build: { build: ["rollup", "--config"], output: "dist", source: "file" } },
  "esbuild, with a loader": {
    app: "esbuild",
    package: "esbuild",
    build: {
      build: ["esbuild", "main.js", "--bundle", "--minify", "--format=esm", "--loader:.wasm=file", "--outdir=dist"],
      output: "dist",
      source: "file",
    },
  },
  "Next.js with webpack": next("--webpack"),
  Bun: { app: "node", package: "bun", build: { run: ["bun", "main.js"] } },
  "Bun server with an HTML import": {
    app: "bun-server",
    package: "bun",
    dev: { serve: ["bun", "--port=PORT", "server.js"], source: "server" },
    build: {
      build: ["bun", "build", "server.js", "--target=bun", "--production", "--outdir=dist"],
      serve: ["bun", "--cwd=dist", "--port=PORT", "server.js"],
      source: "server",
    },
  },
  "Bun's bundler": {
    app: "bun",
    package: "bun",
    dev: { serve: ["bun", "index.html", "--port=PORT"], source: "inline" },
    build: { build: ["bun", "build", "index.html", "--production", "--outdir=dist"], folder: "dist", output: "dist", source: "inline" },
  },
  Deno: { app: "node", package: "deno", build: { run: ["deno", "run", "--allow-all", "main.js"] } },
  "Deno's bundler": {
    app: "deno",
    package: "deno",
    build: { build: ["deno", "bundle", "index.html", "--minify", "--outdir", "dist"], folder: "dist", output: "dist", source: "inline" },
  },
  "Deno's bundler, for browsers": {
    app: "deno-browser",
    package: "deno",
    build: { build: ["deno", "bundle", "main.js", "--platform", "browser", "--minify", "--outdir", "dist"], output: "dist", source: "inline" },
  },
  "Jest with jsdom": {
    app: "jest",
    package: "jest",
    build: { run: ["jest", "--env=jest-fixed-jsdom"], env: { NODE_OPTIONS: "--experimental-vm-modules" } },
  },
  "Jest with Babel": { app: "jest", package: "jest", build: { run: ["jest", "--config=with-babel.json"] } },
  "Chromium extension": {
    app: "extension",
    package: "vite",
    build: { build: ["vite", "build"], opener: "extension", folder: "dist", output: "dist", source: "file" },
  },
});

test("the README gives the lines that an app needs", async () => {
  const readme = await readFile(join(root, "README.md"), "utf8");
  for (const file of ["esbuild/wasm.js", "rollup/rollup.config.js"]) {
    const lines = await readFile(fileURLToPath(new URL(`apps/${file}`, import.meta.url)), "utf8");
    expect(readme).toContain(`\n\`\`\`javascript\n${lines}\`\`\`\n`);
  }
});
