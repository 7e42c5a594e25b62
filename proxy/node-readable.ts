// Node's streams as web streams. Node's own conversion buffers thousands of chunks.

/** The part of an incoming message of Node that is used. */
export interface NodeReadable {
  /** True after the whole message has arrived. */
  readonly complete: boolean;
  /** Adds a listener. `data` comes with bytes, and `error` with an error. */
  on(event: "data" | "end" | "close" | "error", listener: (...values: never[]) => void): unknown;
  /** Stops reading. */
  pause(): unknown;
  /** Continues reading. */
  resume(): unknown;
}

/** A converted message. */
export interface WebMessage {
  /** The bytes, read on demand. */
  stream: ReadableStream<Uint8Array>;
  /** Reads the rest and throws it away. */
  discard(): void;
}

/** Converts an incoming message to a stream. `onCancel` is called when nobody wants the rest. */
export function toWebStream(readable: NodeReadable, onCancel: () => void): WebMessage {
  let isOpen = true;
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const settle = (action: () => void): void => {
    if (!isOpen) return;
    isOpen = false;
    action();
  };
  const stream = new ReadableStream<Uint8Array>(
    {
      start(own) {
        controller = own;
        readable.on("data", (chunk: Uint8Array) => {
          if (!isOpen) return;
          controller.enqueue(new Uint8Array(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.byteLength));
          readable.pause();
        });
        readable.on("end", () => settle(() => controller.close()));
        readable.on("error", (error: Error) => settle(() => controller.error(error)));
        readable.on("close", () => settle(() => controller.error(new Error("The connection closed before the end of the message."))));
        readable.pause();
      },
      pull() {
        readable.resume();
      },
      cancel() {
        settle(onCancel);
      },
    },
    { highWaterMark: 0 },
  );
  const discard = (): void => {
    settle(() => controller.error(new Error("The rest of the message is not wanted.")));
    readable.resume();
  };
  return { stream, discard };
}
