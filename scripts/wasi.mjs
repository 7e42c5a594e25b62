// Runs a test program of Rust that was compiled for WASI: `node wasi.mjs program.wasm arguments…`. It may read below the present folder.

import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const [, , program, ...args] = process.argv;
const preopens = { [process.cwd()]: process.cwd() };
const wasi = new WASI({ version: "preview1", args: [program, ...args], env: process.env, preopens });
const { instance } = await WebAssembly.instantiate(readFileSync(program), wasi.getImportObject());
process.exitCode = wasi.start(instance);
