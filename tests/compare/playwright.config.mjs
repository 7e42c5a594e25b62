// `npm run compare`: not among the tests, since it judges nothing.

import { defineConfig } from "@playwright/test";
import everyday from "../../playwright.config.mjs";

const { use, timeout } = everyday;
const { launchOptions } = use;

export default defineConfig({
  testDir: ".",
  workers: 1,
  timeout: timeout * 5,
  reporter: [["dot"]],
  outputDir: "../../test-results/compare",
  // Else the preflight would fail: openai sends headers of its own, which Azure is not known to allow.
  use: { ...use, launchOptions: { ...launchOptions, args: [...launchOptions.args, "--disable-web-security"] } },
});
