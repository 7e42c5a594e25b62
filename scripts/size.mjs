// `npm run size`: lists the size of each module and crate in the published WebAssembly, of both files together, with the bytes that are in the
// first file beside them. `npm run size -- decode::json` lists the functions of one of them.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bindgen, build, MODULE, MORE, OPTIMISE } from "./build.mjs";
import { bin, main, Missing, output, run } from "./tools.mjs";

const DATA = "data: texts and tables";

await main(async () => {
  await build();
  const [, , wanted] = process.argv;
  const rows = new Map();
  for (const [column, found] of (await measure()).entries()) {
    for (const { name, bytes } of found) {
      const part = wanted ? name.replace(/::h[0-9a-f]{16}$/, "") : partOf(name);
      if (wanted && partOf(name) !== wanted) continue;
      const row = rows.get(part) ?? [0, 0];
      row[column] += bytes;
      rows.set(part, row);
    }
  }
  const print = (sum, first, name) => console.log(`${String(sum).padStart(7)} ${String(first).padStart(7)}  ${name}`);
  const total = ([first, more]) => first + more;
  console.log("  bytes in the first file");
  for (const [name, row] of [...rows].sort(([, one], [, other]) => total(other) - total(one))) print(total(row), row[0], name);
  const all = [...rows.values()];
  const sum = (bytesOf) => all.reduce((bytes, row) => bytes + bytesOf(row), 0);
  print(
    sum(total),
    sum(([first]) => first),
    "in all",
  );
});

/** The functions of each file by wasm-opt's own count, of the same modules with names. */
async function measure() {
  const folder = mkdtempSync(join(tmpdir(), "azure-image-client-"));
  try {
    await bindgen(folder);
    return await Promise.all([MODULE, MORE].map((file) => functionsOf(join(folder, file))));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function functionsOf(file) {
  await run(bin("wasm-opt"), [...OPTIMISE, "--debuginfo", file, "-o", file]);
  const metrics = output(bin("wasm-opt"), ["--all-features", "--debuginfo", "--func-metrics", file, "-o", file]) ?? "";
  const functions = Array.from(metrics.matchAll(/^func: (.+)\n \[binary-bytes\] : (\d+)/gm), ([, name, bytes]) => ({ name, bytes: Number(bytes) }));
  if (functions.length === 0) throw new Missing("wasm-opt did not say how large the functions are.");
  return [...functions, { name: DATA, bytes: Number(/\[memory-data\]\s*: (\d+)/.exec(metrics)?.[1] ?? 0) }];
}

/** Instances of generic code count for the module that uses them. */
function partOf(name) {
  if (name === DATA) return name;
  const [, own] = /azure_image_client(?:\[\w+\])?::(\w+(?:::[a-z]\w*)?)/.exec(name) ?? [];
  const [, crate = "exports, with what is inlined into them"] = /([a-z]\w*)(?:\[\w+\])?::/.exec(name) ?? [];
  return own ?? crate;
}
