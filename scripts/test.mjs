// `npm test`: sets up, builds, checks, and runs the tests that take seconds. `npm run test:all` (`--all`) runs every test, including those
// tagged `@nightly`, all tests of the client in each browser, the mutations of the fuzz corpus, every tool of the packaging matrix, and a soak
// test.

import { pathToFileURL } from "node:url";
import { build, buildDrill, VECTORS } from "./build.mjs";
import { check, checkAdvisories } from "./check.mjs";
import { docs } from "./docs.mjs";
import { testPackaging } from "./packaging.mjs";
import { ensureTarget } from "./setup.mjs";
import { printTimes, step } from "./steps.mjs";
import { attempt, bin, main, Missing, path, run } from "./tools.mjs";

/** The Playwright projects; see playwright.config.mjs. */
const PROJECTS = ["node", "browser", "proxy", "page", "package", "simulator"];
const ALL_PROJECTS = ["node", "chromium", "proxy", "page", "package", "simulator"];

const SOAK_GENERATIONS = "1000";

/** Runs the tests. */
export async function test({ all = false } = {}) {
  await build();
  // These import packages, which are sure to be there only now.
  const { ensureChromium } = await import("./chromium.mjs");
  const { ensureNginx } = await import("./nginx.mjs");
  const { ensureRedis } = await import("./redis.mjs");
  const { findPython } = await import("./python.mjs");
  await ensureChromium();
  if (all) {
    await ensureNginx();
    await ensureRedis();
  }
  const python = await findPython();
  await buildDrill();

  // Runs in the background because it waits for the network. It only prints warnings.
  const advisories = checkAdvisories().catch((error) => console.log(`not run advisories: ${error}`));
  await part("Checks, documentation, engine", () => allOf([check(), docs(), testEngine(all)]));
  // Runs in parallel with the browsers, which often wait for timers. Its output is printed after theirs.
  const pythonClients = attempt(python, ["-m", "pytest", "-q", ...(all ? [] : ["-m", "not nightly"]), "simulator/tests"]);
  // It is awaited later.
  pythonClients.catch(() => {});
  await part("Client, page, package, simulator", () =>
    run(bin("playwright"), ["test", ...(all ? [] : ["--grep-invert=@nightly"]), ...projects(all ? ALL_PROJECTS : PROJECTS)]),
  );
  await part("Python clients", async () => {
    const { succeeded, printed, errors } = await pythonClients;
    console.log(`${printed}${errors}`.trim());
    if (!succeeded) throw new Missing("A test of the Python clients failed. See above.");
  });
  await part("Bundlers and frameworks", () => testPackaging(all));
  if (all) {
    const { testEngines } = await import("./engines.mjs");
    await part("Client in Firefox and WebKit", () => testEngines([]));
    const env = { ...process.env, SOAK_GENERATIONS };
    await part("Soak", () => run(bin("playwright"), ["test", "--project=chromium", "soak"], { env }));
  }
  await advisories;
  printTimes();
}

/** Tests the engine natively, and base64 also in WebAssembly, which has vector instructions that the native build lacks. */
async function testEngine(all) {
  const fuzz = all ? ["--test", "fuzz"] : [];
  await run("cargo", ["test", "--quiet", "--locked", "--test", "native", "--test", "memory", ...fuzz]);
  await ensureTarget("wasm32-wasip1");
  await run("cargo", ["test", "--quiet", "--locked", "--target", "wasm32-wasip1", "--test", "native", ...fuzz, "--", "base64"], {
    env: {
      ...process.env,
      CARGO_ENCODED_RUSTFLAGS: VECTORS,
      CARGO_TARGET_WASM32_WASIP1_RUNNER: `node --no-warnings ${path("scripts", "wasi.mjs")}`,
    },
  });
}

/** Waits for all work, then fails with the first error, so that nothing prints below it. */
async function allOf(work) {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
}

const projects = (names) => names.map((name) => `--project=${name}`);

/** Runs a part of the tests, which prints its own results. */
const part = (title, work) => step(title, work, { live: true });

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(() => test({ all: process.argv.includes("--all") }));
