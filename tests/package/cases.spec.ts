import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");

test("each case from the field has the test that the table names", () => {
  const rows = [...read("tests/cases.md").matchAll(/^\| (?<name>.+?) \| .+ \| `(?<file>[^`]+)`: (?<title>.+) \|$/gm)];
  expect(rows.length).toBeGreaterThan(60);
  for (const { groups } of rows) {
    const { name = "", file = "", title = "" } = groups ?? {};
    expect.soft(read(file), `${name}: ${file}`).toContain(title);
  }
});
