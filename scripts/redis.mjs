// A Redis server for the test of the proxy's store: an installed one, or else one that gets installed.

import { installFromDebian } from "./debian.mjs";
import { output } from "./tools.mjs";

/** Tries to install one. The test that needs it is skipped without. */
export async function ensureRedis() {
  if (!installedRedis()) await installFromDebian(["redis-server"]);
}

/** Returns the path of the program, or an empty string if there is none. */
export const installedRedis = () => process.env.REDIS_PATH ?? output("which", ["redis-server"])?.trim() ?? "";
