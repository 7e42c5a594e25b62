import type { Contender, Job } from "../contender.js";
import { collectGarbage } from "../garbage.js";

export interface Time {
  /** Until all Blobs exist, in milliseconds. */
  existInMs: number;
  /** Until all of them can be read to their ends: what a Blob left to do for later. */
  readableInMs: number;
}

export async function time(contender: Contender, job: Job): Promise<Time> {
  collectGarbage();
  const begun = performance.now();
  const blobs = await contender.run(job);
  const existInMs = performance.now() - begun;
  await Promise.all(blobs.map((blob) => blob.slice(-1).arrayBuffer()));
  return { existInMs, readableInMs: performance.now() - begun };
}
