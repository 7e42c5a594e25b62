// Node as a page without a DOM: a worker thread for each load, with the package and the helpers of the page. What needs no browser is
// tested here in a fraction of the time.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Engine } from "./engine.js";

const PAGE = fileURLToPath(new URL("./node-page.mjs", import.meta.url));

/** What the page answers: the value of a program, or an exception that nobody caught. */
type Message = { run: number; text: string } | { uncaught: string };

/** Starts it. */
export async function startNode(): Promise<Engine> {
  const compiled = async (name: string) =>
    WebAssembly.compile(await readFile(new URL(`../../../dist/wasm/azure_image_client_${name}.wasm`, import.meta.url)));
  const [module, more] = [await compiled("bg"), await compiled("more")];
  let worker: Worker | undefined;
  let onError: (error: Error) => void = () => {};
  let runs = 0;
  const pending = new Map<number, { resolve: (text: string) => void; reject: (error: Error) => void }>();
  let location = "";
  const load = async (url = location): Promise<void> => {
    await leave();
    location = url;
    const page = new Worker(PAGE, { workerData: { location, module, more } });
    worker = page;
    page.on("message", (message: Message) => {
      if ("uncaught" in message) return onError(new Error(message.uncaught));
      pending.get(message.run)?.resolve(message.text);
      pending.delete(message.run);
    });
    page.on("error", (error: Error) => onError(error));
    await run("Promise.resolve('')");
  };
  const leave = async (): Promise<void> => {
    await worker?.terminate();
    for (const { reject } of pending.values()) reject(new Error("The page was left while it was asked."));
    pending.clear();
  };
  const run = (program: string): Promise<string> =>
    new Promise((resolve, reject) => {
      runs += 1;
      pending.set(runs, { resolve, reject });
      worker?.postMessage({ run: runs, program });
    });
  return {
    page: {
      goto: load,
      reload: () => load(),
      run,
      onError: (listener) => {
        onError = listener;
      },
    },
    close: leave,
  };
}
