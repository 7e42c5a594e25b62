// Copies the apps to a folder without files of this project next to them, as a user has them, with the packed package beside them.

import { existsSync } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPacked, root } from "../package/packed.js";

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A group of tools with a separate lockfile: those of `npm test`, or the others. */
export type Group = "everyday" | "nightly";

export const GROUPS: Group[] = ["everyday", "nightly"];

/** The folder in which the tools of a group are installed. */
export const groupFolder = (group: Group): string => folder(group);

/** The folder of the staged apps of a group. The tools are found above it, the package within it. */
export const stageFolder = (group: Group): string => join(groupFolder(group), ".work");

/** Stages the app of a tool under the name of the test, and returns its folder. */
export async function stageApp(group: Group, app: string, name: string): Promise<string> {
  const staged = join(stageFolder(group), name.replaceAll(/\W+/g, "-").toLowerCase());
  for (const source of ["apps/shared", `apps/${app}`].map(folder).filter((path) => existsSync(path))) await cp(source, staged, { recursive: true });
  return staged;
}

/** Installs the packed package for each group whose tools are installed. */
export default async function stage(): Promise<void> {
  for (const group of GROUPS.filter((group) => existsSync(join(groupFolder(group), "node_modules")))) {
    const stage = stageFolder(group);
    await rm(stage, { recursive: true, force: true });
    await mkdir(stage);
    await writeFile(join(stage, "package.json"), "{}");
    await installPacked(root, stage, "--no-package-lock");
  }
}
