// Programs and servers of the tools, and a plain server for the results of a build.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { expect } from "@playwright/test";
import { startPageServer } from "../client/page-server.js";
import { execute } from "../package/packed.js";
import { freePort } from "../ports.js";
import type { Command } from "./tool.js";

export interface Served {
  origin: string;
  /** The output of its program. */
  log: string[];
  close(): Promise<void>;
}

/** Makes Node write to stderr whenever a program compiles or starts WebAssembly. */
const WATCH_NODE = `--import=${new URL("watch-node.mjs", import.meta.url).href}`;

const PLATFORM = `${process.platform}-${process.arch}`;
/** Programs whose packages bring a binary for each platform. */
const BINARIES: Record<string, string[]> = {
  bun: [`@oven/bun-${PLATFORM.replace("arm64", "aarch64")}/bin/bun`],
  workerd: [`@cloudflare/workerd-${PLATFORM.replace("x64", "64")}/bin/workerd`],
  deno: [`@deno/${PLATFORM}-glibc/deno`, `@deno/${PLATFORM}/deno`],
};
const { NODE_ENV: _, FORCE_COLOR: __, NODE_OPTIONS: ___, ...inherited } = process.env;
const SILENT = {
  NO_COLOR: "1",
  CI: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  NUXT_TELEMETRY_DISABLED: "1",
  ASTRO_TELEMETRY_DISABLED: "1",
  NG_CLI_ANALYTICS: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  DO_NOT_TRACK: "1",
};

interface ServeOptions {
  env?: Record<string, string>;
  isReady?: (origin: string) => Promise<boolean>;
}

const hasStartPage = async (origin: string): Promise<boolean> => (await fetch(origin)).ok;

/** The tools of a group, as its lockfile installs them. */
export class Tools {
  readonly #packages: string;
  readonly #node: string;

  /** @param group The folder with the `node_modules` of the group. */
  constructor(group: string) {
    this.#packages = join(group, "node_modules");
    // Many tools need a newer Node than the package does.
    const newer = join(this.#packages, `node-${PLATFORM}`, "bin", "node");
    this.#node = existsSync(newer) ? newer : process.execPath;
  }

  versionOf(name: string): string {
    return this.#manifest(name).version;
  }

  /** Runs a tool to its end and returns its output. Throws, with the output, if it fails. */
  async run(command: Command, folder: string, env: Record<string, string> = {}): Promise<string> {
    const [file, parameters] = this.#resolve(command);
    // Test runners have a WebAssembly in each of their contexts, which is not watched.
    const watching = command[0] === "node" ? { NODE_OPTIONS: WATCH_NODE } : {};
    const environment = this.#environment({ ...watching, ...env });
    const { stdout, stderr } = await execute(file, parameters, { cwd: folder, env: environment, maxBuffer: 1 << 26 }).catch(
      (error: Error & { stdout: string; stderr: string }) => {
        throw new Error(`${command[0]} failed: ${error.message}\n${error.stdout}\n${error.stderr}`);
      },
    );
    return `${stdout}\n${stderr}`;
  }

  /** Starts a tool's server and waits until `isReady` returns true. Default: the start page is served. */
  async serve(command: Command, folder: string, { env = {}, isReady = hasStartPage }: ServeOptions = {}): Promise<Served> {
    // Several tools cannot choose a free port, or do not print the one that they chose.
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const [file, parameters] = this.#resolve(command.map((parameter) => parameter.replace("PORT", String(port))) as unknown as Command);
    // Its own group, since a tool may leave its server to another process.
    const child = spawn(file, parameters, {
      cwd: folder,
      env: this.#environment({ NODE_OPTIONS: WATCH_NODE, HOST: "127.0.0.1", PORT: String(port), ...env }),
      detached: true,
    });
    const log: string[] = [];
    child.stdout.on("data", (text: Buffer) => log.push(String(text)));
    child.stderr.on("data", (text: Buffer) => log.push(String(text)));
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    let failure: string | undefined;
    child.once("error", (error) => (failure = String(error)));
    void ended.then(() => (failure ??= "It ended."));
    // A server that is only asked to end waits for open connections.
    const close = async (): Promise<void> => {
      if (child.pid && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
      await ended;
    };
    const answers = () => isReady(origin).catch(() => false);
    const settled = expect.poll(async () => failure !== undefined || (await answers()), { timeout: 120_000 }).toBe(true);
    await settled.catch(() => (failure ??= "It does not answer."));
    if (failure !== undefined) {
      await close();
      throw new Error(`${command[0]} does not serve: ${failure}\n${log.join("").slice(-4000)}`);
    }
    return { origin, log, close };
  }

  #resolve([name, ...parameters]: Command): [file: string, parameters: string[]] {
    const binary = BINARIES[name]?.map((path) => join(this.#packages, path)).find((path) => existsSync(path));
    if (binary) return [binary, parameters];
    if (name === "node") return [this.#node, parameters];
    const [owner = "", program = owner] = name.split("#");
    const { bin } = this.#manifest(owner);
    const path = typeof bin === "string" ? bin : (bin?.[program] ?? Object.values(bin ?? {})[0]);
    if (path === undefined) throw new Error(`${owner} has no program ${program}.`);
    return [this.#node, [join(this.#packages, owner, path), ...parameters]];
  }

  #manifest(name: string): { version: string; bin?: string | Record<string, string> } {
    return JSON.parse(readFileSync(join(this.#packages, name, "package.json"), "utf8"));
  }

  #environment(more: Record<string, string>): NodeJS.ProcessEnv {
    return { ...inherited, ...SILENT, PATH: `${dirname(this.#node)}${delimiter}${process.env["PATH"]}`, ...more };
  }
}

/** Serves a folder, and the installed packages under `/node_modules/`. */
export async function servePlainly(folder: string, packages: string): Promise<Served> {
  const { origin, close } = await startPageServer(
    [
      ["/node_modules/", packages],
      ["/", folder],
    ],
    [],
  );
  return { origin, close, log: [] };
}
