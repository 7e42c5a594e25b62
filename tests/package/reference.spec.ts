import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { root } from "./packed.js";
import { readme } from "./readme.js";

const js = join(root, "js");
const sources = (await readdir(js, { recursive: true })).filter((name) => name.endsWith(".ts"));
const types = (await Promise.all(sources.map((name) => readFile(join(js, name), "utf8")))).join("\n");

/** The members that an interface itself has. */
function membersOf(name: string): string[] {
  const [, body = ""] = new RegExp(`^export interface ${name}\\b[^{]*\\{\\n([^]*?)^\\}`, "m").exec(types) ?? [];
  return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, member = ""]) => member);
}

/** The texts that a type is a union of, each on a line of its own. */
function textsOf(name: string): string[] {
  const [, body = ""] = new RegExp(`^export type ${name} =\\n([^]*?)\\n\\n`, "m").exec(types) ?? [];
  return [...body.matchAll(/^ {2}\| "(\w+)"/gm)].map(([, text = ""]) => text);
}

/** What stands in the first column of the first table below a heading of the README. */
function firstColumn(heading: string): string[] {
  const [, below = ""] = readme.split(`\n${heading}\n`);
  const [, table = ""] = /\n(\|[^]*?)\n\n/.exec(below) ?? [];
  return table
    .split("\n")
    .slice(2)
    .map((row) => /^\| `(\w+)` \|/.exec(row)?.[1] ?? row);
}

/** What the table below each heading has a row for, once. */
const TABLES: Record<string, string[]> = {
  "### Wait for a busy deployment": membersOf("RetryOptions"),
  "### Of a client (`ClientOptions`)": membersOf("ClientOptions"),
  "### Of a generation and an edit (`GenerateRequest`, `EditRequest`, `StreamRequest`)": ["GenerateRequest", "EditRequest", "StreamRequest"].flatMap(
    membersOf,
  ),
  "### Of a response (`ResponseRequest`)": membersOf("ResponseRequest"),
  "### Of the image tool (`ImageGenToolOptions`)": membersOf("ImageGenToolOptions"),
  "### Of a call (`OperationOptions`, `CallOptions`, `StreamOptions`, `ResumeOptions`, `RunToolsOptions`, `FileContentOptions`)": [
    "OperationOptions",
    "CallOptions",
    "StreamOptions",
    "ResumeOptions",
    "RunToolsOptions",
    "FileContentOptions",
  ].flatMap(membersOf),
  "### Of lists and uploads (`ListOptions`, `PageSettings`, `AgentListOptions`, `FileListOptions`, `UploadOptions`)": [
    ...new Set(["ListOptions", "PageSettings", "AgentListOptions", "FileListOptions", "UploadOptions"].flatMap(membersOf)),
  ],
  "#### Errors by code": textsOf("AzureImageErrorCode"),
};

for (const [heading, names] of Object.entries(TABLES)) {
  test(`the README has all of "${heading.replace(/^#+ /, "")}"`, () => {
    expect(names.length).toBeGreaterThan(3);
    expect(firstColumn(heading).toSorted()).toEqual(names.toSorted());
  });
}
