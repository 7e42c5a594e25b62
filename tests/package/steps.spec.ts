import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { expect, test } from "@playwright/test";
import { root } from "./packed.js";

interface Steps {
  step<Result>(title: string, work: () => Result | Promise<Result>, options?: { live: boolean }): Promise<Result>;
  printTimes(): void;
}

const { createSteps } = (await import(String(new URL("../../scripts/steps.mjs", import.meta.url)))) as {
  createSteps(stream: object): Steps;
};

/** A stream that records its text. */
function record({ isTTY }: { isTTY: boolean }) {
  const stream = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY, text: "" });
  stream.on("data", (text: string) => (stream.text += text));
  /** Waits until the output matches. */
  const shows = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(stream.text)) await once(stream, "data");
  };
  return { stream, steps: createSteps(stream), shows };
}

/** The text as a terminal shows it after all erased lines are gone. */
const visible = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.split("\r\u001b[2K").at(-1))
    .join("\n");

/** Runs a program that imports the scripts, without a terminal. */
const runScript = (program: string) =>
  spawnSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: root, encoding: "utf8", timeout: 30_000 });

const IMPORTS = `import { step } from "./scripts/steps.mjs"; import { main, run } from "./scripts/tools.mjs";`;

test("a terminal shows the running step at once, counts the seconds, and keeps the duration", async () => {
  const { stream, steps, shows } = record({ isTTY: true });
  await steps.step("Compile", () => shows(/• Compile …$/));
  await steps.step("Install", () => shows(/• Install … [1-9] s$/));
  expect(visible(stream.text)).toMatch(/^• Install … \d+\.\d s\n$/);
});

test("without a terminal a long step prints its title and then its duration, and a short step prints nothing", async () => {
  const { stream, steps, shows } = record({ isTTY: false });
  expect(await steps.step("Compile", () => "done")).toBe("done");
  expect(stream.text).toBe("");
  await steps.step("Install", () => shows(/^• Install …\n$/));
  expect(stream.text).toMatch(/^• Install …\n• Install … \d+\.\d s\n$/);
});

test("a step that prints its own output has a line before and after it", async () => {
  const { stream, steps } = record({ isTTY: true });
  await steps.step("Tests", () => void stream.write("3 passed\n"), { live: true });
  expect(stream.text).toMatch(/^\n• Tests …\n3 passed\n• Tests … \d\.\d s\n$/);
});

test("the table has every outer step and the total", async () => {
  const { stream, steps, shows } = record({ isTTY: false });
  await steps.step("Quick", () => {});
  await steps.step("Tests", () => steps.step("Compile the tests", () => shows(/Compile the tests …\n$/)), { live: true });
  await expect(steps.step("Broken", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  stream.text = "";
  steps.printTimes();
  expect(stream.text).toMatch(/^\n *\d\.\d s {2}Tests\n *\d\.\d s {2}Broken\n *\d+\.\d s {2}in total\n$/);
});

test("the commands of a step are quiet, except for warnings", () => {
  const noisy = `"console.log('added 300 packages'); console.error('warning: unused variable')"`;
  const { stdout, stderr, status } = runScript(`${IMPORTS} await main(() => step("Compile", () => run(process.execPath, ["-e", ${noisy}])));`);
  expect({ stdout, stderr, status }).toEqual({ stdout: "", stderr: "warning: unused variable\n", status: 0 });
});

test("a failed step prints the command and its output", () => {
  const failing = `"console.log('src/lib.ts: wrong type'); console.error('2 errors'); process.exit(3)"`;
  const { stderr, status } = runScript(`${IMPORTS} await main(() => step("Compile", () => run(process.execPath, ["-e", ${failing}])));`);
  expect(stderr).toMatch(/^• Compile … failed after \d\.\d s\n\nsrc\/lib\.ts: wrong type\n2 errors\n\n.*node -e .* ended with 3\.\n$/);
  expect(status).toBe(1);
});
