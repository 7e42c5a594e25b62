// `npm run test:packaging`, and the end of `npm test`: the packed package in the hands of the bundlers and frameworks that its users have.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { step } from "./steps.mjs";
import { bin, main, once, path, run } from "./tools.mjs";

const FOLDER = path("tests", "packaging");

/** The package is built, and Chromium there. */
export async function testPackaging() {
  // They have a lockfile of their own: who only wants to build needs none of them.
  await once("bundlers", [readFileSync(join(FOLDER, "package-lock.json"))], [join(FOLDER, "node_modules")], () =>
    // Not `npm ci`: it fails where a registry lacks the binaries of some other platform. What the packages would run when they are installed
    // only makes them start faster. webpack-cli asks for a newer Node than it needs, so that warning is no news.
    step("Install the bundlers", () =>
      run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], { cwd: FOLDER }),
    ),
  );
  await run(bin("playwright"), ["test", "--config", join(FOLDER, "playwright.config.mjs")]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(async () => {
    await build();
    const { ensureChromium } = await import("./chromium.mjs");
    await ensureChromium();
    await testPackaging();
  });
}
