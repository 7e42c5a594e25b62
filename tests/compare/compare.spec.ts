import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect } from "@playwright/test";
import { build } from "vite";
import { test } from "../client/fixtures.js";
import type { Outcome, Situation } from "./clients.js";

declare global {
  var clients: { withOurs(situation: Situation): Promise<Outcome>; withOpenAI(situation: Situation): Promise<Outcome> };
}

const SITUATIONS: [what: string, words: string, rest?: Partial<Situation>][] = [
  ["408", "status=408"],
  ["504 of a gateway", "status=504"],
  ["500", "status=500"],
  ["the connection is lost before the answer", "reset=before-headers"],
  ["… in the middle of its headers", "reset=mid-headers"],
  ["… in the middle of the picture", "reset=60%", { streamed: true }],
  ["a stream that stops after its previews", "no-completed", { streamed: true }],
  ["a stream cut in the middle of the picture", "truncate=95%", { streamed: true }],
  ["an error within the stream", "error-in-stream", { streamed: true }],
  ["an abort after the first preview", "stall", { streamed: true, abort: true }],
  ["the prompt is refused", "content-policy"],
  ["the picture is refused within the stream", "moderation-in-stream", { streamed: true }],
  ['429 three times, "retry after 4 seconds" in the text only', "error=429-rate-limit-classic] [retry-after=4] [times=3"],
];

/** The scripts of both clients, as a page loads them. */
async function bundle(): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      lib: { entry: fileURLToPath(new URL("./clients.ts", import.meta.url)), formats: ["es"] },
      rollupOptions: { external: ["azure-image-client"] },
    },
  });
  const [result] = Array.isArray(output) ? output : [output];
  return (result as { output: { code: string }[] }).output[0]?.code ?? "";
}

test("side by side", async ({ page, simulator }) => {
  const code = await bundle();
  await page.route("**/clients.js", (route) => route.fulfill({ contentType: "text/javascript", body: code }));
  await page.evaluate(async () => {
    globalThis.clients = await import("/clients.js" as string);
  });
  const version = async (name: string) =>
    JSON.parse(await readFile(new URL(`../../node_modules/${name}/package.json`, import.meta.url), "utf8")).version as string;
  const rows = [["situation", "azure-image-client", "requests", `openai ${await version("openai")}`, "requests"]];
  for (const [what, words, rest] of SITUATIONS) {
    const row = [what];
    for (const client of ["withOurs", "withOpenAI"] as const) {
      simulator.reset();
      const situation: Situation = { endpoint: simulator.url, prompt: `a lake [${words}]`, streamed: false, ...rest };
      const outcome = await page.evaluate(([client, situation]) => clients[client](situation), [client, situation] as const);
      await expect.poll(() => simulator.activeRequests).toBe(0);
      const posts = simulator.requests.filter(({ method }) => method === "POST");
      row.push([outcome.result, ...(outcome.error ? [`(${outcome.error})`] : [])].join(" "), String(posts.length));
    }
    rows.push(row);
  }
  console.log(`\n${table(rows)}\n\nrequests: what the simulator received, and Azure might bill, of one call.`);
});

function table(rows: string[][]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}
