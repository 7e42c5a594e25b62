// A page in Node: see node.ts.

import { readFile } from "node:fs/promises";
import { parentPort } from "node:worker_threads";

process.on("uncaughtException", (error) => parentPort.postMessage({ uncaught: String(error) }));
// The one event of a window that the helpers listen to.
globalThis.addEventListener = (type, listener) => {
  if (type === "unhandledrejection") process.on("unhandledRejection", (reason) => listener({ reason }));
};

const client = new URL("../../../dist/inline.js", import.meta.url);
const helpers = await readFile(new URL("../page/helpers.js", import.meta.url), "utf8");
await import(`data:text/javascript,${encodeURIComponent(helpers.replace("/azure-image-client/index.js", client.href))}`);

parentPort.on("message", async ({ run, program }) => {
  parentPort.postMessage({ run, text: await (0, eval)(program) });
});
