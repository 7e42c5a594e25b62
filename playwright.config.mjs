import { defineConfig } from "@playwright/test";
import { installedChromium } from "./scripts/chromium.mjs";

// Debian's Chromium, run by root, needs these; none of them changes what a page can do.
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  // Reads the real size of the heap, and collects garbage on demand.
  "--enable-precise-memory-info",
  "--js-flags=--expose-gc",
];

export default defineConfig({
  forbidOnly: Boolean(process.env.CI),
  fullyParallel: true,
  // More than two cores have work for: some tests wait for a clock.
  workers: 3,
  timeout: 60_000,
  // What is waited for comes; how long a machine with other work takes is not what is tested.
  expect: { timeout: 20_000 },
  reporter: [["list", { printSteps: false }]],
  outputDir: "test-results",
  use: {
    // A trace costs as much time as the tests; `--trace on` makes one of a test that fails.
    trace: "off",
    launchOptions: { args, executablePath: installedChromium() },
  },
  projects: [
    { name: "simulator", testDir: "simulator/tests" },
    // Client tests run in Node unless they need a browser.
    { name: "node", testDir: "tests/client", use: { engine: "node" }, grepInvert: /@browser|@nightly/ },
    { name: "browser", testDir: "tests/client", grep: /@browser/ },
    { name: "chromium", testDir: "tests/client" },
    { name: "firefox", testDir: "tests/client", use: { engine: "firefox" } },
    { name: "webkit", testDir: "tests/client", use: { engine: "webkit" } },
    { name: "proxy", testDir: "tests/proxy" },
    { name: "page", testDir: "tests/page" },
    { name: "pack", testDir: "tests/package", testMatch: "pack.setup.ts" },
    // Tests of one file share a worker, because its apps and servers are slow to build and start.
    {
      name: "package",
      testDir: "tests/package",
      dependencies: ["pack"],
      fullyParallel: false,
      snapshotPathTemplate: "tests/types/{arg}{ext}",
    },
  ],
});
