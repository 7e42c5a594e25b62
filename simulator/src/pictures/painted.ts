/** Pictures that were painted before: the same subject gives the same bytes, and tests ask for the same few again and again. */

import { createHash } from "node:crypto";
import type { Picture } from "./picture.js";

/** Most bytes that are kept by one process: about fifty pictures of a usual size. */
const MOST_BYTES = 64 * 1024 * 1024;

/** By the hashes of their names, which hold whole prompts. */
const painted = new Map<string, Picture>();
let bytesKept = 0;

/** The picture of this name, painted unless it is still there. The one that was not asked for the longest gives way. */
export async function paintedBefore(name: string, paint: () => Promise<Picture>): Promise<Picture> {
  const key = createHash("sha256").update(name).digest("base64");
  const picture = painted.get(key) ?? (await paint());
  keep(key, picture);
  return picture;
}

function keep(key: string, picture: Picture): void {
  forget(key);
  painted.set(key, picture);
  bytesKept += picture.bytes.byteLength;
  for (const oldest of painted.keys()) {
    if (bytesKept <= MOST_BYTES) return;
    forget(oldest);
  }
}

function forget(key: string): void {
  bytesKept -= painted.get(key)?.bytes.byteLength ?? 0;
  painted.delete(key);
}
