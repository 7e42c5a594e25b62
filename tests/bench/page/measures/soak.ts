import type { Contender, Job } from "../contender.js";
import { collectGarbage } from "../garbage.js";
import { used } from "../used.js";
import { wasmMemory } from "../wasm-memory.js";

export interface Soak {
  pictures: number;
  /** The memory of all WebAssembly, in bytes. */
  wasmBytes: { before: number; after: number };
  /** By how much the heap of the page is larger behind a collection of garbage, in bytes. */
  keptBytes: number;
}

/** One call after the other, until there have been so many pictures. */
export async function soak(contender: Contender, job: () => Job, pictures: number): Promise<Soak> {
  collectGarbage();
  const [heapBefore, before] = [used(), wasmMemory()];
  let made = 0;
  while (made < pictures) made += (await contender.run(job())).length;
  // What is on its way out, such as a closed stream, is garbage a moment later.
  await new Promise((resolve) => setTimeout(resolve, 100));
  collectGarbage();
  return { pictures: made, wasmBytes: { before, after: wasmMemory() }, keptBytes: used() - heapBefore };
}
