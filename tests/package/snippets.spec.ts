import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { execute, root, test } from "./packed.js";
import { snippets } from "./readme.js";

/** What is around a snippet: a way to get a token, and a page that has the elements that it asks for. */
const PAGE = `import type { TokenFunction } from "azure-image-client";
declare global {
  const getToken: TokenFunction;
  interface ParentNode {
    querySelector<Name extends keyof HTMLElementTagNameMap>(name: Name): HTMLElementTagNameMap[Name];
  }
}`;

test("the snippets of the README hold under strict", async ({ folder }) => {
  const place = join(folder, "snippets");
  await mkdir(place);
  const modules = snippets.filter(({ language }) => language !== "html");
  expect(modules.length).toBeGreaterThan(10);
  for (const { heading, language, code } of modules) {
    const [, script] = /^<script setup>\n([^]*?)<\/script>/.exec(code) ?? [];
    await writeFile(join(place, `${heading.replaceAll(/\W+/g, "-")}.${script === undefined ? language : "js"}`), script ?? code);
  }
  await writeFile(join(place, "page.d.ts"), PAGE);
  const compilerOptions = {
    noEmit: true,
    strict: true,
    checkJs: true,
    // Those of the package are checked elsewhere.
    skipLibCheck: true,
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["es2022", "dom", "dom.iterable"],
    jsx: "react-jsx",
    types: [],
    // What the snippets import beside the package is installed for the tests, not next to it.
    paths: {
      "@azure/*": [join(root, "node_modules/@azure/*")],
      react: [join(root, "node_modules/@types/react")],
      "react/*": [join(root, "node_modules/@types/react/*")],
      vue: [join(root, "node_modules/vue")],
    },
  };
  await writeFile(join(place, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["."] }));
  await execute(join(root, "node_modules", ".bin", "tsc"), ["-p", place]).catch((error: { stdout: string }) => {
    throw new Error(error.stdout);
  });
});
