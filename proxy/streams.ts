// Streams that hold back nothing and read nothing ahead.

/** A reader of a body. */
export type ChunkReader = ReadableStreamDefaultReader<Uint8Array>;

/** Creates a stream that takes a chunk only when one is read. `onCancel` is called when nobody wants more. */
export function fromIterable(chunks: AsyncIterable<Uint8Array>, onCancel: (reason: unknown) => unknown): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) {
        await onCancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** The end of a response. */
export type StreamEnd = "completed" | "aborted" | "broken";

/** Passes a stream on, and reports once how it ended. */
export function observe(stream: ReadableStream<Uint8Array>, onEnd: (end: StreamEnd, error?: unknown) => void): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          controller.close();
          onEnd("completed");
        } catch (error) {
          controller.error(error);
          onEnd("broken", error);
        }
      },
      async cancel(reason) {
        onEnd("aborted");
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
