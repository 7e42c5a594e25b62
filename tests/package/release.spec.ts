import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { root } from "./packed.js";

interface Manifest {
  repository?: { type: string; url: string; directory?: string };
  homepage?: string;
  bugs?: { url: string };
}

type Manifests = Record<"package.json" | "simulator/package.json", Manifest>;

const { checkRepository } = (await import(String(new URL("../../scripts/release.mjs", import.meta.url)))) as {
  checkRepository(manifests: Manifests): void;
};

/** Both manifests with `owner` as the GitHub account. */
async function readManifests(owner: string): Promise<Manifests> {
  const read = async (file: string) => JSON.parse((await readFile(join(root, file), "utf8")).replaceAll("OWNER", owner)) as Manifest;
  return { "package.json": await read("package.json"), "simulator/package.json": await read("simulator/package.json") };
}

test("a release needs the address of the repository", async () => {
  const manifests = await readManifests("OWNER");
  delete manifests["package.json"].bugs;
  const check = () => checkRepository(manifests);
  for (const line of [
    'package.json: "repository.url" is "git+https://github.com/OWNER/azure-image-client.git"',
    'package.json: "bugs.url" is undefined',
    'simulator/package.json: "homepage" is "https://github.com/OWNER/azure-image-client/tree/HEAD/simulator#readme"',
  ]) {
    expect(check).toThrow(line);
  }
  expect(check).toThrow("the GitHub account instead of OWNER");
});

test("one account in both manifests is all that a release needs", async () => {
  expect(checkRepository(await readManifests("an-account"))).toBeUndefined();
});

test("a release needs the same repository in both packages", async () => {
  const manifests = await readManifests("an-account");
  manifests["simulator/package.json"].repository = { type: "git", url: "git+https://github.com/another/azure-image-client.git" };
  expect(() => checkRepository(manifests)).toThrow(
    /"repository\.url" differs\. .*\n {2}package\.json: "git.+an-account.+"\n {2}simulator\/package\.json: "git.+another.+"$/,
  );
});
