// Opens pages that no server serves.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Page, test } from "@playwright/test";
import { root } from "../package/packed.js";
import type { Opener } from "./tool.js";

const { installedFullChromium } = (await import(join(root, "scripts/chromium.mjs"))) as { installedFullChromium(): string | undefined };

interface Opened extends AsyncDisposable {
  page: Page;
  url: string;
}

/** Starts a browser for the page `index.html` of a folder. */
export async function openWithoutServer(opener: Opener, folder: string): Promise<Opened> {
  const { args = [], ...options } = test.info().project.use.launchOptions ?? {};
  const isExtension = opener === "extension";
  const executablePath = isExtension ? installedFullChromium() : options.executablePath;
  if (executablePath === undefined) throw new Error("Chromium is not installed, or only its headless shell.");
  const context = await chromium.launchPersistentContext("", { args: [...args, ...argumentsFor(opener, folder)], executablePath });
  const [page = await context.newPage()] = context.pages();
  const url = isExtension ? `chrome-extension://${extensionId(folder)}/index.html` : pathToFileURL(join(folder, "index.html")).href;
  return { page, url, [Symbol.asyncDispose]: () => context.close() };
}

function argumentsFor(opener: Opener, folder: string): string[] {
  switch (opener) {
    case "file":
      return [];
    case "privileged file":
      return ["--allow-file-access-from-files"];
    case "extension":
      return [`--disable-extensions-except=${folder}`, `--load-extension=${folder}`];
  }
}

/** Chromium derives the ID of an unpacked extension from its path, and writes its digits as the letters a to p. */
function extensionId(folder: string): string {
  const digits = createHash("sha256").update(folder).digest("hex").slice(0, 32);
  return digits.replaceAll(/./g, (digit) => String.fromCharCode("a".charCodeAt(0) + Number.parseInt(digit, 16)));
}
