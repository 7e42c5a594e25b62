// Builds the package into dist/ and the simulator into simulator/dist/: Rust → WebAssembly → glue → optimised → facade. With the argument
// `drill`: the engine that panics when it is told to, which a test needs.

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setup } from "./setup.mjs";
import { bin, main, once, output, path, root, run } from "./tools.mjs";

export const TARGET = "wasm32-unknown-unknown";
const compiled = (profile) => path("target", TARGET, profile, "azure_image_client.wasm");
const GLUE = path("dist", "wasm");
/** The glue and module of a build that panics when it is told to, for tests. */
export const DRILL = path("target", "drill-glue");
/** Every browser that the package supports has vector instructions in WebAssembly. */
export const VECTORS = "-Ctarget-feature=+simd128";
export const MODULE = "azure_image_client_bg.wasm";
/** What `wasm-opt` does to the module. It inlines nothing: that saves bytes, and costs more than these once they are compressed. */
export const OPTIMISE = [
  "-Oz",
  "--flexible-inline-max-function-size=0",
  "--one-caller-inline-max-function-size=0",
  "--enable-simd",
  "--enable-bulk-memory",
  "--enable-sign-ext",
  "--enable-nontrapping-float-to-int",
  "--enable-mutable-globals",
  "--enable-reference-types",
  "--enable-multivalue",
];

export async function build() {
  await setup();
  await buildWasm();
  // A file whose source is gone must not be packed.
  removeAll(path("dist"), "wasm");
  await run(bin("tsc"), ["-p", "js"]);
  removeAll(path("simulator", "dist"));
  await run(bin("tsc"), ["-p", "simulator"]);
}

/** Empties a folder but for one entry. */
function removeAll(folder, except) {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (name !== except) rmSync(join(folder, name), { recursive: true });
}

async function buildWasm() {
  // Paths of the machine that builds have no place in what is published, not even in the text of a panic.
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  // With the component rust-src, which editors like to have, the paths of the standard library are such too; this is what they are without.
  const library = join(output("rustc", ["--print", "sysroot"]) ?? "", "lib", "rustlib", "src", "rust");
  const [, commit] = /^commit-hash: (.+)$/m.exec(output("rustc", ["-vV"]) ?? "") ?? [];
  const names = [
    [root, "."],
    [cargoHome, "cargo"],
    [library, `/rustc/${commit}`],
  ];
  const flags = [VECTORS, ...names.map(([path, name]) => `--remap-path-prefix=${path}=${name}`)];
  await run("cargo", ["build", "--quiet", "--locked", "--release", "--lib", "--target", TARGET], {
    env: { ...process.env, CARGO_ENCODED_RUSTFLAGS: flags.join("\x1f") },
  });
  const inputs = [readFileSync(compiled("release")), readFileSync(path("xtask", "src", "main.rs")), readFileSync(path("scripts", "build.mjs"))];
  const optimised = join(GLUE, MODULE);
  const results = [optimised, ...["js", "d.ts"].map((ending) => join(GLUE, `azure_image_client.${ending}`))];
  await once("glue", inputs, results, async () => {
    rmSync(GLUE, { recursive: true, force: true });
    await bindgen(GLUE);
    await run(bin("wasm-opt"), [...OPTIMISE, optimised, "-o", optimised]);
  });
}

/** Writes the glue, and the module with the names of its functions, which `wasm-opt` drops unless it is told not to. */
export async function bindgen(folder, profile = "release") {
  await run("cargo", ["run", "--quiet", "--locked", "-p", "xtask", "--", "bindgen", compiled(profile), folder]);
}

/** Builds what {@link DRILL} is. */
export async function buildDrill() {
  const options = ["--lib", "--target", TARGET, "--profile", "drill", "--features", "drill"];
  await run("cargo", ["build", "--quiet", "--locked", ...options], {
    env: { ...process.env, CARGO_ENCODED_RUSTFLAGS: VECTORS },
  });
  const inputs = [readFileSync(compiled("drill")), readFileSync(path("xtask", "src", "main.rs"))];
  await once("drill", inputs, [join(DRILL, MODULE)], () => bindgen(DRILL, "drill"));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(process.argv[2] === "drill" ? buildDrill : build);
