import { cp, mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "@playwright/test";
import { publicApi } from "../types/public-api.js";
import { execute, root, SOURCES, test } from "./packed.js";

for (const [name, source] of Object.entries(SOURCES)) {
  test(`${name} has the public types that it is known to have, each with a name and a comment`, () => {
    const { text, undocumented, unnamed } = publicApi(source);
    expect.soft(undocumented, "without a comment").toEqual([]);
    expect.soft(unnamed, "mentioned, but not exported").toEqual([]);
    const advice =
      "The public types have changed. If it is meant, say so in CHANGELOG.md, and run `npm run api`, which writes what they are now. What no longer " +
      "compiles for somebody is a breaking change.";
    expect(text, advice).toMatchSnapshot(`${name}.txt`);
  });
}

/** The two newest majors, and the oldest that the README says will do. */
const COMPILERS = { "TypeScript 7": ".", "TypeScript 6": "tests/types", "TypeScript 5.7": "tests/oldest" };
/** Each kind of module and each library occurs with every compiler: what one forbids does not hang on the other. */
const PROGRAMS = [
  { files: ["client.ts", "react.tsx"], lib: ["es2022", "dom"], module: "nodenext", exactOptionalPropertyTypes: true, jsx: "react-jsx" },
  { files: ["client.ts", "react.tsx"], lib: ["esnext", "dom"], module: "esnext", moduleResolution: "bundler", jsx: "react-jsx" },
  // Vue's own declarations take a minute to check. The build and the programs above have checked ours.
  { files: ["vue.ts"], lib: ["es2022", "dom"], module: "esnext", moduleResolution: "bundler", skipLibCheck: true },
  { files: ["simulator.ts"], lib: ["es2022"], module: "nodenext", exactOptionalPropertyTypes: true },
  { files: ["proxy.ts"], lib: ["es2022"], types: ["node"], module: "nodenext", exactOptionalPropertyTypes: true },
];

for (const [name, home] of Object.entries(COMPILERS)) {
  test(`the types hold under ${name}, strict and without skipLibCheck`, { tag: name === "TypeScript 7" ? [] : "@nightly" }, async ({ folder }) => {
    const app = await mkdtemp(join(folder, "app-"));
    await cp(join(root, "tests/types/consumers"), app, { recursive: true });
    await writeFile(join(app, "package.json"), '{ "type": "module" }');
    // Beside the packages that the types import.
    await cp(join(folder, "node_modules"), join(app, "node_modules"), { recursive: true });
    for (const each of ["@types/react", "@types/node", "undici-types", "csstype", "vue", "@vue"]) {
      await mkdir(dirname(join(app, "node_modules", each)), { recursive: true });
      await symlink(join(root, "node_modules", each), join(app, "node_modules", each));
    }
    for (const { files, ...setting } of PROGRAMS) {
      const compilerOptions = {
        noEmit: true,
        strict: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        // Those of TypeScript itself are not ours to check, and are most of the work.
        skipDefaultLibCheck: true,
        target: "es2022",
        types: [],
        ...setting,
      };
      await writeFile(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
      const told = await execute(join(root, home, "node_modules/.bin/tsc"), { cwd: app }).then(
        () => "",
        (error: { stdout: string }) => error.stdout || String(error),
      );
      expect.soft(told, JSON.stringify({ files, ...setting })).toBe("");
    }
  });
}
