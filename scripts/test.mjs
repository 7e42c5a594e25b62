// `npm test`: sets up, builds, and runs every test. The parts are in the order in which their failures explain each other.

import { build } from "./build.mjs";
import { bin, main, run } from "./tools.mjs";

await main(async () => {
  await build();
  // These import packages, which are sure to be there only now.
  const { ensureChromium } = await import("./chromium.mjs");
  const { ensureNginx } = await import("./nginx.mjs");
  const { findPython } = await import("./python.mjs");
  await ensureChromium();
  await ensureNginx();
  const python = await findPython();

  await part("Format and lints", () => run("cargo", ["fmt", "--all", "--check"]));
  await part(undefined, () => run("cargo", ["clippy", "--quiet", "--locked", "--all-targets", "--workspace", "--", "-Dwarnings"]));
  await part(undefined, () =>
    run("cargo", ["clippy", "--quiet", "--locked", "--target", "wasm32-unknown-unknown", "--", "-Dwarnings"]),
  );
  await part("Types", () => run(bin("tsc"), ["-p", "tests"]));
  await part(undefined, () => run(bin("tsc"), ["-p", "www"]));
  await part("Engine, natively", () => run("cargo", ["test", "--quiet", "--locked"]));
  await part("Browser, simulator, package", () => run(bin("playwright"), ["test"]));
  await part("Simulator against the Python client", () => run(python, ["-m", "pytest", "-q", "simulator/tests"]));
});

async function part(title, work) {
  if (title) console.log(`\n— ${title}`);
  await work();
}
