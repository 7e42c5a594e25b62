// Runs commands, and reports missing tools and how to install them.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isQuiet, print } from "./steps.mjs";

/** The folder of the project. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Ends with a message for the person at the keyboard. */
export class Missing extends Error {}

/**
 * Runs a command and throws if it fails. The command prints to the terminal; inside a quiet step its output is kept back, warnings are
 * printed when it ends, and the error contains the whole output.
 */
export async function run(command, args, options = {}) {
  const quiet = isQuiet();
  const { end, printed, errors } = quiet ? await attempt(command, args, withColors(options)) : await show(command, args, options);
  if (end !== 0) throw new Missing(`${printed}${errors}\n${command} ${args.join(" ")} ended with ${end}.`.trim());
  if (quiet && errors) print(errors.trimEnd());
}

function show(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", ...options });
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve({ end: signal ?? code, printed: "", errors: "" }));
  });
}

/** Cargo writes plain messages into a pipe, even if they end up in a terminal. */
function withColors(options) {
  return process.stderr.isTTY ? { ...options, env: { CARGO_TERM_COLOR: "always", ...(options.env ?? process.env) } } : options;
}

/** Runs a command and returns its exit code or signal (`end`), its stdout (`printed`) and its stderr (`errors`). */
export function attempt(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, ...options, stdio: ["ignore", "pipe", "pipe"] });
    const texts = { printed: "", errors: "" };
    child.stdout.setEncoding("utf8").on("data", (text) => (texts.printed += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (texts.errors += text));
    child.on("error", reject);
    child.on("close", (status, signal) => resolve({ succeeded: status === 0, end: signal ?? status, ...texts }));
  });
}

/** Returns the output of a command, or `undefined` if it fails or cannot run. */
export function output(command, args) {
  const { status, stdout } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** A path below the project. */
export const path = (...parts) => join(root, ...parts);

/** The program of a package in `node_modules`. */
export const bin = (name) => path("node_modules", ".bin", name);

/** Does `work` unless it was done for the same `inputs` (texts or buffers) before and all `results` still exist. */
export async function once(name, inputs, results, work) {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(input);
  const digest = hash.digest("hex");
  const stamp = path(".setup", name);
  if (results.every((result) => existsSync(result)) && existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  await work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, digest);
}

/** Runs a script's main function, and shows what a person can act on without a stack. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    console.error(error instanceof Missing ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
