// `npm run release`: checks, tests, builds and packs what would be published, and says what that is. It publishes nothing: the last
// lines are the commands that do.

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { checkAdvisories } from "./check.mjs";
import { pack } from "./pack.mjs";
import { test } from "./test.mjs";
import { main, Missing, output, path } from "./tools.mjs";

const FOLDERS = [path(), path("simulator")];

const MANIFESTS = ["package.json", "simulator/package.json"];

const readManifest = (file) => JSON.parse(readFileSync(path(file), "utf8"));

async function release() {
  checkRepository(Object.fromEntries(MANIFESTS.map((file) => [file, readManifest(file)])));
  const version = checkVersions();
  for (const folder of FOLDERS) checkChanges(version, join(folder, "CHANGELOG.md"));
  checkTree();
  if (output("git", ["tag", "--list", `v${version}`]))
    throw new Missing(`There is a tag v${version}. Raise the version everywhere: CONTRIBUTING.md says where.`);
  await test({ all: true });
  if (!(await checkAdvisories()))
    throw new Missing("What is published must have no known weakness: update what is named above, or go where the lists can be asked.");
  checkTree();
  const folder = path("release");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const packages = [];
  for (const source of FOLDERS) packages.push(await pack(source, folder));
  const tag = version.includes("-") ? "next" : "latest";
  for (const { name, size, unpackedSize, integrity, files } of packages) {
    console.log(`\n${name} ${version}: ${files.length} files, ${size} bytes packed, ${unpackedSize} unpacked\n${integrity}`);
    for (const file of files) console.log(`${String(file.size).padStart(9)}  ${file.path}`);
  }
  console.log(`\nNothing was published. To do it, tagged ${tag}:\n  git tag v${version} && git push origin v${version}`);
  for (const { filename } of packages) console.log(`  npm publish ./release/${filename} --access public --tag ${tag}`);
}

/** The GitHub account of the repository before somebody sets it. */
const PLACEHOLDER = /\bOWNER\b/;

/**
 * Checks the fields with which npm finds the repository. `manifests`: the parsed package.json files by their path. Throws `Missing` if a
 * field is absent, contains the placeholder, or differs between the packages.
 */
export function checkRepository(manifests) {
  const fields = Object.entries(manifests).flatMap(([file, { repository, homepage, bugs }]) =>
    Object.entries({ "repository.url": repository?.url, homepage, "bugs.url": bugs?.url }).map(([field, value]) => ({ file, field, value })),
  );
  const unset = fields.filter(({ value }) => typeof value !== "string" || PLACEHOLDER.test(value));
  if (unset.length > 0) {
    const lines = unset.map(({ file, field, value }) => `  ${file}: "${field}" is ${JSON.stringify(value)}`);
    throw new Missing(
      `npm needs the address of the repository. Write the name of the GitHub account instead of OWNER into these fields:\n${lines.join("\n")}`,
    );
  }
  for (const shared of ["repository.url", "bugs.url"]) {
    const found = fields.filter(({ field }) => field === shared);
    if (new Set(found.map(({ value }) => value)).size === 1) continue;
    const lines = found.map(({ file, value }) => `  ${file}: ${JSON.stringify(value)}`);
    throw new Missing(`The packages are in one repository, but "${shared}" differs. Write the same value into each:\n${lines.join("\n")}`);
  }
}

/** The version, which everything that has one agrees on. */
function checkVersions() {
  const [, crate] = /^version = "(.+)"$/m.exec(readFileSync(path("Cargo.toml"), "utf8")) ?? [];
  const found = { "Cargo.toml": crate };
  for (const file of MANIFESTS) found[file] = readManifest(file).version;
  const { packages } = JSON.parse(readFileSync(path("package-lock.json"), "utf8"));
  for (const folder of ["", "simulator"]) found[`package-lock.json, "${folder}"`] = packages[folder].version;
  [, found["Cargo.lock"]] = /^name = "azure-image-client"\nversion = "(.+)"$/m.exec(readFileSync(path("Cargo.lock"), "utf8")) ?? [];
  if (new Set(Object.values(found)).size > 1) throw new Missing(`The versions differ. Write the same one into each: ${JSON.stringify(found)}.`);
  return crate;
}

function checkChanges(version, file) {
  const [heading] = /^## .+$/m.exec(readFileSync(file, "utf8")) ?? [];
  const [, named] = /^## (\S+) \(\d{4}-\d\d-\d\d\)$/.exec(heading ?? "") ?? [];
  if (named === version) return;
  throw new Missing(`${file} begins with "${heading}". Its first heading must be "## ${version} (YYYY-MM-DD)", with what has changed below it.`);
}

function checkTree() {
  const changed = output("git", ["status", "--porcelain"]);
  if (changed !== "") throw new Missing(`What is published must be what is committed. Commit or remove:\n${changed ?? "this is no clone"}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(release);
