import { AzureImageError, invalidRequest } from "../core/error.js";
import { blobOfObjectUrl, GeneratedImage } from "../core/image.js";
import { refuseProxy } from "../core/snapshot.js";
import type { ValidationProblem } from "../core/types.js";
import type { Client } from "../wasm/azure_image_client.js";

/**
 * A picture to work from: a file, its bytes, a `data:` or object URL, a picture that this library made, or pixels. PNG and
 * JPEG are sent as they are; WebP and pixels become PNG.
 */
export type ImageInput = Blob | ArrayBuffer | ArrayBufferView | string | GeneratedImage | HTMLCanvasElement | OffscreenCanvas | ImageBitmap;

/** A picture as it was when the page handed it over, and what to call it in an error. */
export interface CapturedInput {
  blob: Promise<Blob>;
  param: string;
}

/** A picture that is ready to be sent, with what its first bytes say. */
export interface PreparedInput {
  blob: Blob;
  /** Not known for what is no picture. */
  mediaType?: string;
  width?: number;
  height?: number;
  hasAlpha: boolean;
  /** Whether the picture was made PNG from another format. */
  converted: boolean;
}

/** Enough for the header of a picture without much metadata, and of one with a lot, in bytes. */
const HEADER_BYTES = [64 * 1024, 1024 * 1024];

/** Takes hold of a picture. Never rejects before somebody waits for it. */
export function captureInput(input: unknown, param: string): CapturedInput {
  const blob = toBlob(input, param);
  blob.catch(() => {});
  return { blob, param };
}

/** Makes a picture ready. Reads no more of a file than its header. */
export async function prepareInput(client: Client, captured: CapturedInput): Promise<PreparedInput> {
  const { param } = captured;
  try {
    const blob = await captured.blob;
    const inspected = await inspect(client, blob);
    if (!inspected.needsConversion) {
      // A part whose type is missing or wrong is refused, and what a file calls itself is often wrong.
      const typed = blob.type === inspected.mediaType ? blob : blob.slice(0, blob.size, inspected.mediaType);
      return { ...inspected, blob: typed, converted: false };
    }
    const png = await toPng(blob, param);
    return { ...(await inspect(client, png)), blob: png, converted: true };
  } catch (cause) {
    throw unreadable(param, cause);
  }
}

/** The error for a file of which the reading failed. */
export function unreadable(param: string, cause: unknown): AzureImageError {
  if (cause instanceof AzureImageError) return cause;
  return invalidRequest(param, `${param} could not be read. A file may have been moved or changed after it was picked.`, cause);
}

interface Inspected extends Omit<PreparedInput, "blob" | "converted"> {
  needsConversion: boolean;
}

/** What the beginning of a file says. */
export async function inspect(client: Client, blob: Blob): Promise<Inspected> {
  for (const length of HEADER_BYTES) {
    const beginning = new Uint8Array(await blob.slice(0, length).arrayBuffer());
    const inspected = client.inspect(beginning) as Inspected;
    if (inspected.mediaType || blob.size <= length) return inspected;
  }
  return { hasAlpha: false, needsConversion: false };
}

async function toBlob(input: unknown, param: string): Promise<Blob> {
  if (input instanceof GeneratedImage) {
    if (input.url === undefined) return input.blob;
    throw invalidRequest(param, `${param} is a picture that is only a URL, whose bytes a page cannot read. Make it with responseFormat: "b64_json".`);
  }
  if (input instanceof Blob) return refuseProxy(input, "size", param, "a Blob");
  if (input instanceof ArrayBuffer || ArrayBuffer.isView(input)) return new Blob([input as BlobPart]);
  if (typeof input === "string") return urlToBlob(input, param);
  if (typeof HTMLCanvasElement !== "undefined" && input instanceof HTMLCanvasElement) {
    return pixels(param, () => canvasToPng(input));
  }
  if (typeof OffscreenCanvas !== "undefined" && input instanceof OffscreenCanvas) {
    return pixels(param, () => canvasToPng(input));
  }
  if (typeof ImageBitmap !== "undefined" && input instanceof ImageBitmap) return pixels(param, () => bitmapToPng(input));
  throw invalidRequest(
    param,
    `${param} must be a file or a picture: a File or Blob, an ArrayBuffer or typed array, a data: or object URL, a GeneratedImage, a ` +
      `canvas or an ImageBitmap. It is ${input === null ? "null" : `of type ${typeof input}`}.`,
  );
}

