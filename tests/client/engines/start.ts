import type { Browser } from "@playwright/test";
import { asPlaywrightPage, skip, type Engine } from "./engine.js";
import { startFirefox } from "./firefox.js";
import { startNode } from "./node.js";
import { startWebKit } from "./webkit.js";

const { installedFirefox, installedMiniBrowser } = (await import(String(new URL("../../../scripts/engines.mjs", import.meta.url)))) as {
  installedFirefox(): string;
  installedMiniBrowser(): string;
};

const START: Record<"firefox" | "webkit" | "node", () => Promise<Engine>> = {
  node: startNode,
  firefox: () => startFirefox(installedFirefox()),
  webkit: () => startWebKit(installedMiniBrowser()),
};

export type EngineName = "chromium" | keyof typeof START;

/** Starts a browser that Playwright does not drive, dressed as one that it does. */
export async function startEngine(name: keyof typeof START): Promise<Browser> {
  const engine = await START[name]();
  const page = asPlaywrightPage(engine.page);
  const context = { newPage: () => skip("a context of its own"), close: async () => {} };
  return {
    newPage: async () => Object.assign(Object.create(page), { context: () => context }),
    newContext: async () => skip("a context of its own"),
    close: () => engine.close(),
  } as unknown as Browser;
}
