// `npm test`: sets up, builds, and runs every test. The parts are in the order in which their failures explain each other.

import { pathToFileURL } from "node:url";
import { build, buildDrill, VECTORS } from "./build.mjs";
import { check } from "./check.mjs";
import { docs } from "./docs.mjs";
import { testPackaging } from "./packaging.mjs";
import { MAIN_WALK } from "./main-walk.mjs";
import { ensureTarget } from "./setup.mjs";
import { printTimes, step } from "./steps.mjs";
import { attempt, bin, main, Missing, path, run } from "./tools.mjs";

/** Runs every test. */
export async function test() {
  await build();
  // These import packages, which are sure to be there only now.
  const { ensureChromium } = await import("./chromium.mjs");
  const { testEngines } = await import("./engines.mjs");
  const { ensureNginx } = await import("./nginx.mjs");
  const { findPython } = await import("./python.mjs");
  await ensureChromium();
  await ensureNginx();
  const python = await findPython();

  await part("Format, lints, types, dependencies", check);
  await part("Documentation", () => docs());
  await part("Engine, natively", () => run("cargo", ["test", "--quiet", "--locked"]));
  await part("Vector instructions, in WebAssembly", () => testVectors());
  // Runs in parallel with the browsers, which often wait for timers. Its output is printed after theirs.
  const pythonClient = attempt(python, ["-m", "pytest", "-q", "simulator/tests"]);
  // It is awaited later.
  pythonClient.catch(() => {});
  await part("Browser, simulator, package", async () => {
    await buildDrill();
    await run(bin("playwright"), ["test", ...["simulator", "browser", "page", "package"].map((name) => `--project=${name}`)]);
  });
  await part("The main walk in Firefox and WebKit", () =>
    testEngines(["--grep", MAIN_WALK.join("|"), `--reporter=list,${path("scripts", "main-walk.mjs")}`]),
  );
  await part("Simulator against the Python client", async () => {
    const { succeeded, printed, errors } = await pythonClient;
    console.log(`${printed}${errors}`.trim());
    if (!succeeded) throw new Missing("The Python client and the simulator do not agree: see above.");
  });
  await part("Bundlers and frameworks", () => testPackaging());
  printTimes();
}

/** Runs the tests and the corpus of base64 again in WebAssembly, which has vector instructions that the native build lacks. */
async function testVectors() {
  await ensureTarget("wasm32-wasip1");
  await run("cargo", ["test", "--quiet", "--locked", "--target", "wasm32-wasip1", "--test", "native", "--test", "fuzz", "--", "base64"], {
    env: {
      ...process.env,
      CARGO_ENCODED_RUSTFLAGS: VECTORS,
      CARGO_TARGET_WASM32_WASIP1_RUNNER: `node --no-warnings ${path("scripts", "wasi.mjs")}`,
    },
  });
}

/** Runs a part of the tests, which prints its own results. */
const part = (title, work) => step(title, work, { live: true });

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(test);
