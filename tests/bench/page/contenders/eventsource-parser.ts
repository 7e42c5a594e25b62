import { createParser } from "eventsource-parser";
import { ALL_SHAPES, blobOf, type Contender, type OutputItem } from "../contender.js";

/** What a page has that is written by hand: a parser of events, `JSON.parse`, and the decoder of the browser. */
export const eventsourceParser: Contender = {
  name: "eventsource-parser",
  shapes: ALL_SHAPES,
  async run({ shape, answer }) {
    const response = answer();
    if (shape === "answer") {
      const { data } = (await response.json()) as { data: { b64_json: string }[] };
      return data.map(({ b64_json }) => decode(b64_json));
    }
    const blobs: Blob[] = [];
    const parser = createParser({
      onEvent: ({ data }) => {
        const event = JSON.parse(data) as { type: string; b64_json?: string; item?: OutputItem };
        const base64 = event.b64_json ?? (event.type === "response.output_item.done" ? event.item?.result : undefined);
        if (base64) blobs.push(decode(base64));
      },
    });
    const decoder = new TextDecoder();
    const reader = response.body?.getReader();
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) parser.feed(decoder.decode(read.value, { stream: true }));
    return blobs;
  },
};

function decode(base64: string): Blob {
  return blobOf(Uint8Array.fromBase64(base64));
}
