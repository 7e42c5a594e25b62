import { bytesOf, cancel, createRequest, headOf, readerOf, type Fetch, type Head, type Reader } from "./http.js";
import { Turns } from "./pause.js";

/** Maximum time to read the rest of a body after everything that matters has arrived, in milliseconds. */
const DRAIN_MS = 1000;

/**
 * A connection of a call. The engine opens and closes it; it is kept on this side so that it can be closed after a crash of the
 * engine. Except for {@link prepare}, its methods do not throw: an exception would end the engine and with it every other call.
 */
export class Connection {
  readonly #controller = new AbortController();
  readonly #onClose: (connection: Connection, mayBeBilled: boolean) => void;
  #reader: Reader | undefined;
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

  /** Reads a chunk of the body. */
  async read(): Promise<Uint8Array | undefined> {
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
