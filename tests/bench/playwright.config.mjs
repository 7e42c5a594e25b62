// `npm run bench`: not among the tests, since it judges nothing.

import { defineConfig } from "@playwright/test";
import everyday from "../../playwright.config.mjs";

export default defineConfig({
  testDir: ".",
  workers: 1,
  timeout: 20 * 60_000,
  reporter: [["dot"]],
  outputDir: "../../test-results/bench",
  use: everyday.use,
});
