import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, test } from "@playwright/test";
import { root } from "./packed.js";

const read = (path: string) => readFile(join(root, path), "utf8");

test("each promise of SECURITY.md names its tests, and they are there", async () => {
  const document = await read("SECURITY.md");
  const promised = document.slice(document.indexOf("## What is promised"), document.indexOf("## What is not"));
  const rows = [...promised.matchAll(/^\| (?!promise )(.+) \| (.+) \|$/gm)];
  expect(rows.length).toBeGreaterThan(15);
  const missing: string[] = [];
  for (const [, promise = "", cell = ""] of rows) {
    // A file, and behind it the names, or beginnings of the names, of tests.
    const named = [...cell.matchAll(/`([\w./-]+)`: ((?:"[^"]+"(?:, )?)+)/g)];
    if (named.length === 0) missing.push(promise);
    for (const [, file = "", titles = ""] of named) {
      const source = await read(file.includes("/") ? file : `tests/client/${file}`);
      const tests = [...source.matchAll(/^(?:#\[test\]\nfn (\w+)\(\) \{| *(?:test|\(.+\))\(\s*["`](.+)["`],)/gm)].map(
        ([, rust, title]) => rust ?? title,
      );
      for (const [, title = ""] of titles.matchAll(/"([^"]+)"/g)) {
        if (!tests.some((test) => test?.includes(title))) missing.push(`${file}: ${title}`);
      }
    }
  }
  expect(missing).toEqual([]);
});

test("a release stops at known weaknesses, and where nobody can be asked for them", { tag: "@nightly" }, async () => {
  expect(await read("scripts/release.mjs")).toMatch(/if \(!\(await checkAdvisories\(\)\)\)\s+throw/);
  const folder = await mkdtemp(join(tmpdir(), "advisories-"));
  /** A program that prints something, and fails for some of its arguments, or in some folder. */
  const program = async (name: string, printed: string, failing: string) => {
    const path = join(folder, name);
    await writeFile(path, `#!/bin/sh\necho '${printed}'\ncase "$PWD/ $*" in *"${failing}"*) exit 1;; esac\n`);
    await chmod(path, 0o755);
    return path;
  };
  const report = '{"auditReportVersion":2}';
  const nothing = "never";
  try {
    for (const [npm, npmFailing, crates, said] of [
      [report, nothing, nothing, ["ok crates", "ok fuzz", "ok packages", "ok everyday", "ok nightly"]],
      [report, "audit", nothing, ["ok crates", "ok fuzz", "WARNING packages", "WARNING everyday", "WARNING nightly"]],
      // Each lockfile is asked about.
      [report, "/tests/packaging/nightly/ audit", nothing, ["ok crates", "ok fuzz", "ok packages", "ok everyday", "WARNING nightly"]],
      ['{"message":"no registry"}', "audit", nothing, ["ok crates", "ok fuzz", "not run packages", "not run everyday", "not run nightly"]],
      [report, nothing, "/ --log-level error check", ["WARNING crates", "ok fuzz", "ok packages", "ok everyday", "ok nightly"]],
      [report, nothing, "tests/fuzz/Cargo.toml", ["ok crates", "WARNING fuzz", "ok packages", "ok everyday", "ok nightly"]],
      [report, nothing, "fetch db", ["not run crates", "ok packages", "ok everyday", "ok nightly"]],
    ] as const) {
      await program("npm", npm, npmFailing);
      const cargoDeny = await program("cargo-deny", "", crates);
      const script = `const { checkAdvisories } = await import("./scripts/check.mjs"); process.exitCode = (await checkAdvisories(process.argv[1])) ? 0 : 7;`;
      const env = { ...process.env, PATH: `${folder}${delimiter}${process.env["PATH"]}` };
      const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", script, cargoDeny], {
        cwd: root,
        env,
        encoding: "utf8",
      });
      const told = [
        ...stdout.matchAll(/^(ok|WARNING|not run) +advisories of (?:(?:crates|packages) of the )?(crates|packages|fuzz|everyday|nightly)\b/gm),
      ];
      // Which of them comes first is chance.
      expect(told.map(([, outcome, what]) => `${outcome} ${what}`).sort(), stdout).toEqual(said.toSorted());
      expect(status, stdout).toBe(said.every((line) => line.startsWith("ok ")) ? 0 : 7);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
