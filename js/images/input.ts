import { base64Of } from "../core/base64.js";
import { AzureImageError, invalidRequest } from "../core/error.js";
import { blobOfObjectUrl, GeneratedImage } from "../core/image.js";
import { refuseProxy } from "../core/snapshot.js";
import type { ValidationProblem } from "../core/types.js";
import type { Client } from "../wasm/azure_image_client.js";

/**
 * An input image: a file, its bytes, a `data:` or object URL, a generated image, or pixels. PNG and JPEG are sent unchanged; WebP and
 * pixels are converted to PNG.
 */
export type ImageInput = Blob | ArrayBuffer | ArrayBufferView | string | GeneratedImage | HTMLCanvasElement | OffscreenCanvas | ImageBitmap;

/** A captured image, and its name in errors. */
export interface CapturedInput {
  blob: Promise<Blob>;
  param: string;
}

/** An image that is ready to be sent, with the facts of its header. */
export interface PreparedInput {
  blob: Blob;
  /** Unknown for other files. */
  mediaType?: string;
  width?: number;
  height?: number;
  hasAlpha: boolean;
  /** True if the image was converted to PNG. */
  converted: boolean;
  /** The image as base64, for a service that embeds it in JSON. */
  base64?: Blob;
}

/** Number of bytes read for the header: enough for a little metadata, and for a lot. */
const HEADER_BYTES = [64 * 1024, 1024 * 1024];

/** Captures an image. The promise does not cause an unhandled rejection. */
export function captureInput(input: unknown, param: string): CapturedInput {
  const blob = toBlob(input, param);
  blob.catch(() => {});
  return { blob, param };
}

/** Prepares an image. Reads only its header. */
export async function prepareInput(client: Client, captured: CapturedInput): Promise<PreparedInput> {
  const { param } = captured;
  try {
    const blob = await captured.blob;
    const inspected = await inspect(client, blob);
    if (!inspected.needsConversion) {
      // Azure refuses a part with a missing or wrong type, and the type of a file is often wrong.
      const typed = blob.type === inspected.mediaType ? blob : blob.slice(0, blob.size, inspected.mediaType);
      return { ...inspected, blob: typed, converted: false };
    }
    const png = await toPng(blob, param);
    return { ...(await inspect(client, png)), blob: png, converted: true };
  } catch (cause) {
    throw unreadable(param, cause);
  }
}

/** The error of an unreadable file. */
export function unreadable(param: string, cause: unknown): AzureImageError {
  if (cause instanceof AzureImageError) return cause;
  return invalidRequest(param, `${param} could not be read. A file may have been moved or changed after it was picked.`, cause);
}

interface Inspected extends Omit<PreparedInput, "blob" | "converted" | "base64"> {
  needsConversion: boolean;
}

/** Reads the header of a file. */
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
    throw invalidRequest(
      param,
      `${param} is an image with only a URL, and a page cannot read its bytes. Generate it with responseFormat: "b64_json".`,
    );
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
    `${param} must be a file or an image: a File or Blob, an ArrayBuffer or typed array, a data: or object URL, a GeneratedImage, a ` +
      `canvas or an ImageBitmap. It is ${input === null ? "null" : `of type ${typeof input}`}.`,
  );
}

async function urlToBlob(url: string, param: string): Promise<Blob> {
  if (url.startsWith("data:")) return dataUrlToBlob(url, param);
  const known = blobOfObjectUrl(url);
  if (known) return known;
  if (!url.startsWith("blob:")) {
    throw invalidRequest(param, `${param} is a string but not a data: URL or object URL. Fetch the image and pass its Blob.`);
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

/** Decodes without `fetch`, because a content security policy would have to allow `data:`. */
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

/** Reads pixels. Explains a failure. */
async function pixels(param: string, read: () => Promise<Blob>): Promise<Blob> {
  try {
    return await read();
  } catch (cause) {
    throw invalidRequest(
      param,
      `The pixels of ${param} could not be read. It may be empty, damaged or closed, or contain an image of another origin.`,
      cause,
    );
  }
}

/** The captured images of an edit. */
export interface CapturedInputs {
  images: CapturedInput[];
  mask: CapturedInput | undefined;
}

/** Captures the images of an edit, so that later changes by the page have no effect. */
export function captureInputs({ image, mask }: { image?: unknown; mask?: unknown }): CapturedInputs {
  const images: unknown[] = image === undefined || image === null ? [] : Array.isArray(image) ? image : [image];
  return {
    images: images.map((input, index) => captureInput(input, images.length === 1 ? "image" : `image[${index}]`)),
    mask: mask === undefined || mask === null ? undefined : captureInput(mask, "mask"),
  };
}

/** The prepared images of an edit. */
export interface Inputs {
  images: PreparedInput[];
  mask: PreparedInput | undefined;
}

/** Prepares the images of an edit. */
export async function prepareInputs(client: Client, { images, mask }: CapturedInputs): Promise<Inputs> {
  return {
    images: await Promise.all(images.map((input) => prepareInput(client, input))),
    mask: mask && (await prepareInput(client, mask)),
  };
}

/** Encodes the images of an edit as base64. */
export async function encodeInputs(client: Client, { images, mask }: Inputs, signal: AbortSignal): Promise<Inputs> {
  const encoded: PreparedInput[] = [];
  for (const [index, input] of images.entries()) {
    const base64 = await base64Of(client, input.blob, signal).catch((cause: unknown) => {
      throw unreadable(images.length === 1 ? "image" : `image[${index}]`, cause);
    });
    encoded.push({ ...input, base64 });
  }
  return { images: encoded, mask };
}

/** Warnings about converted images. */
export function conversions(inputs: Inputs | undefined): ValidationProblem[] {
  const images = inputs?.images.flatMap((input) => conversion(input, "image")) ?? [];
  return [...images, ...(inputs?.mask ? conversion(inputs.mask, "mask") : [])];
}

/** The warning about a converted image. */
export function conversion({ converted }: PreparedInput, param: string): ValidationProblem[] {
  const message = "The image was converted from WebP to PNG, because Azure's documentation does not list WebP as an input format.";
  return converted ? [{ param, message, severity: "warning" }] : [];
}
