/** Logs the pictures that were sent. */

import type { Log } from "../log.js";
import { hashOf, type Picture } from "../pictures/picture.js";

/** Logs a picture that was sent whole and intact in the answer to the request of this index. */
export function logPicture(log: Log, requestIndex: number, picture: Picture): void {
  const { kind, mediaType, width, height, bytes } = picture;
  log.pictures.push({ requestIndex, kind, sha256: hashOf(picture), byteLength: bytes.byteLength, mediaType, width, height });
}
