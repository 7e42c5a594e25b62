import { bytesOf, cancel, createRequest, headOf, readerOf, type Fetch, type Head, type Reader } from "./http.js";
import { Turns } from "./pause.js";

/** Maximum time to read the rest of a body after everything that matters has arrived, in milliseconds. */
const DRAIN_MS = 1000;

/** Size of the buffer that joins small chunks, in bytes. The engine copies as much at once. */
const JOINED_BYTES = 64 * 1024;
/** Maximum number of chunks to join. Chunks without end must not keep the page busy. */
const JOINED_CHUNKS = 64;
/** Number of microtasks in which a chunk that has already arrived can be read. */
const TICKS = 3;

/** A read of the body. */
interface Reading {
  promise: Promise<Uint8Array | undefined>;
  /** The chunk, once it has been read. */
  chunk: Uint8Array | undefined;
}

/**
 * A connection of a call. The engine opens and closes it; it is kept on this side so that it can be closed after a crash of the
 * engine. Except for {@link prepare}, its methods do not throw: an exception would end the engine and with it every other call.
 */
export class Connection {
  readonly #controller = new AbortController();
  readonly #onClose: (connection: Connection, mayBeBilled: boolean) => void;
  #reader: Reader | undefined;
  /** The read that has begun, but whose chunk was not returned. */
  #reading: Reading | undefined;
  #joined: Uint8Array | undefined;
  /** Kept reachable: Node's `fetch` ignores an abort after its request is garbage collected (nodejs/undici#3644). */
  #request: Request | undefined;

  constructor(onClose: (connection: Connection, mayBeBilled: boolean) => void) {
    this.#onClose = onClose;
  }

  /** Aborted when the connection is closed. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Creates the request. Throws if the browser refuses it. */
  prepare(method: string, url: string, headers: Headers, body: BodyInit | undefined, isOpaque: boolean): void {
    this.#request = createRequest(method, url, headers, body, this.signal, isOpaque);
  }

  /** Sends the request with the `fetch` of the page or of the browser. */
  async send(fetch: Fetch | undefined): Promise<Head> {
    const request = this.#request as Request;
    const response = await (fetch ? fetch(request) : globalThis.fetch(request));
    const head = headOf(response);
    this.#reader = readerOf(response);
    // The call has ended. The connection must be closed.
    if (this.signal.aborted && this.#reader) await cancel(this.#reader);
    return head;
  }

  /**
   * Reads the body. Joins small chunks that have already arrived, because each call of the engine takes time. The bytes are valid until the
   * next call.
   */
  async read(): Promise<Uint8Array | undefined> {
    const first = await this.#begin().promise;
    this.#reading = undefined;
    if (!first) return undefined;
    let [joined, length] = [first, first.length];
    for (let count = 1; count < JOINED_CHUNKS; count += 1) {
      const next = await this.#arrived(JOINED_BYTES - length);
      if (!next) break;
      if (joined === first) (joined = this.#joined ??= new Uint8Array(JOINED_BYTES)).set(first);
      joined.set(next, length);
      length += next.length;
    }
    return joined === first ? first : joined.subarray(0, length);
  }

  /** Returns the next chunk if it has already arrived and is not larger than `space`. */
  async #arrived(space: number): Promise<Uint8Array | undefined> {
    if (space <= 0) return undefined;
    const reading = this.#begin();
    for (let tick = 0; tick < TICKS && !reading.chunk; tick += 1) await undefined;
    const { chunk } = reading;
    // An error or the end is for the next call.
    if (!chunk || chunk.length === 0 || chunk.length > space) return undefined;
    this.#reading = undefined;
    return chunk;
  }

  #begin(): Reading {
    if (this.#reading) return this.#reading;
    const reading: Reading = { promise: this.#chunk(), chunk: undefined };
    reading.promise.then(
      (chunk) => (reading.chunk = chunk),
      () => {},
    );
    this.#reading = reading;
    return reading;
  }

  async #chunk(): Promise<Uint8Array | undefined> {
    const chunk = await this.#reader?.read();
    return !chunk || chunk.done ? undefined : bytesOf(chunk.value);
  }

  /** Closes the connection. */
  close(mayBeBilled: boolean, reason?: unknown): void {
    this.#onClose(this, mayBeBilled);
    this.#controller.abort(reason);
    if (this.#reader) void cancel(this.#reader);
  }

  /** Everything that matters has arrived. Reads the body to its end, or cancels it if that takes too long. */
  end(mayBeBilled: boolean): void {
    this.#onClose(this, mayBeBilled);
    const reader = this.#reader;
    if (!reader) return;
    const timer = setTimeout(() => void cancel(reader), DRAIN_MS);
    const drain = async () => {
      const turns = new Turns();
      // Chunks that are already available would give neither the page nor the timer a turn.
      while (!(await reader.read()).done) if (turns.isDue) await turns.give();
    };
    drain()
      .catch(() => {})
      .finally(() => clearTimeout(timer));
  }
}
