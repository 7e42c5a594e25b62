// An nginx for the tests of the proxy's configuration: one that is there, or else one that gets installed.

import { existsSync } from "node:fs";
import { installFromDebian } from "./debian.mjs";
import { output } from "./tools.mjs";

/** Tries to have one. The tests that need it are skipped without. */
export async function ensureNginx() {
  if (!installedNginx()) await installFromDebian(["nginx-light"]);
}

/** The path of the program; `undefined` when there is none. */
export function installedNginx() {
  // Debian has it where the PATH of most users does not lead.
  const candidates = [process.env.NGINX_PATH, output("which", ["nginx"]), "/usr/sbin/nginx"];
  return candidates.find((candidate) => candidate && existsSync(candidate));
}
