/** The README: its tables list what there is, and its commands work when they are pasted. */

import { execFile } from "node:child_process";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { scenarioWords, type SimulatorOptions } from "azure-image-simulator";
import sharp from "sharp";
import { expect, test } from "./fixtures.js";

const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
const execute = promisify(execFile);

/** A part of the README, from its heading on. */
const section = (heading: string): string => readme.split(/^(?=#+ )/m).find((part) => part.startsWith(`${heading}\n`)) ?? "";

/** The cells of the rows whose first cell is code. */
const rows = (text: string): string[][] => [...text.matchAll(/^\| (`.*) \|$/gm)].map(([, row = ""]) => row.split("|").map((cell) => cell.trim()));

const code = (text: string): string => (text === "" ? "" : `\`${text}\``);

test("lists every scenario word once, and no other", () => {
  const words = scenarioWords.map(({ name, value, effect }) => [code(value === undefined ? name : `${name}=${value}`), effect]);
  expect(rows(section("## Scenarios")).sort()).toEqual(words.sort());
});

test("lists every option of the command", async () => {
  const { stdout } = await execute(process.execPath, [fileURLToPath(new URL("../dist/cli.js", import.meta.url)), "--help"]);
  const [options = ""] = /(?<=^Options:\n)[^]*?(?=\n\n)/m.exec(stdout) ?? [];
  const flags = options.split("\n").map((line) => {
    const [, flag = "", effect = "", otherwise = ""] = /^ {2}(\S+(?: \S+)?) +(.*?)(?: \((\S+)\))?$/.exec(line) ?? [];
    return [code(flag), code(otherwise), effect];
  });
  expect(rows(section("# azure-image-simulator"))).toEqual(flags);
});

test("lists every option of startSimulator", () => {
  const names: Record<keyof SimulatorOptions, true> = {
    port: true,
    host: true,
    apiKey: true,
    bearerToken: true,
    audience: true,
    deployments: true,
    strictDeployments: true,
    latencyInMs: true,
    scenario: true,
    seed: true,
    acceptFileIds: true,
    bodyLimitInBytes: true,
    logLimit: true,
  };
  const [, options = ""] = section("## In a test").split("| option |");
  expect(rows(options).map(([name]) => name)).toEqual(Object.keys(names).map(code));
});

test("has commands that work when they are pasted", async ({ simulator }, info) => {
  const folder = info.outputPath();
  const commands = [...readme.matchAll(/^```sh\n(curl[^]*?)```$/gm)].map(([, command = ""]) =>
    command.replaceAll("http://127.0.0.1:8787", simulator.url),
  );
  await mkdir(folder, { recursive: true });
  // As zsh does, a pattern that fits no file is an error: an address with a ? must stand in quotes.
  const shell = ["-O", "failglob", "-o", "errexit", "-o", "pipefail", "-c"];
  const printed: string[] = [];
  for (const command of commands) printed.push((await execute("bash", [...shell, command], { cwd: folder })).stdout);
  expect(simulator.requests.map(({ path, status }) => [path.split("/").at(-1), status])).toEqual([
    ["generations", 200],
    ["generations", 200],
    ["generations", 200],
    ["edits", 200],
    ["generations", 200],
    ["edits", 200],
    ["flux-2-pro", 200],
    ["responses", 200],
    ["responses", 200],
    ["versions", 200],
    ["responses", 200],
    ["generations", 429],
  ]);
  const [, events = ""] = printed;
  expect(events.match(/^event: .*/gm)).toEqual([
    "event: image_generation.partial_image",
    "event: image_generation.partial_image",
    "event: image_generation.completed",
  ]);
  expect(printed.at(-1)).toContain("retry-after: 2");
  const pictures = await readdir(folder);
  expect(pictures.sort()).toEqual(["autumn.png", "drawn.png", "edited.png", "fox.png", "lake.png", "mask.png", "painted.png", "wide.png"]);
  for (const name of pictures) expect((await sharp(join(folder, name)).stats()).entropy, name).toBeGreaterThan(1);
});
