import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test as base } from "@playwright/test";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const execute = promisify(execFile);

/** Packs the package, and installs it in a folder. */
export async function installPacked(folder: string, ...options: string[]): Promise<void> {
  const { stdout } = await execute("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: root });
  // An array in npm up to 11, an object by name after that.
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, { filename: string }>);
  await execute("npm", ["install", "--no-audit", "--no-fund", ...options, join(folder, packed?.filename ?? "")], { cwd: folder });
}

/** A folder with nothing but the packed package, installed as its users do it. */
export const test = base.extend<object, { folder: string }>({
  folder: [
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), "azure-image-client-"));
      await installPacked(folder);
      await use(folder);
      await rm(folder, { recursive: true });
    },
    { scope: "worker" },
  ],
});
