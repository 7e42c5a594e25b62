/** Pictures that were painted before: the same subject gives the same bytes, and tests ask for the same few again and again. */

import type { Picture } from "./picture.js";

/** Most bytes that are kept: about sixty pictures of a usual size. */
const MOST_BYTES = 64 * 1024 * 1024;

const painted = new Map<string, Picture>();
let bytesKept = 0;

/** The picture of this name, painted unless it is still there. The one that was not asked for the longest gives way. */
export async function paintedOnce(name: string, paint: () => Promise<Picture>): Promise<Picture> {
  const picture = painted.get(name) ?? (await paint());
  keep(name, picture);
  return picture;
}

function keep(name: string, picture: Picture): void {
  forget(name);
  painted.set(name, picture);
  bytesKept += picture.bytes.byteLength;
  for (const oldest of painted.keys()) {
    if (bytesKept <= MOST_BYTES) return;
    forget(oldest);
  }
}

function forget(name: string): void {
  bytesKept -= painted.get(name)?.bytes.byteLength ?? 0;
  painted.delete(name);
}
