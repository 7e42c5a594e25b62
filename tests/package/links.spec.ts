import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { expect, test } from "@playwright/test";
import { execute, root, SOURCES } from "./packed.js";

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

/** The targets of all links and images of a document. */
function linksOf(document: string): string[] {
  const text = prose(document);
  const inline = [...text.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)];
  const referenced = [...text.matchAll(/^\[[^\]]+\]: (\S+)/gm)];
  const tags = [...text.matchAll(/<(?:a|img)\b[^>]*? (?:href|src)="([^"]*)"/g)];
  return [...new Set([...inline, ...referenced, ...tags].map(([, link = ""]) => link))];
}

/** What is wrong with a link of a document; empty if nothing is. */
async function fault(document: string, link: string): Promise<string> {
  if (/^[a-z]+:/i.test(link)) return URL.canParse(link) && link.startsWith("https://") && !/[\s"<>]/.test(link) ? "" : "is no https address";
  const [path = "", anchor] = link.replace(/\?[^#]*/, "").split("#");
  const target = path ? join(dirname(document), decodeURIComponent(path)) : document;
  if (!existsSync(target)) return "leads to no file";
  if (anchor === undefined) return "";
  if ((await stat(target)).isDirectory() || !target.endsWith(".md")) return "has an anchor, where there are none";
  return anchorsOf(await readFile(target, "utf8")).has(anchor) ? "" : "leads to no heading";
}

for (const document of await documentsIn(root)) {
  const name = relative(root, document);
  test(`every link of ${name} leads somewhere`, async () => {
    const links = linksOf(await readFile(document, "utf8"));
    const faults = await Promise.all(links.map(async (link) => [link, await fault(document, link)]));
    expect(faults.filter(([, what]) => what)).toEqual([]);
  });
}

/** Every file that is committed or can be: .gitignore does not exclude it. Paths are relative to the root. */
async function committableFiles(): Promise<string[]> {
  // A temporary empty repository also works if the sources come from an archive.
  const repository = await mkdtemp(join(tmpdir(), "repository-"));
  await execute("git", ["init", "--quiet", "--bare", repository]);
  const list = ["--git-dir", repository, "--work-tree", root, "ls-files", "--others", "--exclude-standard", "-z"];
  const { stdout } = await execute("git", list, { cwd: root, maxBuffer: 1 << 24 });
  await rm(repository, { recursive: true });
  return stdout.split("\0");
}

/**
 * The website of npm resolves the relative links of a README with the `repository` field of the manifest, not with the files of the
 * package: links become `<repository>/blob/HEAD/<directory>/<link>`, images become
 * `https://raw.githubusercontent.com/<account>/<name>/HEAD/<directory>/<link>`. Therefore a relative link
 * - leads to a committed file or folder, never to a build output;
 * - contains no `..` and no leading `/`, which leave the folder or even `/blob/HEAD`;
 * - has the query `?sanitize=true` if it is an SVG image, which is served as plain text otherwise.
 * `srcset` is not resolved at all.
 */
for (const [name, folder] of Object.entries(SOURCES)) {
  test(`every link in the README of ${name} works on npm`, async () => {
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { repository: Record<string, string> };
    const directory = relative(root, folder);
    expect(manifest.repository).toEqual({
      type: "git",
      url: expect.stringMatching(/^git\+https:\/\/github\.com\/[\w-]+\/[\w.-]+\.git$/),
      ...(directory && { directory }),
    });
    const readme = await readFile(join(folder, "README.md"), "utf8");
    expect(prose(readme)).not.toContain("srcset");
    const files = await committableFiles();
    const broken = linksOf(readme).filter((link) => {
      if (/^(https:|#)/.test(link)) return false;
      const [path = "", query] = link.replace(/#.*/, "").split("?");
      if (/^\/|(^|\/)\.\.(\/|$)/.test(path)) return true;
      const target = join(directory, path);
      if (!files.some((file) => file === target || file.startsWith(`${target.replace(/\/$/, "")}/`))) return true;
      return query !== (path.endsWith(".svg") ? "sanitize=true" : undefined);
    });
    expect(broken).toEqual([]);
  });
}
