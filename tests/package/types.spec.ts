import { copyFile, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { publicApi } from "../types/public-api.js";
import { execute, root, test } from "./installed.js";

for (const [name, folder] of [
  ["azure-image-client", root],
  ["azure-image-simulator", join(root, "simulator")],
] as const) {
  test(`${name} has the public types that it is known to have, each with a name and a comment`, () => {
    const { text, undocumented, unnamed } = publicApi(folder);
    expect.soft(undocumented, "without a comment").toEqual([]);
    expect.soft(unnamed, "mentioned, but not exported").toEqual([]);
    const advice =
      "The public types have changed. If it is meant, say so in CHANGELOG.md, and run `npm run api`, which writes what they are now. What no longer " +
      "compiles for somebody is a breaking change.";
    expect(text, advice).toMatchSnapshot(`${name}.txt`);
  });
}

const COMPILERS = { "TypeScript 7": join(root, "node_modules/.bin/tsc"), "TypeScript 6": join(root, "tests/types/node_modules/.bin/tsc") };
/** Each setting occurs with either compiler: what one forbids does not hang on the other. */
const SETTINGS = [
  { lib: ["es2022", "dom"], module: "nodenext", exactOptionalPropertyTypes: true },
  { lib: ["esnext", "dom"], module: "esnext", moduleResolution: "bundler" },
];

for (const [name, compiler] of Object.entries(COMPILERS)) {
  test(`the types hold under ${name}, strict and without skipLibCheck`, async ({ folder }) => {
    const app = await mkdtemp(join(folder, "app-"));
    await copyFile(join(root, "tests/types/consumer.ts"), join(app, "consumer.ts"));
    for (const setting of SETTINGS) {
      const compilerOptions = {
        ...setting,
        noEmit: true,
        strict: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        target: "es2022",
        types: [],
      };
      await writeFile(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions }));
      const told = await execute(compiler, { cwd: app }).then(
        () => "",
        (error: { stdout: string }) => error.stdout || String(error),
      );
      expect.soft(told, JSON.stringify(setting)).toBe("");
    }
  });
}
