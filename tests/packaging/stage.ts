// Puts the apps where nothing of the house is next to them, each as it would be at a user's, and the packed package beside them.

import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPacked, root } from "../package/packed.js";

const APPS = fileURLToPath(new URL("apps", import.meta.url));

/** The folder of the staged apps. The tools are found above it, the package within it. */
export const STAGE = fileURLToPath(new URL(".work", import.meta.url));

/** Those that need nothing but what all share. */
const SHARED_APPS = ["parcel", "vite-build", "vite-dev"];

export default async function stage(): Promise<void> {
  await rm(STAGE, { recursive: true, force: true });
  await mkdir(STAGE);
  await writeFile(join(STAGE, "package.json"), "{}");
  await installPacked(root, STAGE, "--no-package-lock");
  for (const app of [...SHARED_APPS, ...(await readdir(APPS)).filter((name) => name !== "shared")]) {
    for (const source of ["shared", app].filter((name) => existsSync(join(APPS, name)))) {
      await cp(join(APPS, source), join(STAGE, app), { recursive: true });
    }
  }
}
