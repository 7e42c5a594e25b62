import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
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
    const named = [...cell.matchAll(/`([\w./]+)`: ((?:"[^"]+"(?:, )?)+)/g)];
    if (named.length === 0) missing.push(promise);
    for (const [, file = "", titles = ""] of named) {
      const source = await read(file.includes("/") ? file : `tests/browser/${file}`);
      const tests = [...source.matchAll(/^(?:fn (\w+)\(\) \{| *(?:\w+|\(.+\))\(\s*["`](.+)["`],)/gm)].map(([, rust, title]) => rust ?? title);
      for (const [, title = ""] of titles.matchAll(/"([^"]+)"/g)) {
        if (!tests.some((test) => test?.includes(title))) missing.push(`${file}: ${title}`);
      }
    }
  }
  expect(missing).toEqual([]);
});

test("a release stops at known weaknesses, and where nobody can be asked for them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "advisories-"));
  try {
    const npm = join(folder, "npm");
    const ask = async (answer: string, exitCode: number) => {
      await writeFile(npm, `#!/bin/sh\necho '${answer}'\nexit ${exitCode}\n`);
      await chmod(npm, 0o755);
      const script = 'import { checkAdvisories } from "./scripts/check.mjs"; console.log(String(await checkAdvisories()));';
      // No way out of this machine.
      const nowhere = { https_proxy: "http://127.0.0.1:1", HTTPS_PROXY: "http://127.0.0.1:1", CARGO_HOME: folder, CARGO_NET_OFFLINE: "true" };
      const env = { ...process.env, ...nowhere, PATH: `${folder}${delimiter}${process.env["PATH"]}` };
      const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], { cwd: root, env });
      return stdout.split("\n");
    };
    for (const [answer, exitCode, said] of [
      ['{"auditReportVersion":2}', 0, /^ok +advisories of packages/],
      ['{"auditReportVersion":2,"vulnerabilities":{"a":{}}}', 1, /^WARNING advisories of packages/],
      ['{"message":"no registry"}', 1, /^not run +advisories of packages/],
    ] as const) {
      const lines = await ask(answer, exitCode);
      expect(lines).toContainEqual(expect.stringMatching(said));
      expect(lines).toContainEqual(expect.stringMatching(/^not run +advisories of crates/));
      expect(lines.at(-2)).toBe("false");
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
