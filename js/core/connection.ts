import { Turns } from "./pause.js";

/** Maximum time to read the rest of a body after everything that matters has arrived, in milliseconds. */
const DRAIN_MS = 1000;

/**
 * A connection of a call. The engine opens and closes it; it is kept on this side so that it can be closed after a crash of the
 * engine.
 */
export class Connection {
  readonly #controller = new AbortController();
  readonly #onClose: (connection: Connection, mayBeBilled: boolean) => void;
  #reader: ReadableStreamDefaultReader<unknown> | undefined;
  /** Kept reachable: Node's `fetch` ignores an abort after its request is garbage collected. */
  request: Request | undefined;

  constructor(onClose: (connection: Connection, mayBeBilled: boolean) => void) {
    this.#onClose = onClose;
  }

  /** Aborted when the connection is closed. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Closes a body together with the connection. */
  hold(reader: ReadableStreamDefaultReader<unknown>): void {
    this.#reader = reader;
  }

  /** Closes the connection. */
  close(mayBeBilled: boolean, reason?: unknown): void {
    this.#onClose(this, mayBeBilled);
    this.#controller.abort(reason);
    if (this.#reader) cancel(this.#reader);
  }

  /** Everything that matters has arrived. Reads the body to its end, or cancels it if that takes too long. */
  end(mayBeBilled: boolean): void {
    this.#onClose(this, mayBeBilled);
    const reader = this.#reader;
    if (!reader) return;
    const timer = setTimeout(() => cancel(reader), DRAIN_MS);
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

/** Cancels the rest of a body. It does not matter if that fails. */
function cancel(reader: ReadableStreamDefaultReader<unknown>): void {
  reader.cancel().catch(() => {});
}
