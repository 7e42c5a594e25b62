// Image files that others made: the tests of Pillow, from its source archive at PyPI.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { step } from "./steps.mjs";
import { Missing, path, run } from "./tools.mjs";

/** To update them, take the version and the sha256 of its .tar.gz from https://pypi.org/simple/pillow/. */
const VERSION = "13.0.0";
const SHA256 = "cdcd1ba258178f7356d74170c9a81ba4eab6a5d55748bc402a5a2a6fe6be3510";

const FOLDER = path("node_modules", ".cache", "image-files");
const FILES = path("node_modules", ".cache", "image-files", `pillow-${VERSION}`, "Tests", "images");

/** Returns the folder of the files, which are downloaded once. */
export async function findImageFiles() {
  if (existsSync(FILES)) return FILES;
  await step("Download image files", async () => {
    const archive = await download(`pillow-${VERSION}.tar.gz`);
    const partial = path("node_modules", ".cache", `image-files-${process.pid}`);
    mkdirSync(partial, { recursive: true });
    try {
      writeFileSync(`${partial}/pillow.tar.gz`, archive);
      await run("tar", ["-xzf", `${partial}/pillow.tar.gz`, "-C", partial, `pillow-${VERSION}/Tests/images`]);
      rmSync(`${partial}/pillow.tar.gz`);
      rmSync(FOLDER, { recursive: true, force: true });
      renameSync(partial, FOLDER);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  });
  return FILES;
}

/** Downloads a file of the package from the index that pip uses, and verifies its hash. */
async function download(name) {
  const index = (process.env.PIP_INDEX_URL ?? "https://pypi.org/simple").replace(/\/$/, "");
  try {
    const list = await fetch(`${index}/pillow/`, { headers: { accept: "application/vnd.pypi.simple.v1+json" } });
    const { files } = await list.json();
    const file = files.find(({ filename }) => filename === name);
    const bytes = Buffer.from(await (await fetch(new URL(file.url, list.url))).arrayBuffer());
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    if (sha256 !== SHA256) throw new Error(`its sha256 is ${sha256}`);
    return bytes;
  } catch (cause) {
    throw new Missing(`The test of image files needs ${name} of ${index}, which could not be downloaded: ${cause.message}`);
  }
}
