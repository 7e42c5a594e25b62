import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test as base } from "@playwright/test";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const execute = promisify(execFile);

/** Packs a package as it was built, and gives the path of the tarball. */
export async function pack(source: string, destination: string): Promise<string> {
  const { stdout } = await execute("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", destination], { cwd: source });
  // An array in npm up to 11, an object by name after that.
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, { filename: string }>);
  return join(destination, packed?.filename ?? "");
}

/** Packs the package of the folder `source`, and installs it in another. */
export async function installPacked(source: string, folder: string, ...options: string[]): Promise<void> {
  await execute("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...options, await pack(source, folder)], { cwd: folder });
}

/** A folder with nothing but a package that was packed from `source`, installed as its users do it. */
export async function install(source: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "azure-image-client-"));
  await installPacked(source, folder);
  return folder;
}

/** Nothing that is published tells of the machine that built it. */
export function expectNoMachine(name: string, content: Buffer): void {
  for (const path of [root, `${homedir()}/`]) expect(content.includes(path), `${path} in ${name}`).toBe(false);
}

/** The names of the files of a package, which must not hold a path of the machine that built it. */
export async function inspect(installed: string): Promise<string[]> {
  const entries = (await readdir(installed, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const names = entries.map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));
  for (const name of names) {
    expectNoMachine(name, await readFile(join(installed, name)));
  }
  return names;
}

/** Compiles a program of a user of the package: strictly, and with the types of the package checked too. */
export async function compile(folder: string, program: string, libraries: string): Promise<void> {
  for (const [module, moduleResolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ] as const) {
    const flags = [
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "false",
      "--target",
      "es2022",
      "--lib",
      libraries,
      "--types",
      "",
      "--module",
      module,
      "--moduleResolution",
      moduleResolution,
    ];
    await execute(join(root, "node_modules", ".bin", "tsc"), [...flags, program], { cwd: folder }).catch((error: { stdout: string }) => {
      throw new Error(error.stdout);
    });
  }
}

/** A folder with the client. */
export const test = base.extend<object, { folder: string }>({
  folder: [
    async ({}, use) => {
      const folder = await install(root);
      await use(folder);
      await rm(folder, { recursive: true });
    },
    { scope: "worker" },
  ],
});
