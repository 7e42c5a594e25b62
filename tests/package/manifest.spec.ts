import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { expect } from "@playwright/test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { pack, root, SOURCES, test, type Name } from "./packed.js";

for (const name of Object.keys(SOURCES) as Name[]) {
  test.describe(name, () => {
    test("is a package that publint has nothing to say against", async ({ packed }) => {
      const { tarball, manifest } = packed[name];
      const { buffer, byteOffset, byteLength } = tarball;
      const { messages } = await publint({ pack: { tarball: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer }, strict: true });
      expect(messages.map((message) => formatMessage(message, manifest, { color: false }))).toEqual([]);
    });

    test("has types for each way to import it that resolve where modules are", async ({ packed }) => {
      const { tarball, manifest } = packed[name];
      // What is no program, such as the WebAssembly, each tool imports in its own way, and so with types of its own.
      const assets = Object.entries(manifest.exports).flatMap(([path, target]) =>
        typeof target === "string" && !target.endsWith("js") ? [path] : [],
      );
      const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)), { excludeEntrypoints: assets });
      const problems = "problems" in analysis ? analysis.problems : [{ kind: "NoTypes" as const }];
      // It is for `import`, and for what reads `exports`.
      const found = problems.filter((problem) => !("resolutionKind" in problem && /^(node10|node16-cjs)$/.test(problem.resolutionKind)));
      expect(found).toEqual([]);
    });

    test("publishes nothing but what a user needs, with types before programs", ({ packed }) => {
      const { files, manifest } = packed[name];
      const papers = ["package.json", "README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"];
      expect([...files.keys()].filter((path) => papers.includes(path))).toHaveLength(papers.length);
      const others = [...files.keys()].filter((path) => !papers.includes(path));
      const beside = name === "azure-image-client" ? ["react/package.json", "vue/package.json"] : ["bin/azure-image-simulator.js"];
      expect(others.filter((path) => !/^dist\/.+(\.js|\.js\.map|\.d\.ts|\.wasm)$/.test(path))).toEqual(beside);
      expect(manifest.exports["./package.json"]).toBe("./package.json");
      for (const target of Object.values(manifest.exports)) {
        if (typeof target === "object") expect(Object.keys(target)[0]).toBe("types");
        for (const path of typeof target === "object" ? Object.values(target) : [target]) expect([...files.keys()]).toContain(normalize(path));
      }
    });

    test("has no path of the machine that built it, and maps to sources that it brings along", ({ packed }) => {
      const { files } = packed[name];
      for (const [path, content] of files) {
        for (const machine of [root, `${homedir()}/`]) expect(content.includes(machine), `${machine} in ${path}`).toBe(false);
        const [, map] = /\n\/\/# sourceMappingURL=(.+)\s*$/.exec(path.endsWith(".js") ? String(content) : "") ?? [];
        if (!map) continue;
        const { sources, sourcesContent } = JSON.parse(String(files.get(join(dirname(path), map)))) as {
          sources: string[];
          sourcesContent: string[];
        };
        expect(sources.every((source) => !source.startsWith("/"))).toBe(true);
        expect(sourcesContent.map((source) => source.length > 0)).toEqual(sources.map(() => true));
      }
      expect(
        [...files].filter(([path, content]) => /^dist\/(?!wasm\/|proxy\/prices\.js).+\.js$/.test(path) && !content.includes("sourceMappingURL")),
      ).toEqual([]);
    });
  });
}

test("the client is two modules of WebAssembly, and depends on nothing while it runs", ({ packed }) => {
  const { files, manifest } = packed["azure-image-client"];
  expect([...files.keys()].filter((path) => path.endsWith(".wasm"))).toEqual([
    "dist/wasm/azure_image_client_bg.wasm",
    "dist/wasm/azure_image_client_more.wasm",
  ]);
  expect(manifest.dependencies).toBeUndefined();
  // What is a peer, and not optional, npm installs.
  expect(manifest.peerDependenciesMeta).toEqual({ react: { optional: true }, vue: { optional: true } });
  expect(Object.keys(manifest.peerDependencies ?? {})).toEqual(["react", "vue"]);
});

test("each entry imports its own framework, and the others none", ({ packed }) => {
  const { files, manifest } = packed["azure-image-client"];
  /** Packages that a module imports statically, itself or through other modules. */
  const packages = (entry: string) => {
    const modules = new Set([normalize(entry)]);
    const found = new Set<string>();
    for (const module of modules) {
      for (const [, specifier = ""] of String(files.get(module)).matchAll(/^(?:import|export)\b(?:[^"';]*\bfrom)?\s*"([^"]+)"/gm)) {
        if (specifier.startsWith(".")) modules.add(join(dirname(module), specifier));
        else found.add(specifier);
      }
    }
    expect(modules.size).toBeGreaterThan(1);
    return [...found];
  };
  const entries = Object.values(manifest.exports).flatMap((target) => (typeof target === "object" ? Object.values(target) : []));
  const programs = [...new Set(entries.filter((path) => path.endsWith(".js")))];
  expect(Object.fromEntries(programs.map((path) => [path, packages(path)]))).toEqual({
    "./dist/workerd.js": [],
    "./dist/inline.js": [],
    "./dist/index.js": [],
    "./dist/react/index.js": ["react"],
    "./dist/vue/index.js": ["vue"],
    "./dist/proxy/index.js": [],
  });
});

test("the simulator runs where what it depends on does, has a program, and is of the client's version", async ({ packed }) => {
  const { files, manifest } = packed["azure-image-simulator"];
  expect(Object.keys(manifest.dependencies ?? {})).toEqual(["sharp"]);
  const sharp = JSON.parse(await readFile(join(root, "node_modules/sharp/package.json"), "utf8")) as { engines: { node: string } };
  expect([manifest.engines.node, sharp.engines.node]).toEqual([">=20.9", ">=20.9.0"]);
  expect([...files.keys()]).toContain(normalize(manifest.bin?.["azure-image-simulator"] ?? ""));
  expect(manifest.version).toBe(packed["azure-image-client"].manifest.version);
});

test("what is packed twice, of what is compiled in two places, is the same to the byte", { tag: "@nightly" }, async ({ packed }) => {
  const folder = await mkdtemp(join(tmpdir(), "again-"));
  // The WebAssembly is taken as it is: its second build would take a minute. CONTRIBUTING.md says how to compare it.
  for (const path of [
    "package.json",
    "README.md",
    "CHANGELOG.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "tsconfig.base.json",
    "js",
    "proxy",
    "src/models/catalog.json",
    "react",
    "vue",
    "dist/wasm",
  ]) {
    await cp(join(root, path), join(folder, path), { recursive: true });
  }
  for (const path of ["package.json", "README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE", "tsconfig.json", "bin", "src"]) {
    await cp(join(root, "simulator", path), join(folder, "simulator", path), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const { compile } = (await import(String(new URL("../../scripts/build.mjs", import.meta.url)))) as { compile(folder: string): Promise<void> };
  await compile(folder);
  const again = { "azure-image-client": folder, "azure-image-simulator": join(folder, "simulator") };
  for (const name of Object.keys(SOURCES) as Name[]) {
    expect(hash(await readFile(await pack(again[name], folder))), name).toBe(hash(packed[name].tarball));
  }
  await rm(folder, { recursive: true });
});

const hash = (content: Buffer): string => createHash("sha512").update(content).digest("hex");
