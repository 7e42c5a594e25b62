// `npm run fuzz -- json 600` searches for 600 seconds for an input that violates a check of tests/fuzz/checks.rs. New inputs are kept in
// tests/fuzz/found, and the next run continues with them. `npm run fuzz -- json keep` merges the inputs that reach new code into the
// corpus, which `cargo test` runs. A third argument is the maximum length of an input in bytes; default: 4096.

import { mkdirSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import { main, Missing, output, path, run } from "./tools.mjs";

const FOLDER = path("tests", "fuzz");
const TARGETS = readdirSync(path("tests", "fuzz", "targets")).map((file) => basename(file, ".rs"));
/** Longer inputs are slower, and reach nothing else; but only they show what takes more time than it should. */
const MOST_BYTES = "4096";
/** So long takes no input of a megabyte unless something is not linear, or does not end. */
const MOST_SECONDS = 10;

await main(async () => {
  const [, , target, what = "60", mostBytes = MOST_BYTES] = process.argv;
  if (!TARGETS.includes(target) || !/^(keep|\d+)$/.test(what) || !/^\d+$/.test(mostBytes)) {
    throw new Missing(`Say what to fuzz, and how many seconds long: npm run fuzz -- ${TARGETS.join("|")} 60`);
  }
  if (!output("cargo", ["+nightly", "fuzz", "--version"])) {
    throw new Missing("A nightly Rust and cargo-fuzz are needed:\n  rustup toolchain install nightly\n  cargo +nightly install cargo-fuzz");
  }
  const [found, corpus] = ["found", "corpus"].map((name) => path("tests", "fuzz", name, target));
  mkdirSync(found, { recursive: true });
  const folders = what === "keep" ? [corpus, found] : [found, corpus];
  // Hit counts are ignored to keep the corpus small.
  const merge = ["-merge=1", "-use_counters=0"];
  const options = what === "keep" ? merge : [`-max_total_time=${what}`, `-timeout=${MOST_SECONDS}`, "-print_final_stats=1"];
  // At once, and not only behind hours of short ones.
  const length = mostBytes === MOST_BYTES ? [] : ["-len_control=0"];
  // No code of ours is unsafe, so that a sanitizer would only be slow.
  const build = ["--fuzz-dir", FOLDER, "--sanitizer", "none"];
  await run("cargo", ["+nightly", "fuzz", "run", ...build, target, ...folders, "--", `-max_len=${mostBytes}`, ...options, ...length]);
});
