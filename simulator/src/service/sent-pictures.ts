/** Logs the pictures that were sent. */

import type { Log, RequestEntry } from "../log.js";
import { hashOf, type Picture } from "../pictures/picture.js";

/** Logs a picture that was sent whole and intact in the answer to a request. */
export function logPicture(log: Log, request: RequestEntry, picture: Picture): void {
  const { kind, mediaType, width, height, bytes } = picture;
  log.addPicture(request, { kind, sha256: hashOf(picture), byteLength: bytes.byteLength, mediaType, width, height });
}
