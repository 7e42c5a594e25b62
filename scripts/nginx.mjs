// An nginx for the tests of the proxy's configuration: one that is there, or else one that gets installed.

import { existsSync } from "node:fs";
import { output, run } from "./tools.mjs";

/** Tries to have one. The tests that need it are skipped without. */
export async function ensureNginx() {
  if (installedNginx() || process.getuid?.() !== 0 || !output("apt-get", ["--version"])) return;
  // The tests need the program, and nobody a web server that starts at once on port 80.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", SYSTEMD_OFFLINE: "1" };
  try {
    await run("apt-get", ["update", "-qq"], { env });
    await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "nginx-light"], { env });
  } catch (error) {
    console.warn(`nginx could not be installed, so its tests are skipped: ${error.message}`);
  }
}

/** The path of the program; `undefined` when there is none. */
export function installedNginx() {
  // Debian has it where the PATH of most users does not lead.
  const candidates = [process.env.NGINX_PATH, output("which", ["nginx"]), "/usr/sbin/nginx"];
  return candidates.find((candidate) => candidate && existsSync(candidate));
}
