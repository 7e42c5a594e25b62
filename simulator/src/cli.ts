#!/usr/bin/env node
/** The command `azure-image-simulator`. */

import { parseArgs } from "node:util";
import { scenarioWords } from "./scenario/grammar.js";
import { startSimulator } from "./simulator.js";

/** Enough to look at while the process may run for days. */
const LOG_LIMIT = 100;

const HELP = `Usage: azure-image-simulator [options]

Options:
  --port N       the port to listen on, 0 for any that is free (8787)
  --host NAME    the address to listen on (127.0.0.1)
  --api-key KEY  the key to accept (simulator-key)
  --latency MS   how long a picture takes (4000)
  --accept-file-ids
                 take the ids of uploaded files as pictures, which Azure does not
  --help         print this

Scenarios, in square brackets in a prompt or behind -- in the name of a deployment:
${scenarioWords.map(({ name, value, effect }) => `  ${value === undefined ? name : `${name}=${value}`}\n      ${effect}`).join("\n")}

PLACE is N%, N (bytes), before-headers, mid-headers, after-first-preview, before-picture or before-completed.
`;

function wholeNumber(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new TypeError(`--${option} takes a whole number, not '${text}'`);
  return Number(text);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8787" },
      host: { type: "string", default: "127.0.0.1" },
      "api-key": { type: "string", default: "simulator-key" },
      latency: { type: "string", default: "4000" },
      "accept-file-ids": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const simulator = await startSimulator({
    port: wholeNumber("port", values.port),
    host: values.host,
    apiKey: values["api-key"],
    latencyInMs: wholeNumber("latency", values.latency),
    acceptFileIds: values["accept-file-ids"],
    logLimit: LOG_LIMIT,
  });
  console.log(`azure-image-simulator listens on ${simulator.url}`);
  console.log(`api-key: ${values["api-key"]}, bearer token: simulator-token`);
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EADDRINUSE" && "port" in error) {
    return `port ${error.port} is taken; choose another with --port`;
  }
  return error.message;
}

main().catch((error: unknown) => {
  console.error(`azure-image-simulator: ${explain(error)}`);
  process.exitCode = 1;
});
