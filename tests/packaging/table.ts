// Prints what came out, a row for each tool.

import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

const COLUMNS = ["version", "result", "JS bytes", "wasm bytes", "loaded once", "streaming"] as const;
const NUMBERS: string[] = ["JS bytes", "wasm bytes"];

/** What a test tells of its row; the result is not its to tell. */
export type Row = Partial<Record<Exclude<(typeof COLUMNS)[number], "result">, string>>;

export const ROW = "row";

export default class Table implements Reporter {
  readonly #lines: string[][] = [];

  onTestEnd(test: TestCase, { status, annotations }: TestResult): void {
    const told = annotations.find(({ type }) => type === ROW)?.description;
    if (told === undefined) return;
    const row: Record<string, string> = { ...(JSON.parse(told) as Row), result: status };
    this.#lines.push([test.title, ...COLUMNS.map((column) => row[column] ?? "–")]);
  }

  onEnd(): void {
    const head = ["tool", ...COLUMNS];
    const lines = [head, ...this.#lines.sort(([one = ""], [other = ""]) => one.localeCompare(other, "en"))];
    const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
    for (const line of lines) {
      const cells = line.map((cell, column) => {
        const width = widths[column] ?? 0;
        return NUMBERS.includes(head[column] ?? "") ? cell.padStart(width) : cell.padEnd(width);
      });
      console.log(`| ${cells.join(" | ")} |`);
      if (line === head) console.log(`|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`);
    }
  }
}
