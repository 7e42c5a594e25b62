import type { Contender, Job } from "../contender.js";
import { collectGarbage } from "../garbage.js";
import { used } from "../used.js";

export interface Heap {
  /** The most that the heap of the page grew, as seen with each chunk, in bytes. */
  peakBytes: number;
}

/** `watched`: the job, with something that is called for each of its chunks. */
export async function heap(contender: Contender, watched: (onChunk: () => void) => Job): Promise<Heap> {
  collectGarbage();
  const before = used();
  let peakBytes = 0;
  const look = () => {
    peakBytes = Math.max(peakBytes, used() - before);
  };
  const blobs = await contender.run(watched(look));
  look();
  // So that they are done when the next begins.
  await Promise.all(blobs.map((blob) => blob.slice(-1).arrayBuffer()));
  return { peakBytes };
}
