import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { root, test } from "./packed.js";
import { AT_START, FORMS, measure } from "./size.js";

// The table of the README is the budget: one place, which everybody sees, and which cannot be out of date.
const MARKED = /<!-- size -->\n\n([^]*)\n\n<!-- \/size -->/;

/**
 * How far, in kB, a part may be from what the README says: a hundredth, since not every change is worth an edit, nor does every zlib
 * compress alike, and half of the last digit.
 */
const tolerance = (told: number): number => told * 0.01 + 0.05;

/** Maximum size of what a page loads at its start, in kB with brotli. */
const MAX_START = 12;

test("an app downloads what the README says, and no more", async ({ folder }) => {
  const measured = await measure(folder);
  const start = measured.filter(({ when }) => when === AT_START).reduce((total, { bytes }) => total + (bytes[FORMS.indexOf("brotli")] ?? 0), 0);
  expect(start / 1000, "kB at the start").toBeLessThanOrEqual(MAX_START);
  const parts = measured.map(({ name, when, bytes }) => ({ name, when, cells: bytes.map((count) => (count / 1000).toFixed(1)) }));
  const table = markdown([["", "loaded", ...FORMS.map((form) => `${form}, kB`)], ...parts.map(({ name, when, cells }) => [name, when, ...cells])]);
  console.log(`\n${table}\n`);

  const [, budget = ""] = MARKED.exec(await readFile(join(root, "README.md"), "utf8")) ?? [];
  const told = new Map(rows(budget).map(([name = "", , ...cells]) => [name, cells]));
  const changes = parts.flatMap(({ name, cells }) =>
    cells.flatMap((cell, form) => {
      const [before, now] = [Number(told.get(name)?.[form] ?? 0), Number(cell)];
      if (Math.abs(now - before) <= tolerance(before)) return [];
      return [`${name}, ${FORMS[form]}: ${now > before ? "grew" : "shrank"} from ${before} kB to ${now} kB`];
    }),
  );
  const advice =
    "Find out what brought it: `npm run size` shows what is in the WebAssembly. If it is worth it, put the table above into the README, " +
    "under Size, in the same commit, and say in its message why.";
  expect(changes, advice).toEqual([]);
  expect([...told.keys()].slice(2), "the rows of the README").toEqual(parts.map(({ name }) => name));
});

/** Aligned, for who reads it in a terminal. */
function markdown(lines: string[][]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const [head, ...body] = lines.map((line) => {
    const cells = line.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)));
    return `| ${cells.join(" | ")} |`;
  });
  const rule = widths.map((width, column) => (column < 2 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`));
  return [head, `|${rule.join("|")}|`, ...body].join("\n");
}

function rows(table: string): string[][] {
  return table.split("\n").map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
