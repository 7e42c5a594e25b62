// Both packages as they are published.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test as base } from "@playwright/test";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const execute = promisify(execFile);

const { pack: packInto } = (await import(join(root, "scripts/pack.mjs"))) as {
  pack(source: string, destination: string): Promise<{ filename: string }>;
};

const PACKED = join(root, "target/packed");

/** The folders of what is published. */
export const SOURCES = { "azure-image-client": root, "azure-image-simulator": join(root, "simulator") };
export type Name = keyof typeof SOURCES;

interface Manifest {
  version: string;
  license: string;
  exports: Record<string, string | { types: string; default: string }>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional: boolean }>;
  engines: { node: string };
}

interface Packed {
  tarball: Buffer;
  manifest: Manifest;
  /** What is in it, by path. */
  files: Map<string, Buffer>;
}

export const test = base.extend<object, { folder: string; packed: Record<Name, Packed> }>({
  /** Has both in its `node_modules`. */
  folder: [
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), "packed-"));
      await cp(PACKED, folder, { recursive: true });
      await use(folder);
      await rm(folder, { recursive: true });
    },
    { scope: "worker" },
  ],
  packed: [
    async ({ folder }, use) => {
      const read = async (name: string): Promise<[string, Packed]> => {
        const files = await filesIn(join(folder, "node_modules", name));
        const manifest = JSON.parse(String(files.get("package.json"))) as Manifest;
        return [name, { tarball: await readFile(join(folder, `${name}-${manifest.version}.tgz`)), files, manifest }];
      };
      await use(Object.fromEntries(await Promise.all(Object.keys(SOURCES).map(read))) as Record<Name, Packed>);
    },
    { scope: "worker" },
  ],
});

/** Packs both packages and unpacks them into `target/packed/node_modules`. Each worker copies `target/packed`. */
export async function packAll(): Promise<void> {
  await rm(PACKED, { recursive: true, force: true });
  const unpack = async ([name, source]: [string, string]): Promise<void> => {
    const unpacked = join(PACKED, "node_modules", name);
    await mkdir(unpacked, { recursive: true });
    await execute("tar", ["-xf", await pack(source, PACKED), "--strip-components=1", "-C", unpacked]);
  };
  await Promise.all(Object.entries(SOURCES).map(unpack));
}

/** Packs a package as a release does, and gives the path of the tarball. */
export async function pack(source: string, destination: string): Promise<string> {
  return join(destination, (await packInto(source, destination)).filename);
}

/** Packs the package of the folder `source`, and installs it in another, as its users do it. */
export async function installPacked(source: string, folder: string, ...options: string[]): Promise<void> {
  await execute("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...options, await pack(source, folder)], { cwd: folder });
}

async function filesIn(folder: string): Promise<Map<string, Buffer>> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(await Promise.all(paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const)));
}
