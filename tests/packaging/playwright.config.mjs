// `npm run test:packaging`: the package in the hands of the tools that its users have.

import { defineConfig } from "@playwright/test";
import everyday from "../../playwright.config.mjs";

export default defineConfig({
  ...everyday,
  projects: [{ name: "packaging", testDir: "." }],
  globalSetup: "./stage.ts",
  // A cold build by Next.js on a busy machine.
  timeout: 180_000,
  reporter: [["list", { printSteps: false }], ["./table.ts"]],
  outputDir: "../../test-results/packaging",
});
