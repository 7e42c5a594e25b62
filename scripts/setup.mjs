// Makes a fresh clone ready to build: checks the tools, installs the packages. `npm run setup`, and part of every command.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { step } from "./steps.mjs";
import { attempt, main, Missing, once, output, path, run } from "./tools.mjs";

/** The oldest that Vite runs on. */
const MINIMUM_NODE = [20, 19];

/** Present in a toolchain that has the sources of the standard library. */
const LIBRARY_LOCKFILE = join("lib", "rustlib", "src", "rust", "library", "Cargo.lock");

/** Those whose packages are not all in the root. */
const WORKSPACES = ["", "docs", "tests/types", "tests/oldest"];

export async function setup() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1])) {
    throw new Missing(`Node ${MINIMUM_NODE.join(".")} or newer is needed; this is ${process.versions.node}. See https://nodejs.org/en/download`);
  }
  await step("Set up Rust", async () => {
    // The first call makes rustup download the toolchain of rust-toolchain.toml.
    const { succeeded, errors } = await attempt("cargo", ["--version"]).catch(({ message }) => ({ succeeded: false, errors: message }));
    if (!succeeded) {
      throw new Missing(
        `Rust is needed, and cargo does not run: ${errors.trim()}\nInstall Rust with:\n  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh`,
      );
    }
    // rust-toolchain.toml names it, but an older installation of the toolchain can lack it.
    await ensureTarget("wasm32-unknown-unknown");
    await ensureLibrarySources();
  });
  await once(
    "packages",
    [readFileSync(path("package-lock.json"))],
    WORKSPACES.map((folder) => path(folder, "node_modules")),
    () =>
      // openai 7 asks for Node 22 and works with 20, so its warning is no news.
      step("Install packages", () => run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"])),
  );
}

/** Has rustup add what `rustc` needs to compile for a target. */
export async function ensureTarget(target) {
  const library = output("rustc", ["--print", "target-libdir", "--target", target]) ?? "";
  await once(target, [library], [library], async () => {
    if (!output("rustup", ["--version"])) {
      throw new Missing(
        `The Rust target ${target} is missing, and so is rustup, which adds it. Install rustup:\n` +
          "  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh",
      );
    }
    await run("rustup", ["--quiet", "target", "add", target]);
  });
}

/** Has rustup add the sources of the standard library. Without rustup, the build does without them and is larger. */
async function ensureLibrarySources() {
  const lockfile = join(output("rustc", ["--print", "sysroot"]) ?? "", LIBRARY_LOCKFILE);
  if (!existsSync(lockfile) && output("rustup", ["--version"])) await run("rustup", ["--quiet", "component", "add", "rust-src"]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(setup);
