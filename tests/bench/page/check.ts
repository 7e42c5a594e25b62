import { DRAIN } from "../names.js";
import type { Contender, Job } from "./contender.js";

/** Throws where a contender does not make all Blobs of the right bytes. */
export async function check(contender: Contender, job: Job): Promise<void> {
  const blobs = await contender.run(job);
  // It only shows what the body itself costs.
  if (contender.name === DRAIN) return;
  const made = await Promise.all(blobs.map(async (blob) => digest(await blob.arrayBuffer())));
  const wanted = await Promise.all(job.body.pictures.map(digest));
  if (made.join() !== wanted.join()) throw new Error(`${contender.name} made ${made.length} Blobs, and not those that were sent.`);
}

async function digest(bytes: BufferSource): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
