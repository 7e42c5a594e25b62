/** Ids as the service makes them. */

import { randomBytes } from "node:crypto";

/** A fresh id. */
export function newId(prefix: string): string {
  return prefix + randomBytes(24).toString("hex");
}

/** The time for `created_at`. */
export function secondsNow(): number {
  return Math.floor(Date.now() / 1000);
}
