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

/** The code blocks that are programs of a page. */
export const snippets: Snippet[] = [];

let heading = "";
for (const [, title, language = "", code = ""] of readme.matchAll(/^#+ (.+)$|^```(js|html|jsx)\n([^]*?)^```$/gm)) {
  if (title) heading = title;
  else snippets.push({ heading, language, code });
}
