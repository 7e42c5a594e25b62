// `npm run test:packaging`: tests the packed package in the bundlers, frameworks and runtimes of its users, as `npm test` does. `--all` adds
// the tools that take long to install or to build, as `npm run test:all` does.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";
import { step } from "./steps.mjs";
import { bin, main, once, path, run } from "./tools.mjs";

const FOLDER = path("tests", "packaging");

/** Tests the groups of tools, each with its lockfile. The package is built, and Chromium is installed. */
export async function testPackaging(all, parameters = []) {
  const groups = all ? ["everyday", "nightly"] : ["everyday"];
  for (const group of groups) {
    const folder = join(FOLDER, group);
    await once(`packaging-${group}`, [readFileSync(join(folder, "package-lock.json"))], [join(folder, "node_modules")], () =>
      // Not `npm ci`: it fails if a registry lacks the binaries of another platform. Install scripts only save start-up time. Some tools need a
      // newer Node, which is one of the packages, so npm's warnings do not apply.
      step(`Install the ${group} tools`, () =>
        run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], { cwd: folder }),
      ),
    );
  }
  const projects = groups.map((group) => `--project=${group}`);
  await run(bin("playwright"), ["test", "--config", join(FOLDER, "playwright.config.mjs"), ...projects, ...parameters]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(async () => {
    const parameters = process.argv.slice(2).filter((parameter) => parameter !== "--all");
    await build();
    const { ensureChromium } = await import("./chromium.mjs");
    await ensureChromium();
    await testPackaging(process.argv.includes("--all"), parameters);
  });
}
