// What is part of no program and no test: files, exports, dependencies. The entries are what package.json publishes and what is run.

import { readFileSync } from "node:fs";

const { exports } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
const targets = Object.values(exports).flatMap((target) => Object.values(target));
const published = targets.filter((path) => /^\.\/dist\/(?!wasm\/).*\.js$/.test(path));

export default {
  // A type that an exported signature mentions is exported with it.
  ignoreExportsUsedInFile: { interface: true, type: true },
  workspaces: {
    ".": {
      entry: [
        ...published.map((path) =>
          path
            .replace(/^\.\/dist\/(?=proxy\/)/, "")
            .replace("./dist/", "js/")
            .replace(/\.js$/, ".{ts,tsx}"),
        ),
        "scripts/*.mjs",
        "examples/**/*.{js,mjs}",
        "www/src/{main.tsx,connection/signed-in.ts}",
        "tests/**/*.{spec,setup}.ts",
        "tests/**/playwright.config.mjs",
        // Named in a configuration of Playwright.
        "tests/packaging/{stage,table,watch-node}.{ts,mjs}",
        // Loaded by pages, or handed to a bundler by name.
        "tests/client/page/helpers.js",
        "tests/client/identity/bridge.ts",
        "tests/bench/page/start.js",
        "tests/bench/cold/*.js",
        "tests/package/{react,vue,frameworks}/*.{js,ts,tsx}",
      ],
      project: ["{js,proxy,scripts,examples,tests,www}/**/*.{ts,tsx,js,mjs,vue}", "!**/*.d.ts", "!tests/packaging/apps/**"],
      // A workspace; programs that a script or a test runs; data that a test reads.
      // Those of the recipes are in the groups of `tests/packaging`.
      ignoreDependencies: [
        ...["azure-image-simulator", "binaryen", "create-vite", "@mdn/browser-compat-data"],
        ...["@azure/functions", "@hono/node-server", "express", "fastify", "h3", "hono"],
      ],
      ignoreBinaries: ["azure-image-simulator", "openssl", "Xvfb", "WebKitWebDriver"],
      // Only there where the page is served.
      ignoreUnresolved: [
        "./session.js",
        "../../azure.js",
        "../../../../azure.js",
        "/azure-image-client/index.js",
        "./painter.jsx",
        "./Painter.vue",
        "./picture.js",
      ],
    },
    docs: {
      // A script runs it.
      ignoreDependencies: ["typedoc"],
    },
    "tests/types": {
      // Handed to a compiler by name.
      entry: ["consumers/*"],
    },
    "tests/oldest": {
      // A test names their folder.
      ignoreDependencies: ["react", "react-dom", "vue"],
    },
    simulator: {
      entry: ["src/{index,cli}.ts", "tests/**/*.spec.ts"],
      project: ["{src,tests}/**/*.ts"],
    },
  },
};
