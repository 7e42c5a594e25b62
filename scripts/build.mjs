// Builds the package into dist/ and the simulator into simulator/dist/: Rust → WebAssembly → glue → optimized → facade → bundle. With the
// argument `drill`: the engine that panics on demand, which a test needs.
//
// The published WebAssembly has a standard library that is compiled for size, which only unstable options of the compiler do. With
// STABLE_BUILD=1, or without the sources of the library, it is built by stable options alone, and is larger by a twelfth.

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { writePrices } from "./prices.mjs";
import { setup } from "./setup.mjs";
import { step } from "./steps.mjs";
import { bin, main, once, output, path, root, run } from "./tools.mjs";

export const TARGET = "wasm32-unknown-unknown";
const compiled = (profile) => path("target", TARGET, profile, "azure_image_client.wasm");
const GLUE = path("dist", "wasm");
/** The glue and module of a build that panics on demand, for tests. */
export const DRILL = path("target", "drill-glue");
/** Every browser that the package supports has vector instructions in WebAssembly. */
export const VECTORS = "-Ctarget-feature=+simd128";
/** The engine recurses only through JSON, of at most 1000 levels. The linker's default, 1 MiB, is a quarter of the memory. */
const STACK = "-Clink-arg=-zstack-size=524288";
/** `xtask` splits the module by the relocations. */
const RELOCATIONS = "-Clink-arg=--emit-relocs";
export const MODULE = "azure_image_client_bg.wasm";
/** The module with the code that generations do not need. */
export const MORE = "azure_image_client_more.wasm";
/** A panic of the published build has no message and no place: a trap ends the instance, and the facade reports it. */
const UNSTABLE = ["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none", "-Zfmt-debug=none"];
const OWN_LIBRARY = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];

/** The options of `wasm-opt`. Inlining saves bytes but costs more of them after compression, and so does `local-cse`. */
export const OPTIMISE = [
  "-Oz",
  "--converge",
  "--skip-pass=local-cse",
  // The memory starts with the stack, of which nothing uses the last bytes, and a new memory is zero.
  "--low-memory-unused",
  "--zero-filled-memory",
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
  await step("Compile the TypeScript", () => compile());
}

/** Compiles the TypeScript of both packages below a folder, beside the WebAssembly that was built. */
export async function compile(folder = root) {
  // A file whose source is gone must not be packed.
  removeAll(join(folder, "dist"), "wasm");
  await run(bin("tsc"), ["-p", "js"], { cwd: folder });
  writePrices(folder);
  await run(bin("tsc"), ["-p", "proxy"], { cwd: folder });
  removePrivateMembers(join(folder, "dist"));
  await bundle(folder);
  removeAll(join(folder, "simulator", "dist"));
  await run(bin("tsc"), ["-p", "simulator"], { cwd: folder });
}

