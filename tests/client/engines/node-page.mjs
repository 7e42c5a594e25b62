// A page in Node: see node.ts.

import { readFile } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";

setFlagsFromString("--expose-gc");
globalThis.gc = runInNewContext("gc");

process.on("uncaughtException", (error) => parentPort.postMessage({ uncaught: String(error) }));
// An endpoint may be a path on the page's origin.
globalThis.location = new URL(workerData.location);
// The one event of a window that the helpers listen to.
globalThis.addEventListener = (type, listener) => {
  if (type === "unhandledrejection") process.on("unhandledRejection", (reason) => listener({ reason }));
};

const { setTimeout: startTimer } = globalThis;
const client = new URL("../../../dist/azure-image-client.min.js", import.meta.url);
const helpers = await readFile(new URL("../page/helpers.js", import.meta.url), "utf8");
await import(`data:text/javascript,${encodeURIComponent(helpers.replace("/azure-image-client/index.js", client.href))}`);
// The modules are compiled once for all pages.
void azure.init(workerData.module, { moreSource: workerData.more });

// Node's `fetch` keeps timers after a request. They are not counted.
const startObservedTimer = globalThis.setTimeout;
globalThis.setTimeout = (...parameters) =>
  (new Error().stack.includes("node:internal/deps/undici/") ? startTimer : startObservedTimer)(...parameters);

parentPort.on("message", async ({ run, program }) => {
  parentPort.postMessage({ run, text: await (0, eval)(program) });
});
