// What Azure would send, made in the page, so that no network takes part.

import type { Shape, Work } from "../works.js";

export interface Body {
  bytes: Uint8Array<ArrayBuffer>;
  mediaType: string;
  /** Where the base64 of each picture is, once. */
  base64: { start: number; end: number }[];
  /** What the Blobs must hold. */
  pictures: Uint8Array<ArrayBuffer>[];
}

/** Enough of a PNG for who looks at the first bytes: signature and IHDR of 1024 × 1024 pixels. */
const PNG_START = "89504e470d0a1a0a0000000d49484452000004000000040008060000007f1d2b83";
const ABOUT_PICTURE = { size: "1024x1024", quality: "high", background: "opaque", output_format: "png" };
const USAGE = { input_tokens: 17, input_tokens_details: { image_tokens: 0, text_tokens: 17 }, output_tokens: 4160, total_tokens: 4177 };
const CREATED = 1_779_321_600;

const made = new Map<string, Body>();

/** The body for some work; the same each time. */
export function bodyOf({ shape, pictures, pictureBytes }: Work): Body {
  const key = `${shape} ${pictures} ${pictureBytes}`;
  const body =
    made.get(key) ??
    makeBody(
      shape,
      Array.from({ length: pictures }, () => makePicture(pictureBytes)),
    );
  made.set(key, body);
  return body;
}

function makePicture(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  // Compressed pictures look like noise; and no more than this can be asked for at once.
  for (let offset = 0; offset < size; offset += 65_536) crypto.getRandomValues(bytes.subarray(offset, offset + 65_536));
  bytes.setFromHex(PNG_START);
  return bytes;
}

function makeBody(shape: Shape, pictures: Uint8Array<ArrayBuffer>[]): Body {
  const texts = pictures.map((picture) => picture.toBase64());
  const text = { images: imagesStream, answer: imagesAnswer, response: responseStream }[shape](texts);
  const base64 = texts.map((picture) => {
    const start = text.indexOf(picture);
    return { start, end: start + picture.length };
  });
  // All of it is ASCII, so places in the text are places in the bytes.
  const bytes = new TextEncoder().encode(text);
  return { bytes, mediaType: shape === "answer" ? "application/json" : "text/event-stream; charset=utf-8", base64, pictures };
}

/** All but the last picture are partialImages. */
function imagesStream(pictures: string[]): string {
  const events = pictures.map((b64_json, index) =>
    index < pictures.length - 1
      ? { type: "image_generation.partial_image", partial_image_index: index, b64_json, created_at: CREATED, ...ABOUT_PICTURE }
      : { type: "image_generation.completed", b64_json, created_at: CREATED, ...ABOUT_PICTURE, usage: USAGE },
  );
  return events.map(serverSent).join("");
}

function imagesAnswer(pictures: string[]): string {
  return JSON.stringify({ created: CREATED, ...ABOUT_PICTURE, data: pictures.map((b64_json) => ({ b64_json })), usage: USAGE });
}

/** The picture comes with the end of its call, and again with the end of the response. */
function responseStream([result = ""]: string[]): string {
  const id = "resp_0f1e2d3c4b5a69788796a5b4c3d2e1f0";
  const about = { id, object: "response", created_at: CREATED, error: null, model: "gpt-4.1", tools: [{ type: "image_generation" }] };
  const call = { id: "ig_0a1b2c3d4e5f", type: "image_generation_call" };
  const running = { ...call, status: "in_progress", result: null };
  const done = { ...call, status: "completed", ...ABOUT_PICTURE, result };
  const events = [
    { type: "response.created", response: { ...about, status: "in_progress", output: [], usage: null } },
    { type: "response.in_progress", response: { ...about, status: "in_progress", output: [], usage: null } },
    { type: "response.output_item.added", output_index: 0, item: running },
    { type: "response.image_generation_call.in_progress", output_index: 0, item_id: call.id },
    { type: "response.image_generation_call.generating", output_index: 0, item_id: call.id },
    { type: "response.image_generation_call.completed", output_index: 0, item_id: call.id },
    { type: "response.output_item.done", output_index: 0, item: done },
    { type: "response.completed", response: { ...about, status: "completed", output: [done], usage: USAGE } },
  ];
  return events.map((event, sequence_number) => serverSent({ ...event, sequence_number })).join("");
}

function serverSent(event: { type: string; sequence_number?: number }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
