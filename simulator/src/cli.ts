/** The command `azure-image-simulator`, started by `bin/azure-image-simulator.js`. */

import { readFileSync } from "node:fs";
import { explainFlags, readFlags } from "./flags.js";
import type { SimulatorOptions } from "./options.js";
import { scenarioWords } from "./scenario/grammar.js";

const HELP = `Usage: azure-image-simulator [options]

Options:
${explainFlags()}

Scenarios, behind --scenario, in square brackets in a prompt, or behind -- in the name of a deployment:
${scenarioWords.map(({ name, value, effect }) => `  ${value === undefined ? name : `${name}=${value}`}\n      ${effect}`).join("\n")}

PLACE is N%, N (bytes), before-headers, mid-headers, after-first-preview, before-picture or before-completed.
`;

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return version;
}

/** A text as one word of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

async function run(options: SimulatorOptions): Promise<void> {
  // Loaded only now: what paints takes longer to load than a mistake in the options should take to tell.
  const { startSimulator } = await import("./simulator.js");
  // A log that nobody can look at would only grow.
  const simulator = await startSimulator({ ...options, logLimit: 0 });
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void simulator.close());
  const { apiKey = "", scenario = [] } = options;
  const example = [
    `curl ${quoted(`${simulator.url}/openai/v1/images/generations`)}`,
    `-H ${quoted(`api-key: ${apiKey}`)} -H 'content-type: application/json'`,
    `-d '{"model": "gpt-image-2.5-flare", "prompt": "a mountain lake at sunset"}'`,
    `| node -p 'JSON.parse(fs.readFileSync(0)).data[0].b64_json' | base64 --decode > lake.png`,
  ];
  console.log(`azure-image-simulator ${version()} listens on ${simulator.url}`);
  console.log(`api-key: ${apiKey}, bearer token: simulator-token`);
  if (scenario.length > 0) console.log(`scenario of every request: ${scenario.join(", ")}`);
  console.log(`\nTry it, and open lake.png:\n\n  ${example.join(" \\\n    ")}\n\nCtrl+C ends it.`);
}

async function main(): Promise<void> {
  const command = readFlags(process.argv.slice(2));
  if (command === "help") process.stdout.write(HELP);
  else if (command === "version") console.log(version());
  else await run(command);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port, address, hostname } = error as NodeJS.ErrnoException & { port?: number; address?: string; hostname?: string };
  switch (code) {
    case "EADDRINUSE":
      return `port ${port} is taken; choose another with --port`;
    case "EACCES":
      return `port ${port} is for administrators; choose one above 1023 with --port`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `this machine has no address '${address ?? hostname}'; choose another with --host, or leave it out for 127.0.0.1`;
    default:
      return error.message;
  }
}

main().catch((error: unknown) => {
  console.error(`azure-image-simulator: ${explain(error)}`);
  process.exitCode = 1;
});
