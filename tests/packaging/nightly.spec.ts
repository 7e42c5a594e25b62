// All other tools. `npm run test:packaging -- --all` runs them.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "@playwright/test";
import { root } from "../package/packed.js";
import { test, testTools } from "./matrix.js";
import type { Tool } from "./tool.js";

/** The same app in each version of Vite. */
const vite = (name: string): Tool => ({
  app: "vite",
  package: name,
  dev: { serve: [`${name}#vite`, "--host", "127.0.0.1", "--port", "PORT"], source: "inline" },
  build: { build: [`${name}#vite`, "build"], folder: "dist", output: "dist", source: "file" },
});

testTools("nightly", {
  "Vite 6": vite("vite6"),
  "Vite 7": vite("vite7"),
  "Vite 8": vite("vite"),
  "Web Worker, with Vite": {
    app: "worker",
    package: "vite",
    build: { build: ["vite", "build"], folder: "dist", output: "dist", source: "file", runsIn: "worker" },
  },
  webpack: {
    app: "webpack",
    package: "webpack",
    build: {
      build: ["webpack-cli", "./page.js", "--mode", "production"],
      warnings: /asset size limit|performance recommendations|compiled with 2 warnings/,
      output: "dist",
      source: "file",
    },
  },
  Parcel: {
    app: "parcel",
    package: "parcel",
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
      says: "succeeded",
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
});

test("the README gives the lines that an app needs", async () => {
  const readme = await readFile(join(root, "README.md"), "utf8");
  for (const file of ["esbuild/wasm.js", "rollup/rollup.config.js"]) {
    const lines = await readFile(fileURLToPath(new URL(`apps/${file}`, import.meta.url)), "utf8");
    expect(readme).toContain(`\n\`\`\`javascript\n${lines}\`\`\`\n`);
  }
});
