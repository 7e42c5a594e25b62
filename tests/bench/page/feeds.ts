// The ways in which a body arrives.

/** Waits until a chunk may come that ends at this byte of the body; at once, where it gives nothing to wait for. */
export type Feed = (end: number) => Promise<void> | undefined;

/** Everything is there already: how fast a contender can be. */
export const atOnce: Feed = () => undefined;

/** Each chunk in a task of its own, as the browser hands over what the network brings. */
export const byTask: Feed = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });

/** As over a line of so many bits in a second. What a contender is late for waits for it. */
export function paced(bitsPerSecond: number): Feed {
  const begun = performance.now();
  return (end) => {
    const wait = begun + (end * 8000) / bitsPerSecond - performance.now();
    return wait > 0 ? new Promise((resolve) => setTimeout(resolve, wait)) : undefined;
  };
}

/** The body as a stream of chunks. */
export function streamOf(bytes: Uint8Array<ArrayBuffer>, chunkBytes: number, feed: Feed): ReadableStream<Uint8Array<ArrayBuffer>> {
  let start = 0;
  return new ReadableStream({
    pull: (controller) => {
      if (start >= bytes.length) return controller.close();
      const chunk = bytes.subarray(start, start + chunkBytes);
      start += chunk.length;
      const ready = feed(start);
      if (ready) return ready.then(() => controller.enqueue(chunk));
      controller.enqueue(chunk);
    },
  });
}