/** Makes the declared classes structural: with `#private`, TypeScript accepts neither the `UnwrapRef` of Vue nor a test double in their place. */
function removePrivateMembers(folder) {
  for (const name of readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".d.ts"))) {
    const declarations = readFileSync(join(folder, name), "utf8");
    writeFileSync(join(folder, name), declarations.replaceAll(/^ +#private;\n/gm, ""));
  }
}

/** Empties a folder but for one entry. */
function removeAll(folder, except) {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (name !== except) rmSync(join(folder, name), { recursive: true });
}

async function buildWasm() {
  // Published files must not contain paths of the build machine, not even in panic messages.
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  // The component rust-src, which editors install, turns the paths of the standard library into local ones.
  const library = join(output("rustc", ["--print", "sysroot"]) ?? "", "lib", "rustlib", "src", "rust");
  const [, commit] = /^commit-hash: (.+)$/m.exec(output("rustc", ["-vV"]) ?? "") ?? [];
  const names = [
    [root, "."],
    [cargoHome, "cargo"],
    [library, `/rustc/${commit}`],
  ];
  const flags = [VECTORS, STACK, RELOCATIONS, ...names.map(([path, name]) => `--remap-path-prefix=${path}=${name}`)];
  const isSmall = process.env.STABLE_BUILD !== "1" && existsSync(join(library, "library", "Cargo.lock"));
  const [options, env] = isSmall ? [OWN_LIBRARY, { RUSTC_BOOTSTRAP: "1" }] : [[], {}];
  if (isSmall) flags.push(...UNSTABLE);
  await step("Compile Rust to WebAssembly", () =>
    run("cargo", ["build", "--quiet", "--locked", "--release", "--lib", "--target", TARGET, ...options], {
      env: { ...process.env, ...env, CARGO_ENCODED_RUSTFLAGS: flags.join("\x1f") },
    }),
  );
  const inputs = [readFileSync(compiled("release")), ...bindings(), readFileSync(path("scripts", "build.mjs"))];
  const modules = [MODULE, MORE].map((name) => join(GLUE, name));
  const generated = [
    "azure_image_client.js",
    "azure_image_client.d.ts",
    "inline.js",
    "inline.d.ts",
    "inline-more.js",
    "inline-more.d.ts",
    "module.d.ts",
  ];
  const results = [...modules, ...generated.map((name) => join(GLUE, name))];
  await once("glue", inputs, results, async () => {
    rmSync(GLUE, { recursive: true, force: true });
    await step("Generate the JavaScript bindings", () => bindgen(GLUE));
    await step("Optimize the WebAssembly", () => Promise.all(modules.map((file) => run(bin("wasm-opt"), [...OPTIMISE, file, "-o", file]))));
    // wasm-bindgen's declaration of the raw exports. Nobody calls these.
    rmSync(join(GLUE, `${MODULE}.d.ts`));
    writeModules(modules);
  });
}

/** Writes the JavaScript modules that hold the bytes, and the types of a `.wasm` file as an import. */
function writeModules(files) {
  for (const [index, name] of ["inline", "inline-more"].entries()) {
    // Compressed first: base64 hides the repetitions from the compression of the server.
    const base64 = gzipSync(readFileSync(files[index]), { level: 9 }).toString("base64");
    writeFileSync(join(GLUE, `${name}.js`), `export default "${base64}";\n`);
    writeFileSync(join(GLUE, `${name}.d.ts`), "/** The gzipped WebAssembly, in base64. */\ndeclare const base64: string;\nexport default base64;\n");
  }
  writeFileSync(
    join(GLUE, "module.d.ts"),
    "/** For `init`: the URL of the file in most bundlers, a compiled module in those for Cloudflare Workers. */\n" +
      "declare const wasm: string & WebAssembly.Module;\nexport default wasm;\n",
  );
}

/** Writes the main entry as one minified module, for CDNs, pages without a bundler, and service workers, which cannot import code later. */
async function bundle(folder) {
  const { rolldown } = await import("rolldown");
  const glue = {
    filter: { id: /\/wasm\/|^\.\.\/core\// },
    // The glue is JavaScript, but must import modules of the sources: the engine listens to the guard there.
    handler: (id) =>
      id.startsWith("../core/") ? join(folder, "js", "core", `${basename(id, ".js")}.ts`) : join(folder, "dist", "wasm", basename(id)),
  };
  const build = await rolldown({
    cwd: folder,
    input: "js/index.ts",
    resolve: { extensionAlias: { ".js": [".ts", ".js"] } },
    plugins: [{ name: "glue", resolveId: glue }],
  });
  await build.write({ file: "dist/azure-image-client.min.js", format: "esm", minify: true, sourcemap: true, codeSplitting: false });
  await build.close();
}

/** The sources of the step that writes the glue. */
const bindings = () => ["main.rs", "reach.rs", "split.rs"].map((name) => readFileSync(path("xtask", "src", name)));

/** Writes the glue and the modules with function names. `wasm-opt` removes the names by default. */
export async function bindgen(folder, profile = "release") {
  await run("cargo", ["run", "--quiet", "--locked", "-p", "xtask", "--", "bindgen", compiled(profile), folder]);
}

/** Builds what {@link DRILL} is. */
export async function buildDrill() {
  const options = ["--lib", "--target", TARGET, "--profile", "drill", "--features", "drill"];
  await step("Compile the test engine that panics", () =>
    run("cargo", ["build", "--quiet", "--locked", ...options], {
      env: { ...process.env, CARGO_ENCODED_RUSTFLAGS: [VECTORS, RELOCATIONS].join("\x1f") },
    }),
  );
  const inputs = [readFileSync(compiled("drill")), ...bindings()];
  await once("drill", inputs, [join(DRILL, MODULE), join(DRILL, MORE)], () => bindgen(DRILL, "drill"));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(process.argv[2] === "drill" ? buildDrill : build);