async function urlToBlob(url: string, param: string): Promise<Blob> {
  if (url.startsWith("data:")) return dataUrlToBlob(url, param);
  const known = blobOfObjectUrl(url);
  if (known) return known;
  if (!url.startsWith("blob:")) {
    throw invalidRequest(param, `${param} is a text that is neither a data: URL nor an object URL. Fetch the picture, and pass its Blob.`);
  }
  try {
    return await (await fetch(url)).blob();
  } catch (cause) {
    throw invalidRequest(
      param,
      `${param} is an object URL that could not be read. It may have been revoked, or the page's content security policy lacks ` +
        "blob: in connect-src; pass the Blob itself.",
      cause,
    );
  }
}

/** Not by `fetch`, for which a content security policy would have to allow `data:`. */
function dataUrlToBlob(url: string, param: string): Blob {
  const comma = url.indexOf(",");
  const [mediaType, ...parameters] = url.slice("data:".length, comma).split(";");
  const data = url.slice(comma + 1);
  try {
    if (comma < 0) throw new Error("no comma");
    const text = decodeURIComponent(data);
    const binary = parameters.some((parameter) => parameter.trim().toLowerCase() === "base64") ? atob(text) : text;
    const bytes = new Uint8Array(binary.length);
    for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
    return new Blob([bytes], { type: mediaType ?? "" });
  } catch (cause) {
    throw invalidRequest(param, `${param} is a data: URL that cannot be decoded.`, cause);
  }
}

function toPng(blob: Blob, param: string): Promise<Blob> {
  return pixels(param, async () => {
    const bitmap = await createImageBitmap(blob);
    try {
      return await bitmapToPng(bitmap);
    } finally {
      bitmap.close();
    }
  });
}

function bitmapToPng(bitmap: ImageBitmap): Promise<Blob> {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  return canvasToPng(canvas);
}

async function canvasToPng(canvas: HTMLCanvasElement | OffscreenCanvas): Promise<Blob> {
  if ("convertToBlob" in canvas) return canvas.convertToBlob({ type: "image/png" });
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the canvas is empty"))), "image/png"));
}

/** Reads pixels, and says what may be in the way. */
async function pixels(param: string, read: () => Promise<Blob>): Promise<Blob> {
  try {
    return await read();
  } catch (cause) {
    throw invalidRequest(
      param,
      `The pixels of ${param} could not be read. It may be empty, damaged, closed, or hold a picture of another origin.`,
      cause,
    );
  }
}

/** The pictures of an edit as they were when the page handed them over. */
export interface CapturedInputs {
  images: CapturedInput[];
  mask: CapturedInput | undefined;
}

/** Takes hold of the pictures of an edit at once: what the page does to them afterwards changes nothing. */
export function captureInputs({ image, mask }: { image?: unknown; mask?: unknown }): CapturedInputs {
  const images: unknown[] = image === undefined || image === null ? [] : Array.isArray(image) ? image : [image];
  return {
    images: images.map((input, index) => captureInput(input, images.length === 1 ? "image" : `image[${index}]`)),
    mask: mask === undefined || mask === null ? undefined : captureInput(mask, "mask"),
  };
}

/** The pictures of an edit, ready to be sent. */
export interface Inputs {
  images: PreparedInput[];
  mask: PreparedInput | undefined;
}

/** Makes the pictures of an edit ready. */
export async function prepareInputs(client: Client, { images, mask }: CapturedInputs): Promise<Inputs> {
  return {
    images: await Promise.all(images.map((input) => prepareInput(client, input))),
    mask: mask && (await prepareInput(client, mask)),
  };
}

/** What was changed about the pictures on the way. */
export function conversions(inputs: Inputs | undefined): ValidationProblem[] {
  const images = inputs?.images.flatMap((input) => conversion(input, "image")) ?? [];
  return [...images, ...(inputs?.mask ? conversion(inputs.mask, "mask") : [])];
}

/** The same of one picture. */
export function conversion({ converted }: PreparedInput, param: string): ValidationProblem[] {
  const message = "The picture was WebP, which Azure's pages do not list, and was sent as PNG.";
  return converted ? [{ param, message, severity: "warning" }] : [];
}
