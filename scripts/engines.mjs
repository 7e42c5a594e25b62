// The browsers of the tests besides Chromium: those that are there.

import { existsSync, readdirSync } from "node:fs";
import { output } from "./tools.mjs";

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
