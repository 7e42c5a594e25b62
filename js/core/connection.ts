import { bytesOf, cancel, createRequest, headOf, readerOf, type Fetch, type Reader } from "./http.js";
import { Turns } from "./pause.js";

/** Maximum time to read the rest of a body after everything that matters has arrived, in milliseconds. */
const DRAIN_MS = 1000;

/** Maximum time of work on a body without a pause, in milliseconds. A Blob can take 4 ms more. Both fit into a frame at 60 Hz. */
const BUSY_MS = 2.5;

/** Results of {@link Connection.read} that are not a number of bytes. */
const PENDING = -1;
const FAILED = -2;

/** Number of bytes from which no more chunks are joined. The engine copies as much at once. */
const JOINED_BYTES = 64 * 1024;
/** Maximum number of chunks to join. Chunks without end must not keep the page busy. */
const JOINED_CHUNKS = 64;
/** Number of microtasks in which a chunk that has already arrived can be read. */
const TICKS = 3;

/**
 * A connection of a call. The engine opens and closes it; it is kept on this side so that it can be closed after a crash of the
 * engine. Except for {@link prepare}, its methods do not throw: an exception would end the engine and with it every other call.
 */
export class Connection {
  readonly #controller = new AbortController();
  readonly #wake: () => void;
  readonly #onClose: (connection: Connection, mayBeBilled: boolean) => void;
  readonly #turns = new Turns(BUSY_MS);
  #reader: Reader | undefined;
  /** The pending read. */
  #reading: Promise<void> | undefined;
  /** The arrived bytes that the engine has not read. */
  #chunks: Uint8Array[] = [];
  #unreadBytes = 0;
  #isWaiting = false;
  #isAtEnd = false;
  #failure: { cause: unknown } | undefined;
  /** Kept reachable: Node's `fetch` ignores an abort after its request is garbage collected (nodejs/undici#3644). */
  #request: Request | undefined;

  /** `wake` continues the engine when bytes have arrived. */
  constructor(wake: () => void, onClose: (connection: Connection, mayBeBilled: boolean) => void) {
    this.#wake = wake;
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
  async send(fetch: Fetch | undefined): Promise<string> {
    const request = this.#request as Request;
    const response = await this.#turns.idle(fetch ? fetch(request) : globalThis.fetch(request));
    const head = headOf(response);
    this.#reader = readerOf(response);
    // The call has ended. The connection must be closed.
    if (this.signal.aborted && this.#reader) await cancel(this.#reader);
    return head;
  }

  /**
   * Copies the next bytes of the body into `bytes`. Returns their number, 0 at the end, {@link PENDING} if the engine is woken when there
   * are more, or {@link FAILED}.
   */
  read(bytes: Uint8Array): number {
    if (this.#isWaiting) return PENDING;
    const isEmpty = this.#chunks.length === 0;
    if (isEmpty && this.#failure) return FAILED;
    if (isEmpty && this.#isAtEnd) return 0;
    if (isEmpty || this.#turns.isDue) {
      void this.#wait();
      return PENDING;
    }
    try {
      return this.#take(bytes);
    } catch (cause) {
      // The page has transferred the bytes.
      this.#chunks = [];
      this.#failure = { cause };
      return FAILED;
    }
  }

  /** The error of reading. */
  get cause(): unknown {
    return this.#failure?.cause;
  }

  #take(bytes: Uint8Array): number {
    let length = 0;
    for (let chunk = this.#chunks[0]; chunk && length < bytes.length; chunk = this.#chunks[0]) {
      const space = bytes.length - length;
      const part = chunk.length > space ? chunk.subarray(0, space) : chunk;
      bytes.set(part, length);
      length += part.length;
      if (part === chunk) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#unreadBytes -= length;
    return length;
  }

  /** Gives the page a turn if that is due, and waits for bytes if there are none. Then wakes the engine. */
  async #wait(): Promise<void> {
    this.#isWaiting = true;
    for (;;) {
      if (this.#turns.isDue) await this.#turns.give();
      if (this.#chunks.length > 0 || this.#hasEnded) break;
      await this.#arrive();
    }
    this.#isWaiting = false;
    this.#wake();
  }

  /** Waits for the next chunk. Takes others that have already arrived with it, because each call of the engine takes time. */
  async #arrive(): Promise<void> {
    await this.#turns.idle(this.#begin());
    for (let count = 1; count < JOINED_CHUNKS && this.#unreadBytes < JOINED_BYTES && !this.#hasEnded; count += 1) {
      const reading = this.#begin();
      for (let tick = 0; tick < TICKS && this.#reading === reading; tick += 1) await undefined;
      if (this.#reading === reading) return;
    }
  }

  get #hasEnded(): boolean {
    return this.#isAtEnd || this.#failure !== undefined;
  }

  #begin(): Promise<void> {
    return (this.#reading ??= this.#readChunk());
  }

  /** Reads the next chunk. Does not reject. */
  async #readChunk(): Promise<void> {
    try {
      const result = await this.#reader?.read();
      if (!result || result.done) this.#isAtEnd = true;
      else this.#add(bytesOf(result.value));
    } catch (cause) {
      this.#failure = { cause };
    }
    this.#reading = undefined;
  }

  #add(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#chunks.push(chunk);
    this.#unreadBytes += chunk.length;
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
