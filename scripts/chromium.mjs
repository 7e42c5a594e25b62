// A Chromium for the browser tests: one that is there, or else one that gets installed.

import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";
import { bin, Missing, output, run } from "./tools.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Makes sure that there is one. */
export async function ensureChromium() {
  if (installedChromium()) return;
  try {
    await run(bin("playwright"), ["install", "chromium"]);
  } catch {
    // Playwright's own browser comes from a host that not every network reaches. Debian's works as well.
    if (process.getuid?.() === 0 && output("apt-get", ["--version"])) {
      await run("apt-get", ["update", "-qq"]);
      await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"]);
    }
  }
  if (installedChromium()) return;
  throw new Missing(
    "The browser tests need Chromium, and none was found or could be installed. Install it with\n" +
      "  npx playwright install chromium      or      sudo apt-get install chromium\n" +
      "or set CHROMIUM_PATH to the program.",
  );
}

/** The path of the browser's program; `undefined` when there is none. */
export function installedChromium() {
  const candidates = [process.env.CHROMIUM_PATH, chromium.executablePath(), ...NAMES.map((name) => output("which", [name]))];
  return candidates.find((candidate) => candidate && existsSync(candidate));
}
