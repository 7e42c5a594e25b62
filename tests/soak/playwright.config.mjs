// `npm run soak`: not among the tests, since it takes minutes.

import { defineConfig } from "@playwright/test";
import everyday from "../../playwright.config.mjs";

export default defineConfig({
  testDir: ".",
  workers: 1,
  timeout: 0,
  reporter: [["dot"]],
  outputDir: "../../test-results/soak",
  use: everyday.use,
});
