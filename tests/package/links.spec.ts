import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { expect, test } from "@playwright/test";
import { root } from "./packed.js";

const NOT_OURS = /^(\..*|node_modules|target|dist|test-results)$/;

/** The Markdown files below a folder. */
async function documentsIn(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !NOT_OURS.test(name));
  const below = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? documentsIn(path) : entry.name.endsWith(".md") ? [path] : [];
    }),
  );
  return below.flat();
}

/** The text without its programs, where a bracket is no link. */
const prose = (text: string): string =>
  text.replaceAll(/^(```+)[^]*?^\1$/gm, "").replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()<>#]/g, ""));

/** The anchors that GitHub gives to headings. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of prose(text).matchAll(/^#+ (.+)$/gm)) {
    const words = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "");
    const anchor = words.trim().replaceAll(" ", "-");
    let count = 0;
    let unique = anchor;
    while (anchors.has(unique)) unique = `${anchor}-${++count}`;
    anchors.add(unique);
  }
  return anchors;
}

/** What is wrong with a link of a document; empty if nothing is. */
async function fault(document: string, link: string): Promise<string> {
  if (/^[a-z]+:/i.test(link)) return URL.canParse(link) && link.startsWith("https://") && !/[\s"<>]/.test(link) ? "" : "is no https address";
  const [path = "", anchor] = link.split("#");
  const target = path ? join(dirname(document), decodeURIComponent(path)) : document;
  if (!existsSync(target)) return "leads to no file";
  if (anchor === undefined) return "";
  if ((await stat(target)).isDirectory() || !target.endsWith(".md")) return "has an anchor, where there are none";
  return anchorsOf(await readFile(target, "utf8")).has(anchor) ? "" : "leads to no heading";
}

for (const document of await documentsIn(root)) {
  const name = relative(root, document);
  test(`every link of ${name} leads somewhere`, async () => {
    const text = prose(await readFile(document, "utf8"));
    const inline = [...text.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)];
    const referenced = [...text.matchAll(/^\[[^\]]+\]: (\S+)/gm)];
    const tags = [...text.matchAll(/<(?:a|img)\b[^>]*? (?:href|src)="([^"]*)"/g)];
    const links = [...inline, ...referenced, ...tags].map(([, link = ""]) => link);
    const faults = await Promise.all([...new Set(links)].map(async (link) => [link, await fault(document, link)]));
    expect(faults.filter(([, what]) => what)).toEqual([]);
  });
}
