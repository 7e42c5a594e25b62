// Debian's packages, for programs that the tests need and the machine has not.

import { print, step } from "./steps.mjs";
import { output, run } from "./tools.mjs";

/** Installs packages where this may be done; where it fails, it says so. The caller looks whether the programs are there. */
export async function installFromDebian(packages) {
  if (process.getuid?.() !== 0 || !output("apt-get", ["--version"])) return;
  // The tests need the programs, and nobody services that start at once, nor questions.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", SYSTEMD_OFFLINE: "1" };
  await step(`Install ${packages.join(", ")}`, async () => {
    try {
      await run("apt-get", ["update", "-qq"], { env });
      await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { env });
    } catch (error) {
      print(`Not installed: ${error.message}`);
    }
  });
}
