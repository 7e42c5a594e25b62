// Programs and servers that the tools bring, and a plain server for what they build.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { startPageServer } from "../browser/page-server.js";
import { execute } from "../package/packed.js";
import { STAGE } from "./stage.js";

export interface Served {
  origin: string;
  /** What its program has printed. */
  log: string[];
  close(): Promise<void>;
}

/** Where the tools are installed. */
export const TOOL_PACKAGES = fileURLToPath(new URL("node_modules", import.meta.url));
/** Writes to stderr what a program in Node makes of WebAssembly. */
export const WATCH_NODE = `--import=${new URL("watch-node.mjs", import.meta.url).href}`;

const { NODE_ENV: _, FORCE_COLOR: __, ...inherited } = process.env;
const ENVIRONMENT = { ...inherited, NO_COLOR: "1", NEXT_TELEMETRY_DISABLED: "1" };
const program = (name: string): string => join(TOOL_PACKAGES, ".bin", name);

/** Runs a tool to its end, and returns what it warned of. */
export async function build([name = "", ...parameters]: string[], folder: string): Promise<string[]> {
  const { stdout, stderr } = await execute(program(name), parameters, { cwd: folder, env: ENVIRONMENT }).catch(
    (error: Error & { stdout: string; stderr: string }) => {
      throw new Error(`${name} failed: ${error.message}\n${error.stdout}\n${error.stderr}`);
    },
  );
  return `${stdout}\n${stderr}`.split("\n").filter((line) => /warn|critical|deprecat|polyfill|externali/i.test(line));
}

/** Serves a folder, and the installed packages under `/node_modules/`. */
export async function servePlainly(folder: string): Promise<Served> {
  const { origin, close } = await startPageServer(
    [
      ["/node_modules/", join(STAGE, "node_modules")],
      ["/", folder],
    ],
    [],
  );
  return { origin, close, log: [] };
}

/** Starts a tool's own server, and waits until it says its address. */
export async function serve([name = "", ...parameters]: string[], folder: string): Promise<Served> {
  const child = spawn(program(name), parameters, { cwd: folder, env: { ...ENVIRONMENT, NODE_OPTIONS: WATCH_NODE } });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const log: string[] = [];
  const origin = await new Promise<string>((resolve, reject) => {
    const read = (text: Buffer): void => {
      log.push(String(text));
      const [address] = /http:\/\/[\w.]+:\d+/.exec(log.join("")) ?? [];
      if (address) resolve(address);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("error", reject);
    child.once("close", () => reject(new Error(`${name} ended:\n${log.join("")}`)));
  });
  const close = (): Promise<void> => {
    child.kill();
    return ended;
  };
  return { origin, log, close };
}
