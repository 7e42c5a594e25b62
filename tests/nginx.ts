// An nginx for a test, with a configuration of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { freePort, listens } from "./ports.js";

const { installedNginx } = (await import(String(new URL("../scripts/nginx.mjs", import.meta.url)))) as { installedNginx(): string | undefined };

/** The path of the program; `undefined` when there is none. */
export const nginx = installedNginx();
/** Why a test is skipped without. */
export const WITHOUT_NGINX = "nginx is not there and could not be installed: sudo apt-get install nginx-light";

/** Something that listens on a port of this machine. */
export interface Listening {
  port: number;
  close(): Promise<void>;
}

/** Starts one with what `configure` writes into its `http` block. */
export async function startNginx(configure: (port: number) => string): Promise<Listening> {
  const port = await freePort();
  const prefix = await mkdtemp(join(tmpdir(), "azure-image-client-nginx-"));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${name};`).join(" ");
  // One process, which the test can end and which stays the user that it was started by.
  await writeFile(
    join(prefix, "nginx.conf"),
    `daemon off; master_process off; pid nginx.pid; error_log stderr;
    events {}
    http { access_log off; ${temporary} ${configure(port)} }`,
  );
  const child = spawn(nginx ?? "nginx", ["-p", prefix, "-c", join(prefix, "nginx.conf"), "-e", "stderr"], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (text) => (log += text));
  const ended = once(child, "exit");
  await expect.poll(() => child.exitCode !== null || listens(port)).toBe(true);
  expect(child.exitCode, log).toBeNull();
  return {
    port,
    async close() {
      child.kill();
      await ended;
      await rm(prefix, { recursive: true });
    },
  };
}
