// Where it was measured, and with which versions.

import { readFile } from "node:fs/promises";
import { cpus } from "node:os";

const PACKAGES = ["openai", "eventsource-parser", "ai", "@ai-sdk/azure"];

export async function setting(chromium: string): Promise<string> {
  const versions = await Promise.all(PACKAGES.map(async (name) => `${name} ${await version(name)}`));
  const cores = cpus();
  return `Measured in Chromium ${chromium} on ${cores.length} cores (${cores[0]?.model}), ${process.platform}; ${versions.join(", ")}.`;
}

async function version(name: string): Promise<string> {
  const text = await readFile(new URL(`../../node_modules/${name}/package.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
