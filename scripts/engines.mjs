// `npm run test:engines`: the tests of the client in Firefox and WebKit. Arguments go to Playwright.

import { existsSync, readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { build, buildDrill } from "./build.mjs";
import { installFromDebian } from "./debian.mjs";
import { bin, main, Missing, output, run } from "./tools.mjs";

/** Debian's package names of the browsers and their drivers. */
const PACKAGES = { firefox: ["firefox-esr"], webkit: ["webkit2gtk-driver", "xvfb"] };

/** The browsers besides Chromium that can be driven here; those that are missing are installed where that is allowed. There is none beside Linux. */
export async function ensureEngines() {
  const isThere = { firefox: installedFirefox, webkit: installedMiniBrowser };
  const missing = Object.keys(PACKAGES).filter((name) => !isThere[name]());
  if (missing.length > 0) await installFromDebian(missing.flatMap((name) => PACKAGES[name]));
  return Object.keys(PACKAGES).filter((name) => {
    if (isThere[name]()) return true;
    const message = `${name} is not here. On Debian and Ubuntu: sudo apt-get install ${PACKAGES[name].join(" ")}`;
    if (process.platform === "linux") throw new Missing(message);
    console.log(message);
    return false;
  });
}

/** Runs tests of the client in each of them, or in the one that the options name. */
export async function testEngines(options) {
  const projects = (await ensureEngines()).map((name) => `--project=${name}`);
  const named = options.some((option) => option.startsWith("--project"));
  if (projects.length > 0) await run(bin("playwright"), ["test", ...(named ? [] : projects), ...options]);
}

/** The path of Firefox; `undefined` when there is none. */
export function installedFirefox() {
  const candidates = [process.env.FIREFOX_PATH, ...["firefox", "firefox-esr"].map((name) => output("which", [name]))];
  return candidates.find((candidate) => candidate && existsSync(candidate));
}

/** The path of WebKitGTK's MiniBrowser, where its driver and a screen are there too; `undefined` when one of them is not. */
export function installedMiniBrowser() {
  if (!output("which", ["WebKitWebDriver"]) || !output("which", ["Xvfb"])) return undefined;
  const libraries = `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`;
  const folders = existsSync(libraries) ? readdirSync(libraries).filter((name) => name.startsWith("webkit2gtk-4")) : [];
  return folders.map((name) => `${libraries}/${name}/MiniBrowser`).find((candidate) => existsSync(candidate));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(async () => {
    await build();
    await buildDrill();
    await testEngines(process.argv.slice(2));
  });
}
