/** Puts an answer on the wire, with the faults of the scenario. */

import { once } from "node:events";
import { STATUS_CODES, type OutgoingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { LONGEST_TIMER_IN_MS, type Position } from "../scenario/values.js";
import { discardBody } from "./body.js";
import { firstBytes, totalLength, type Answer, type Frame, type Segment } from "./answer.js";
import { allowOrigin, exposeHeaders } from "./cors.js";
import type { Exchange } from "./exchange.js";
import { serviceHeaders } from "./headers.js";

/** Bytes of a picture that become base64 at once: a multiple of three, so that the pieces join. */
const PICTURE_PIECE = 48 * 1024;

/**
 * No connection serves twice. Over HTTP/1.1 Chromium repeats a POST in silence, after a 408 and after a connection that broke
 * before the headers, if the connection had served before: whoever counts requests would count those of the browser.
 */
const neverReused = { connection: "close" } as const;

/** Time for the client to read what was sent: a reset throws away what still waits in the buffers. */
const PAUSE_BEFORE_RESET_IN_MS = 100;

function* pieces({ bytes, base64 }: Segment): Generator<Buffer> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!base64) {
    yield buffer;
    return;
  }
  for (let start = 0; start < buffer.length; start += PICTURE_PIECE) {
    yield Buffer.from(buffer.toString("base64", start, start + PICTURE_PIECE), "latin1");
  }
}

/** Waits until a time; it need not come when `until` ends the waiting. */
async function waitFor(time: number, signal: AbortSignal, until: AbortSignal | undefined): Promise<void> {
  const wait = time - performance.now();
  if (wait <= 0) return;
  const either = until === undefined ? signal : AbortSignal.any([signal, until]);
  await sleep(wait, undefined, { signal: either }).catch((error: unknown) => {
    if (signal.aborted) throw error;
  });
}

async function* bodyOf(frames: readonly Frame[], signal: AbortSignal, until?: AbortSignal): AsyncGenerator<Buffer> {
  for (const { segments, notBefore = 0 } of frames) {
    await waitFor(notBefore, signal, until);
    if (until?.aborted) return;
    for (const segment of segments) {
      yield* pieces(segment);
      segment.sent?.();
    }
  }
}

/** Divides a body into chunks of exactly `length` bytes, and a last one of what is left. */
async function* inChunks(body: AsyncIterable<Buffer>, length: number): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  let pendingLength = 0;
  for await (let piece of body) {
    while (pendingLength + piece.length >= length) {
      const taken = length - pendingLength;
      yield Buffer.concat([...pending, piece.subarray(0, taken)]);
      piece = piece.subarray(taken);
      pending = [];
      pendingLength = 0;
    }
    if (piece.length > 0) {
      pending.push(piece);
      pendingLength += piece.length;
    }
  }
  if (pendingLength > 0) yield Buffer.concat(pending);
}

function offsetOf(position: Exclude<Position, "before-headers" | "mid-headers">, frames: readonly Frame[]): number {
  if (position === "after-first-preview") {
    return totalLength(frames.slice(0, frames.findIndex(({ kind }) => kind === "partial") + 1));
  }
  if (position === "before-picture") {
    const index = frames.findIndex(({ kind }) => kind === "picture" || kind === "completed");
    return totalLength(frames.slice(0, Math.max(0, index)));
  }
  if (position === "before-completed") {
    return totalLength(
      frames.slice(
        0,
        Math.max(
          0,
          frames.findIndex(({ kind }) => kind === "completed"),
        ),
      ),
    );
  }
  const total = totalLength(frames);
  return Math.min(total, "bytes" in position ? position.bytes : Math.floor((total * position.percent) / 100));
}

/** Settles when the bytes are with the operating system, or earlier if there is no need to wait. */
async function write({ response, signal }: Exchange, bytes: Buffer, separately: boolean): Promise<void> {
  if (separately) {
    await new Promise<void>((resolve) => {
      const settle = () => {
        signal.removeEventListener("abort", settle);
        resolve();
      };
      // Node forgets the callback of a write to a connection that is just breaking.
      signal.addEventListener("abort", settle);
      response.write(bytes, settle);
    });
    signal.throwIfAborted();
  } else if (!response.write(bytes)) {
    await once(response, "drain", { signal });
  }
}

async function writeBody(exchange: Exchange, body: AsyncIterable<Buffer>): Promise<void> {
  const { scenario, signal } = exchange;
  const speed = scenario["bytes-per-second"];
  // Twenty chunks a second make an even flow.
  const chunk = scenario.chunk ?? (speed === undefined ? undefined : Math.max(1, Math.round(speed / 20)));
  for await (const bytes of chunk === undefined ? body : inChunks(body, chunk)) {
    await write(exchange, bytes, chunk !== undefined);
    const wait = (scenario.delay ?? 0) + (speed === undefined ? 0 : (bytes.length / speed) * 1000);
    if (wait > 0) await sleep(Math.min(wait, LONGEST_TIMER_IN_MS), undefined, { signal });
  }
}

/**
 * Writes the status line and a part of the headers, cut within `x-request-id`.
 *
 * What lets a page read the answer stays behind: over plain HTTP Chromium makes do with the headers that came before
 * the connection was closed, which it does not over HTTPS.
 */
function writePartOfHead({ response }: Exchange, status: number, headers: OutgoingHttpHeaders): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}`;
  const end = head.indexOf("x-request-id: ") + "x-request-id: 0123".length;
  response.socket?.write(head.slice(0, end), "latin1");
}

function forever(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

async function breakOff(exchange: Exchange): Promise<void> {
  const { response, scenario, signal } = exchange;
  if (scenario.stall !== undefined) await forever(signal);
  exchange.brokenOff = true;
  if (scenario.reset !== undefined) {
    await sleep(PAUSE_BEFORE_RESET_IN_MS, undefined, { signal });
    response.socket?.resetAndDestroy();
  } else if (response.headersSent) {
    response.end();
  } else {
    response.socket?.destroySoon();
  }
}

/** Sends an answer. Rejects when the client goes away. */
export async function send(exchange: Exchange, answer: Answer): Promise<void> {
  const { response, entry, scenario, signal } = exchange;
  const end = scenario.stall ?? scenario.reset ?? scenario.truncate;
  await sleep(scenario["slow-first-byte"] ?? 0, undefined, { signal });
  if (end === "before-headers") return breakOff(exchange);

  const streamed = answer.headers["content-type"]?.startsWith("text/event-stream") ?? false;
  const knownLength = !streamed && scenario.truncate === undefined && answer.status !== 204;
  entry.status = answer.status;
  const headers: OutgoingHttpHeaders = {
    ...neverReused,
    ...serviceHeaders(),
    ...(scenario["no-cors"] ? {} : allowOrigin),
    ...(scenario["expose-headers"] ? exposeHeaders : {}),
    ...(knownLength ? { "content-length": totalLength(answer.frames) } : {}),
    ...answer.headers,
  };
  if (end === "mid-headers") {
    writePartOfHead(exchange, answer.status, headers);
    return breakOff(exchange);
  }
  response.writeHead(answer.status, headers);
  response.flushHeaders();

  if (end === undefined) {
    await writeBody(exchange, bodyOf(answer.frames, signal, answer.until));
    await discardBody(exchange);
    response.end();
  } else {
    await writeBody(exchange, bodyOf(firstBytes(answer.frames, offsetOf(end, answer.frames)), signal, answer.until));
    await breakOff(exchange);
  }
}
