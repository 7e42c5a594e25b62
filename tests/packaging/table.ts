// Prints the results, a row for each tool.

import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

const COLUMNS = ["version", "dev", "build", "JS bytes", "WebAssembly"] as const;

type Column = (typeof COLUMNS)[number];

/** The row of a tool, and the cells that a test fills. The test's outcome goes into the column `outcome`. */
export interface Cells extends Partial<Record<Column, string>> {
  tool: string;
  outcome: "dev" | "build";
}

export const CELLS = "cells";

export default class Table implements Reporter {
  readonly #rows = new Map<string, Partial<Record<Column, string>>>();

  onTestEnd(_test: TestCase, { status, annotations }: TestResult): void {
    const cells = annotations.find(({ type }) => type === CELLS)?.description;
    if (cells === undefined) return;
    const { tool, outcome, ...rest } = JSON.parse(cells) as Cells;
    this.#rows.set(tool, { ...this.#rows.get(tool), ...rest, [outcome]: status });
  }

  onEnd(): void {
    if (this.#rows.size === 0) return;
    const rows = [...this.#rows].map(([tool, cells]) => [tool, ...COLUMNS.map((column) => cells[column] ?? "–")]);
    const lines = [["tool", ...COLUMNS], ...rows.sort(([one = ""], [other = ""]) => one.localeCompare(other, "en"))];
    const widths = ["tool", ...COLUMNS].map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
    lines.splice(
      1,
      0,
      widths.map((width) => "-".repeat(width)),
    );
    for (const line of lines) console.log(`| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  }
}
