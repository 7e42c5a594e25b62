/** The simulator as its users have it: packed, and installed into an empty folder. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test as base } from "@playwright/test";
import { execute, installPacked, root } from "./packed.js";

const test = base.extend<object, { folder: string }>({
  folder: [
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), "installed-"));
      await installPacked(join(root, "simulator"), folder);
      await use(folder);
      await rm(folder, { recursive: true });
    },
    { scope: "worker" },
  ],
});

// One worker: installing it takes longer than all of these.
test.describe.configure({ mode: "default" });

test("npx runs it, and it serves a picture", async ({ folder }) => {
  const run = async (...args: string[]) => (await execute(join(folder, "node_modules", ".bin", "azure-image-simulator"), args)).stdout;
  // A group of its own, as a terminal gives it: Ctrl+C there reaches what npx started too.
  const server = spawn("npx", ["--no", "--", "azure-image-simulator", "--port", "0", "--latency", "0"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const [help, version, url] = await Promise.all([run("--help"), run("--version"), address(server)]);
  expect(help).toContain("--port N");
  const manifest = JSON.parse(await readFile(join(root, "simulator", "package.json"), "utf8"));
  expect(version).toBe(`${manifest.version}\n`);
  const response = await fetch(`${url}/openai/v1/images/generations`, {
    method: "POST",
    headers: { "api-key": "simulator-key", "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-image-1", prompt: "a lake", size: "1024x1024" }),
  });
  const { data } = (await response.json()) as { data: { b64_json: string }[] };
  expect(
    Buffer.from(data[0]?.b64_json ?? "", "base64")
      .subarray(1, 4)
      .toString(),
  ).toBe("PNG");
  process.kill(-server.pid!, "SIGINT");
  await once(server, "exit");
  await expect(fetch(url)).rejects.toThrow();
});

test("npx finds the command in a clone, which says how to build it", { tag: "@nightly" }, async ({ folder }) => {
  const manifest = JSON.parse(await readFile(join(root, "simulator", "package.json"), "utf8"));
  const npx = (cwd: string) => execute("npx", ["--no", "--", "azure-image-simulator", "--version"], { cwd });
  expect((await npx(root)).stdout).toBe(`${manifest.version}\n`);

  // A fresh clone: npm links the command, and nothing is compiled.
  const clone = join(folder, "clone");
  await cp(join(root, "simulator", "bin"), join(clone, "simulator", "bin"), { recursive: true });
  await writeFile(join(clone, "package.json"), JSON.stringify({ private: true, workspaces: ["simulator"] }));
  await writeFile(join(clone, "simulator", "package.json"), JSON.stringify({ ...manifest, dependencies: {} }));
  await execute("npm", ["install", "--offline", "--no-audit", "--no-fund"], { cwd: clone });
  await expect(npx(clone)).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/is not built yet\. [^]*npm run build\n$/) });
});

async function address({ stdout }: ChildProcess): Promise<string> {
  for await (const line of createInterface(stdout!)) {
    const [url] = /http:\S+/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error("It printed no address.");
}

test("the examples of its README run: with Node's test runner, with Vitest, with Playwright", { tag: "@nightly" }, async ({ folder }) => {
  test.slow(); // Three runners at once.
  const readme = await readFile(join(folder, "node_modules", "azure-image-simulator", "README.md"), "utf8");
  const [forNode = "", forPlaywright = ""] = [...readme.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, code = ""]) => code);
  const forVitest = forNode
    .replace('import { after, beforeEach, test } from "node:test";', 'import { afterAll, beforeEach, test } from "vitest";')
    .replace("after(() => ", "afterAll(() => ");
  expect(forVitest).not.toContain("node:test");
  const files = {
    "node/picture.test.mjs": forNode,
    "vitest/picture.test.mjs": forVitest,
    "playwright/fixtures.mjs": forPlaywright,
    "playwright/picture.spec.mjs": `import { expect } from "@playwright/test";
      import { test } from "./fixtures.mjs";
      test("serves", async ({ simulator, request }) => {
        const response = await request.post(simulator.url + "/openai/v1/images/generations", {
          headers: { "api-key": "simulator-key" },
          data: { model: "gpt-image-1", prompt: "a lake" },
        });
        await expect(response).toBeOK();
        expect(simulator.pictures).toHaveLength(1);
      });`,
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  await mkdir(join(folder, "node_modules", "@playwright"));
  for (const name of ["openai", "vitest", "@playwright/test"]) await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
  // What this runner tells its own processes is not meant for others.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(PW|PLAYWRIGHT|TEST_|NODE_OPTIONS|NODE_TEST|FORCE_COLOR)/.test(name)),
  );
  const run = (runner: string, ...args: string[]) => execute(process.execPath, args, { cwd: join(folder, runner), env: { ...env, NO_COLOR: "1" } });
  const [node, vitest, playwright] = await Promise.all([
    run("node", "--test", "--test-reporter=tap"),
    run("vitest", join(root, "node_modules/vitest/vitest.mjs"), "run"),
    run("playwright", join(root, "node_modules/@playwright/test/cli.js"), "test", "--reporter=line"),
  ]);
  expect(node.stdout).toMatch(/^# pass 3$/m);
  expect(vitest.stdout).toMatch(/Tests +3 passed/);
  expect(playwright.stdout).toMatch(/\b1 passed/);
});
