// Puts the results where people see them.

import { mkdir, readFile, writeFile } from "node:fs/promises";

const file = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const README = file("README.md");
const MARKED = /(<!-- bench -->\n)[^]*(<!-- \/bench -->)/;

export async function publish(tables: string, chart: string): Promise<void> {
  const readme = await readFile(README, "utf8");
  if (!MARKED.test(readme)) throw new Error("The README has no place for the results: <!-- bench --> … <!-- /bench -->.");
  await writeFile(
    README,
    readme.replace(MARKED, (_, before: string, after: string) => `${before}\n${tables}\n\n${after}`),
  );
  await mkdir(file("docs"), { recursive: true });
  await writeFile(file("docs/bench.svg"), chart);
}
