// `npm run release`: checks, tests, builds and packs what would be published, and says what that is. It publishes nothing: the last
// lines are the commands that do.

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { test } from "./test.mjs";
import { main, Missing, output, path } from "./tools.mjs";

const FOLDERS = [path(), path("simulator")];

await main(async () => {
  const version = checkVersions();
  checkChanges(version);
  checkTree();
  await test();
  checkTree();
  const folder = path("release");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const packages = FOLDERS.map((source) => packed(source, folder));
  const tag = version.includes("-") ? "next" : "latest";
  for (const { name, size, unpackedSize, integrity, files } of packages) {
    console.log(`\n${name} ${version}: ${files.length} files, ${size} bytes packed, ${unpackedSize} unpacked\n${integrity}`);
    for (const file of files) console.log(`${String(file.size).padStart(9)}  ${file.path}`);
  }
  console.log(`\nNothing was published. To do it, tagged ${tag}:\n  git tag v${version} && git push origin v${version}`);
  for (const { filename } of packages) console.log(`  npm publish ./release/${filename} --access public --tag ${tag}`);
});

/** The version, which everything that has one agrees on. */
function checkVersions() {
  const [, crate] = /^version = "(.+)"$/m.exec(readFileSync(path("Cargo.toml"), "utf8")) ?? [];
  const found = { "Cargo.toml": crate };
  for (const file of ["package.json", "simulator/package.json"]) found[file] = JSON.parse(readFileSync(path(file), "utf8")).version;
  if (new Set(Object.values(found)).size > 1) throw new Missing(`The versions differ. Write the same one into each: ${JSON.stringify(found)}.`);
  return crate;
}

function checkChanges(version) {
  const headings = readFileSync(path("CHANGELOG.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("## "));
  const [, named] = /^## (\S+) \(\d{4}-\d\d-\d\d\)$/.exec(headings[0] ?? "") ?? [];
  if (named === version) return;
  throw new Missing(
    `CHANGELOG.md begins with "${headings[0]}". Its first heading must be "## ${version} (YYYY-MM-DD)", with what has changed below it.`,
  );
}

function checkTree() {
  const changed = output("git", ["status", "--porcelain"]);
  if (changed !== "") throw new Missing(`What is published must be what is committed. Commit or remove:\n${changed ?? "this is no clone"}`);
}

/** Packs what the tests have built and tried. */
function packed(source, folder) {
  const told = output("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder, source]);
  if (!told) throw new Missing(`npm could not pack ${source}.`);
  // An array in npm up to 11, an object by name after that.
  const [result] = Object.values(JSON.parse(told));
  return result;
}
