/** The time that an image takes. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Exchange } from "../http/exchange.js";
import type { Service } from "../service/service.js";

/** Waits until the request has taken as long as the options say. Rejects when the client goes away. */
export async function waitForLatency({ startedAt, signal }: Exchange, { options }: Service): Promise<void> {
  await sleep(Math.max(0, startedAt + options.latencyInMs - performance.now()), undefined, { signal });
}
