// Small apps that use the packed packages as their users do: built by Vite, served from an origin of their own, with a simulator.

import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Locator, type Page } from "@playwright/test";
import { startSimulator, type Simulator } from "azure-image-simulator";
import { build, type Plugin } from "vite";
import { startPageServer } from "../client/page-server.js";
import { root, test as base } from "./packed.js";

declare global {
  /** Object URLs that were created and not revoked. */
  var liveUrls: Set<string>;
}

/** An app before it is built. Each is built once per worker. */
export interface App {
  /** The files, by name. `main` is the entry. */
  files: Record<string, string>;
  main: string;
  /** The packages that it imports beside this one, and the folder that has them. */
  packages: string[];
  home?: string;
  plugins?: Plugin[];
  /** Compile-time constants. */
  define?: Record<string, string>;
}

/** Vue warns in the console when a bundler does not set them. */
export const VUE_FLAGS = { __VUE_OPTIONS_API__: "true", __VUE_PROD_DEVTOOLS__: "false", __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false" };

/** Builds in development mode, because frameworks check more there, and returns the folder of the result. */
async function bundle({ files, main, packages, home = join(root, "node_modules"), plugins = [], define }: App, folder: string): Promise<string> {
  const app = await mkdtemp(join(folder, "app-"));
  const page = `<!doctype html><link rel="icon" href="data:," /><body><script type="module" src="./${main}"></script></body>`;
  for (const [name, content] of Object.entries({ "index.html": page, ...files })) await writeFile(join(app, name), content);
  const outDir = join(app, "dist");
  await build({
    root: app,
    mode: "development",
    configFile: false,
    logLevel: "error",
    resolve: { alias: Object.fromEntries(packages.map((name) => [name, join(home, name)])) },
    plugins,
    define: { "process.env.NODE_ENV": '"development"', ...define },
    build: { outDir },
  });
  return outDir;
}

interface Fixtures {
  app: App;
  /** More of the query of the page's URL. */
  query: string;
  /** The page has loaded the app. It must raise no error and print none. */
  simulator: Simulator;
}

export const test = base.extend<Fixtures, { bundled: (app: App) => Promise<string> }>({
  app: [{ files: {}, main: "", packages: [] }, { option: true }],
  query: ["", { option: true }],
  bundled: [
    async ({ folder }, use) => {
      const folders = new Map<App, Promise<string>>();
      await use((app) => {
        const bundled = folders.get(app) ?? bundle(app, folder);
        folders.set(app, bundled);
        return bundled;
      });
    },
    { scope: "worker" },
  ],
  simulator: async ({ app, bundled, page, query }, use) => {
    const [pages, simulator] = [await startPageServer([["/", await bundled(app)]]), await startSimulator()];
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      const isProblem = message.type() === "error" || message.type() === "warning";
      if (isProblem && !message.text().startsWith("Failed to load resource")) problems.push(message.text());
    });
    await page.addInitScript(() => {
      globalThis.liveUrls = new Set();
      const { createObjectURL, revokeObjectURL } = URL;
      URL.createObjectURL = (blob) => {
        const url = createObjectURL(blob);
        liveUrls.add(url);
        return url;
      };
      URL.revokeObjectURL = (url) => {
        liveUrls.delete(url);
        revokeObjectURL(url);
      };
    });
    await page.goto(`${pages.origin}/?endpoint=${encodeURIComponent(simulator.url)}${query}`);
    await use(simulator);
    expect(problems).toEqual([]);
    await Promise.all([pages.close(), simulator.close()]);
  },
});

export const countUrls = (page: Page): Promise<number> => page.evaluate(() => liveUrls.size);

/** Checks that the browser can decode the image of an element. */
export const isVisible = (image: Locator): Promise<boolean> =>
  image.evaluate(async (image: HTMLImageElement) => (await image.decode(), image.naturalWidth > 0));

export const posts = (simulator: Simulator) => simulator.requests.filter(({ method }) => method === "POST");
