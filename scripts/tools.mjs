// What the other scripts need from the machine: running commands, and saying which tool is missing and how to get it.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the project. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Ends with a message for the person at the keyboard. */
export class Missing extends Error {}

/** Runs a command to its end, showing what it prints; throws when it fails. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", ...options });
    child.on("error", reject);
    child.on("exit", (code, signal) => (code === 0 ? resolve() : reject(new Missing(`${command} ${args.join(" ")} ended with ${signal ?? code}.`))));
  });
}

/** Runs a command to its end, and keeps what it prints, by stdout and stderr, for who wants to know. */
export function attempt(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, ...options, stdio: ["ignore", "pipe", "pipe"] });
    const texts = { printed: "", errors: "" };
    child.stdout.setEncoding("utf8").on("data", (text) => (texts.printed += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (texts.errors += text));
    child.on("error", reject);
    child.on("close", (status) => resolve({ succeeded: status === 0, ...texts }));
  });
}

/** What a command prints, or `undefined` when it cannot be run or fails. */
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
