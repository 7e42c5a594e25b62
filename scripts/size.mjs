// `npm run size`: lists the size of each module and crate in the published WebAssembly. `npm run size -- decode::json` lists the
// functions of one of them.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bindgen, build, MODULE, OPTIMISE } from "./build.mjs";
import { bin, main, Missing, output } from "./tools.mjs";

await main(async () => {
  await build();
  const { functions, dataBytes } = await measure();
  const [, , wanted] = process.argv;
  const rows = wanted
    ? functions.filter(({ name }) => partOf(name) === wanted).map(({ name, bytes }) => [name.replace(/::h[0-9a-f]{16}$/, ""), bytes])
    : [["data: texts and tables", dataBytes], ...sums(functions)];
  rows.sort(([, one], [, other]) => other - one);
  for (const [name, bytes] of rows) console.log(`${String(bytes).padStart(7)}  ${name}`);
  console.log(`${String(rows.reduce((sum, [, bytes]) => sum + bytes, 0)).padStart(7)}  bytes in all`);
});

/** The functions by wasm-opt's own count, of the same module with names. */
async function measure() {
  const folder = mkdtempSync(join(tmpdir(), "azure-image-client-"));
  try {
    await bindgen(folder);
    const metrics = output(bin("wasm-opt"), [...OPTIMISE, "--debuginfo", "--func-metrics", join(folder, MODULE), "-o", join(folder, "named.wasm")]);
    const found = metrics?.matchAll(/^func: (.+)\n \[binary-bytes\] : (\d+)/gm) ?? [];
    const functions = Array.from(found, ([, name, bytes]) => ({ name, bytes: Number(bytes) }));
    if (functions.length === 0) throw new Missing("wasm-opt did not say how large the functions are.");
    return { functions, dataBytes: Number(/\[memory-data\]\s*: (\d+)/.exec(metrics)?.[1]) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function sums(functions) {
  const bytesOf = new Map();
  for (const { name, bytes } of functions) bytesOf.set(partOf(name), (bytesOf.get(partOf(name)) ?? 0) + bytes);
  return [...bytesOf];
}

/** Instances of generic code count for the module that uses them. */
function partOf(name) {
  const [, own] = /azure_image_client(?:\[\w+\])?::(\w+(?:::[a-z]\w*)?)/.exec(name) ?? [];
  const [, crate = "exports, with what is inlined into them"] = /([a-z]\w*)(?:\[\w+\])?::/.exec(name) ?? [];
  return own ?? crate;
}
