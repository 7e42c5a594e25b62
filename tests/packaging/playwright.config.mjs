// `npm run test:packaging`: the packed package in the tools of its users.

import { defineConfig } from "@playwright/test";
import everyday from "../../playwright.config.mjs";

export default defineConfig({
  ...everyday,
  projects: ["everyday", "nightly"].map((name) => ({ name, testDir: ".", testMatch: new RegExp(`/${name}(-proxy)?\\.spec\\.ts$`) })),
  globalSetup: "./stage.ts",
  // A cold build of a framework on a busy machine.
  timeout: 240_000,
  workers: 2,
  reporter: [["list", { printSteps: false }], ["./table.ts"]],
  outputDir: "../../test-results/packaging",
});
