// A Chromium for the browser tests: one that is there, or else one that gets installed.

import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";
import { installFromDebian } from "./debian.mjs";
import { step } from "./steps.mjs";
import { bin, Missing, output, run } from "./tools.mjs";

/** Chromium without windows, which Playwright also prefers: the same engine and a third faster. */
const HEADLESS = "chromium-headless-shell";
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Makes sure that there is one. */
export async function ensureChromium() {
  if (installedChromium()) return;
  await step("Install Chromium", async () => {
    try {
      await run(bin("playwright"), ["install", "chromium"]);
    } catch {
      // Playwright's own browser comes from a host that not every network reaches. Debian's works as well.
      // The one without windows needs files of the other, and does not say so.
      await installFromDebian([HEADLESS, "chromium"]);
    }
  });
  if (installedChromium()) return;
  throw new Missing(
    "The browser tests need Chromium, and none was found or could be installed. Install it with\n" +
      "  npx playwright install chromium      or      sudo apt-get install chromium-headless-shell chromium\n" +
      "or set CHROMIUM_PATH to the program.",
  );
}

const named = (name) => output("which", [name]);
const first = (candidates) => candidates.find((candidate) => candidate && existsSync(candidate));

/** The path of the browser's program; `undefined` when there is none. */
export function installedChromium() {
  return first([process.env.CHROMIUM_PATH, named(HEADLESS), chromium.executablePath(), ...NAMES.map(named)]);
}

/** The path of a Chromium that loads extensions. The one without windows does not, and neither does Google Chrome. */
export function installedFullChromium() {
  return first([chromium.executablePath(), named("chromium"), named("chromium-browser")]);
}
