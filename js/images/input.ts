import { base64Of } from "../core/base64.js";
import { AzureImageError, invalidRequest } from "../core/error.js";
import { isSet, own } from "../core/own.js";
import type { Client } from "../wasm/azure_image_client.js";
import { coverageOf, decode, encode, hasCanvas, isTooLarge, type Decoded } from "./pixels.js";
import type { EditImages } from "./call.js";
import { toBlob } from "./source.js";

export type { ImageInput } from "./source.js";

/** The bytes of an image, and its name in errors. */
export interface ReadInput {
  blob: Promise<Blob>;
  param: string;
}

/** The use of an image. The accepted formats depend on it. */
export type Purpose = "edit" | "response" | "mask";

/** The facts of the header of a file. */
interface Inspected {
  /** Unknown unless the file is a PNG, JPEG, WebP or GIF. */
  mediaType?: string;
  /** The name of the format. */
  format?: string;
  /** The media type for the browser's decoder. */
  displayType?: string;
  /** The displayed size. */
  width?: number;
  height?: number;
  hasAlpha: boolean;
  mayHaveAlpha: boolean;
  isAnimated: boolean;
  /** The preparation that the image needs before it is sent. */
  treatment?: "conversion" | "rotation";
  maxBytes: number;
}

/** An image that is ready to be sent, with the facts of its header. The engine refuses an image that could not be converted. */
export interface PreparedInput extends Inspected {
  blob: Blob;
  conversion?: "done" | "rotated" | "failed" | "unavailable" | "tooLarge";
  /** Set if no pixel of a mask is transparent, or if every pixel is. */
  coverage?: "opaque" | "transparent" | undefined;
  /** The image as base64, for a service that embeds it in JSON. */
  base64?: Blob;
}

/** Number of bytes read at once, and after a jump over metadata. */
const PIECE_BYTES = 64 * 1024;
const JUMP_BYTES = 4 * 1024;

/** Reads a captured image. The promise does not cause an unhandled rejection. */
export function readInput(input: unknown, param: string): ReadInput {
  const blob = toBlob(input, param);
  blob.catch(() => {});
  return { blob, param };
}

/** Prepares an image. Reads only its header, unless it must be converted. `isMasked`: the call has a mask. */
export async function prepareInput(client: Client, input: ReadInput, purpose: Purpose, isMasked: boolean): Promise<PreparedInput> {
  const { param } = input;
  try {
    const blob = await input.blob;
    const inspected = await inspect(client, blob, purpose, isMasked);
    if (inspected.treatment) return await convert(client, blob, inspected, purpose);
    // Azure refuses a part with a missing or wrong type, and the type of a file is often wrong.
    const typed = blob.type === inspected.mediaType ? blob : blob.slice(0, blob.size, inspected.mediaType);
    const coverage = purpose === "mask" && inspected.hasAlpha ? await coverageOfMask(typed, inspected) : undefined;
    return { ...inspected, blob: typed, coverage };
  } catch (cause) {
    throw unreadable(param, cause);
  }
}

/** The error of an unreadable file. */
export function unreadable(param: string, cause: unknown): AzureImageError {
  if (cause instanceof AzureImageError) return cause;
  return invalidRequest(param, `${param} could not be read. A file may have been moved or changed after it was picked.`, cause);
}

/** Throws if a file cannot be read. In Chromium, a deleted file can look empty until all of it is read. */
export async function checkReadable(blob: Blob): Promise<void> {
  await (blob.size === 0 ? blob : blob.slice(0, 1)).arrayBuffer();
}

/** Reads the header of a file, and as little else as possible. */
export async function inspect(client: Client, blob: Blob, purpose: Purpose, isMasked: boolean): Promise<Inspected> {
  if (blob.size === 0) await checkReadable(blob);
  const inspector = client.inspector();
  try {
    let skipped: number | undefined = 0;
    for (let place = 0; skipped !== undefined && place < blob.size; ) {
      const piece: Uint8Array = new Uint8Array(await blob.slice(place, place + (skipped > 0 ? JUMP_BYTES : PIECE_BYTES)).arrayBuffer());
      skipped = inspector.read(piece);
      place += piece.length + (skipped ?? 0);
    }
    return own(inspector.finish(purpose, isMasked) as Inspected);
  } finally {
    inspector.free();
  }
}

/** Converts an image to PNG or JPEG. */
async function convert(client: Client, blob: Blob, inspected: Inspected, purpose: Purpose): Promise<PreparedInput> {
  const { width = 0, height = 0, displayType, treatment, maxBytes } = inspected;
  const isMask = purpose === "mask";
  if (!hasCanvas()) return { ...inspected, blob, conversion: "unavailable" };
  if (isTooLarge({ width, height })) return { ...inspected, blob, conversion: "tooLarge" };
  let image: Decoded;
  try {
    image = await decode(blob, displayType);
  } catch {
    // Tells a file that cannot be read from one that cannot be decoded.
    await checkReadable(blob);
    return { ...inspected, blob, conversion: "failed" };
  }
  try {
    const size = { width: image.width, height: image.height };
    if (isTooLarge(size)) return { ...inspected, ...size, blob, conversion: "tooLarge" };
    const coverage = coverageOf(image, inspected.mayHaveAlpha || isMask);
    // WebKit decodes a file that is cut off before its first pixel.
    if (coverage === "transparent" && !inspected.mayHaveAlpha) return { ...inspected, blob, conversion: "failed" };
    const isPng = isMask || (treatment === "rotation" && inspected.mediaType === "image/png");
    const converted = await encode(image, coverage === "opaque" && !isMask, isPng, maxBytes);
    const { format, isAnimated } = inspected;
    return {
      ...(await inspect(client, converted, purpose, false)),
      // The warning names the original.
      ...(format !== undefined && { format }),
      isAnimated,
      blob: converted,
      conversion: treatment === "rotation" ? "rotated" : "done",
      coverage: isMask ? coverage : undefined,
    };
  } catch {
    return { ...inspected, blob, conversion: "failed" };
  } finally {
    image.close();
  }
}

/** Reads the pixels of a mask, if they can be read. */
async function coverageOfMask(blob: Blob, { width = 0, height = 0 }: Inspected): Promise<PreparedInput["coverage"]> {
  if (!hasCanvas() || isTooLarge({ width, height })) return undefined;
  try {
    const image = await decode(blob);
    try {
      return coverageOf(image);
    } finally {
      image.close();
    }
  } catch {
    // The service reports a damaged mask.
    return undefined;
  }
}

/** The prepared images of an edit. */
export interface Inputs {
  images: PreparedInput[];
  mask: PreparedInput | undefined;
}

/** Prepares the images of an edit. Conversions run one after the other, to save memory. */
export async function prepareInputs(client: Client, { images, mask }: EditImages): Promise<Inputs> {
  const inputs = images.map((image, index) => readInput(image, images.length === 1 ? "image" : `image[${index}]`));
  const maskInput = isSet(mask) ? readInput(mask, "mask") : undefined;
  const prepared: PreparedInput[] = [];
  for (const input of inputs) prepared.push(await prepareInput(client, input, "edit", maskInput !== undefined));
  return { images: prepared, mask: maskInput && (await prepareInput(client, maskInput, "mask", true)) };
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
