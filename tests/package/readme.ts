import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./packed.js";

export const readme = await readFile(join(root, "README.md"), "utf8");

/** A code block of the README, and the heading above it. */
export interface Snippet {
  heading: string;
  language: string;
  code: string;
}

/** The code blocks of the section "60 seconds": complete files of an app. */
export const firstSteps: Snippet[] = [];

/** The other code blocks that are programs of a page. */
export const snippets: Snippet[] = [];

let section = "";
let heading = "";
for (const [, level, title = "", language = "", code = ""] of readme.matchAll(/^(#+) (.+)$|^```(js|ts|html|jsx|vue)\n([^]*?)^```$/gm)) {
  if (level) heading = title;
  if (level === "##") section = title;
  if (!level) (section === "60 seconds" ? firstSteps : snippets).push({ heading, language, code });
}
