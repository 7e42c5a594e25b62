/** The options of the command: what they are, and how they are read. */

import { parseArgs } from "node:util";
import { DEFAULT_BODY_LIMIT, MOST_BODY_LIMIT, MOST_LATENCY_IN_MS, MOST_PORT, wholeNumber, type SimulatorOptions } from "./options.js";

interface Flag {
  /** How the value is written in the documentation; absent for a flag that takes none. */
  readonly value?: string;
  /** What stands for it if it is not given. */
  readonly otherwise?: string;
  readonly effect: string;
}

const flags = {
  port: { value: "N", otherwise: "8787", effect: "the port to listen on, 0 for any that is free" },
  host: { value: "NAME", otherwise: "127.0.0.1", effect: "the address to listen on; 0.0.0.0 lets other machines in" },
  "api-key": { value: "KEY", otherwise: "simulator-key", effect: "the key to accept" },
  deployment: { value: "NAME=MODEL", effect: "one more deployment, such as my-images=gpt-image-2.5-flare; may be repeated" },
  "strict-deployments": { effect: "refuse other deployments, and the name of a deployment as the model on classic routes" },
  latency: { value: "MS", otherwise: "4000", effect: "how long a picture takes, in milliseconds" },
  scenario: { value: "WORD", effect: "a scenario for every request, such as stall or chunk=16384; may be repeated" },
  "accept-file-ids": { effect: "take the ids of uploaded files as pictures, which Azure does not" },
  "body-limit": { value: "BYTES", otherwise: String(DEFAULT_BODY_LIMIT), effect: "the largest body of a request; a larger one gets 413" },
  version: { effect: "print the version" },
  help: { effect: "print this, with every scenario" },
} satisfies Record<string, Flag>;

type FlagName = keyof typeof flags;

const isFlagName = (name: string): name is FlagName => Object.hasOwn(flags, name);

/** How a flag is written. */
const written = (name: FlagName): string => {
  const { value }: Flag = flags[name];
  return `--${name}${value === undefined ? "" : ` ${value}`}`;
};

/** The flags, a line for each. */
export function explainFlags(): string {
  const names = Object.keys(flags) as FlagName[];
  const width = Math.max(...names.map((name) => written(name).length));
  return names
    .map((name) => {
      const { otherwise, effect }: Flag = flags[name];
      return `  ${written(name).padEnd(width)}  ${effect}${otherwise === undefined ? "" : ` (${otherwise})`}`;
    })
    .join("\n");
}

/** The values of each flag in the order of the command line; a flag without a value has an empty one. */
function readTokens(args: readonly string[]): ReadonlyMap<FlagName, string[]> {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, flag]: [string, Flag]) => [
      name,
      { type: flag.value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  const given = new Map<FlagName, string[]>();
  // Its own complaints name neither what is possible nor what to do.
  for (const token of parseArgs({ args: [...args], options, strict: false, tokens: true }).tokens) {
    if (token.kind !== "option") {
      const text = token.kind === "positional" ? token.value : "--";
      throw new Error(`'${text}' belongs to no option. Write for example --port 8787; --help lists the options.`);
    }
    const { name, rawName, value } = token;
    if (!isFlagName(name)) {
      throw new Error(
        `There is no option ${rawName}. The options are ${Object.keys(flags)
          .map((each) => `--${each}`)
          .join(", ")}.`,
      );
    }
    const flag: Flag = flags[name];
    if (flag.value === undefined && value !== undefined) throw new Error(`--${name} takes no value; write it without '${value}'.`);
    if (flag.value !== undefined && (!value || (!token.inlineValue && value.startsWith("--")))) {
      throw new Error(`--${name} needs a value. Write ${written(name)}: ${flag.effect}.`);
    }
    given.set(name, [...(given.get(name) ?? []), value ?? ""]);
  }
  return given;
}

function readDeployment(text: string): [name: string, model: string] {
  const [, name, model] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || model === undefined) {
    throw new Error(`--deployment takes a name and its model, not '${text}'. Write for example --deployment my-images=gpt-image-2.5-flare.`);
  }
  return [name, model];
}

/** What the command line asks for. */
export type Command = "help" | "version" | SimulatorOptions;

/** Reads the command line, or throws what is wrong with it. */
export function readFlags(args: readonly string[]): Command {
  const given = readTokens(args);
  if (given.has("help")) return "help";
  if (given.has("version")) return "version";
  const last = (name: "port" | "host" | "api-key" | "latency" | "body-limit"): string => given.get(name)?.at(-1) ?? flags[name].otherwise;
  return {
    port: wholeNumber("--port", last("port"), MOST_PORT),
    host: last("host"),
    apiKey: last("api-key"),
    deployments: Object.fromEntries(given.get("deployment")?.map(readDeployment) ?? []),
    strictDeployments: given.has("strict-deployments"),
    latencyInMs: wholeNumber("--latency", last("latency"), MOST_LATENCY_IN_MS),
    scenario: given.get("scenario") ?? [],
    bodyLimitInBytes: wholeNumber("--body-limit", last("body-limit"), MOST_BODY_LIMIT),
    acceptFileIds: given.has("accept-file-ids"),
  };
}
