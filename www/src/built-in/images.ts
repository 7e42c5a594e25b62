// The image routes of each service.

import { draw, render, rough, type Subject } from "./drawing.js";
import { type Event, eventStream } from "./event-stream.js";
import { LATENCY_IN_MS, pause } from "./pause.js";

/** The parameters of a request. */
interface Asked extends Subject {
  readonly mediaType: string;
  readonly partialImages: number;
  readonly isStreamed: boolean;
}

/** Generates or edits an image. */
export async function answerImage(request: Request, isEdit: boolean): Promise<Response> {
  const asked = await read(request);
  if (!asked.isStreamed) {
    await pause(LATENCY_IN_MS, request.signal);
    const data = [{ b64_json: await render(await draw(asked), asked.mediaType) }];
    return Response.json({ created: Math.floor(Date.now() / 1000), data });
  }
  return eventStream(events(asked, isEdit ? "image_edit" : "image_generation", request.signal));
}

async function* events(asked: Asked, kind: string, signal: AbortSignal): AsyncGenerator<Event> {
  const { partialImages, mediaType } = asked;
  const picture = await draw(asked);
  for (let index = 0; index <= partialImages; index += 1) {
    await pause(LATENCY_IN_MS / (partialImages + 1), signal);
    const isLast = index === partialImages;
    const image = isLast ? picture : rough(picture, 8 * 2 ** index);
    const type = `${kind}.${isLast ? "completed" : "partial_image"}`;
    yield { type, ...(!isLast && { partial_image_index: index }), b64_json: await render(image, mediaType) };
  }
}

async function read(request: Request): Promise<Asked> {
  const isForm = request.headers.get("content-type")?.startsWith("multipart/") ?? false;
  const fields: Record<string, unknown> = isForm ? Object.fromEntries(await request.formData()) : await request.json();
  const file = (value: unknown) => (value instanceof Blob ? value : undefined);
  const image = file(fields["image"] ?? fields["image[]"]) ?? decoded(fields["input_image"]);
  const { width, height } = await sizeOf(fields, image);
  return {
    prompt: String(fields["prompt"]),
    width,
    height,
    mediaType: `image/${fields["output_format"] ?? "png"}`,
    partialImages: Number(fields["partial_images"] ?? 0),
    isStreamed: /^true$/i.test(String(fields["stream"])),
    image,
    mask: file(fields["mask"]),
  };
}

/** Returns the requested size or, for an edit without one, the size of its input image. */
async function sizeOf(fields: Record<string, unknown>, image: Blob | undefined): Promise<{ width: number; height: number }> {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(String(fields["size"] ?? `${fields["width"]}x${fields["height"]}`)) ?? [];
  if (width && height) return { width: Number(width), height: Number(height) };
  const [, wide, high] = /^(\d+):(\d+)$/.exec(String(fields["aspect_ratio"])) ?? [];
  const side = (ratio: number) => Math.round(1024 * Math.sqrt(ratio));
  if (wide && high) return { width: side(Number(wide) / Number(high)), height: side(Number(high) / Number(wide)) };
  return image ? createImageBitmap(image) : { width: 1024, height: 1024 };
}

/** Decodes an input image of FLUX. */
function decoded(base64: unknown): Blob | undefined {
  return typeof base64 === "string" ? new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]) : undefined;
}
