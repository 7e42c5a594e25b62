#!/usr/bin/env node
// The command. It is not compiled because npm links the commands of a clone during installation, before the build.

import { existsSync } from "node:fs";

const program = new URL("../dist/cli.js", import.meta.url);
if (existsSync(program)) await import(program.href);
else {
  console.error("azure-image-simulator is not built yet. Run this command in the root of the repository:\n  npm run build");
  process.exitCode = 1;
}
