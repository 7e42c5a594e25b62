import { defineConfig } from "@playwright/test";

// Playwright only runs these tests; none of them opens a browser.
export default defineConfig({ testDir: ".", workers: 2, reporter: "list" });
