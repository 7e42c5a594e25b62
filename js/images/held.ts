import { blobOfObjectUrl } from "../core/image.js";
import { member, own } from "../core/own.js";
import { pngOf, pngOfData, toBlob, type Drawable } from "./canvas.js";

/** The class of an object of any realm, such as `HTMLImageElement`. */
export function classOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** The state of an image at the time of the call, which decides if it can be read. */
type Facts = Partial<
  Pick<HTMLImageElement, "complete" | "naturalWidth"> &
    Pick<HTMLVideoElement, "readyState" | "videoWidth"> &
    Pick<Response, "type" | "ok" | "status" | "bodyUsed">
>;

const FACTS = ["complete", "naturalWidth", "readyState", "videoWidth", "type", "ok", "status", "bodyUsed"] as const;

/** The class of an object URL that is held. */
export const OBJECT_URL = "ObjectURL";

/** An image of a page that can change, be closed or be revoked after the call. Its bytes are read at once. */
export class Held {
  /** The class of the original. */
  readonly kind: string;
  readonly original: unknown;
  /** Not set for a proxy. */
  readonly facts: Facts | undefined;
  /** A rejection counts as handled. */
  readonly blob: Promise<Blob>;

  constructor(kind: string, original: unknown, read: () => Blob | Promise<Blob>) {
    this.kind = kind;
    this.original = original;
    this.facts = factsOf(original);
    this.blob = (async () => read())();
    this.blob.catch(() => {});
  }

  get [Symbol.toStringTag](): string {
    return this.kind;
  }

  /** JSON has no image. */
  toJSON(): unknown {
    return typeof this.original === "string" ? this.original : {};
  }
}

function factsOf(original: unknown): Facts | undefined {
  try {
    return own(Object.fromEntries(FACTS.map((name) => [name, member(original, name)])));
  } catch {
    return undefined;
  }
}

/** Holds an object URL, which the page may revoke. Returns other strings unchanged. */
export function holdUrl(given: string): unknown {
  const url = trimUrl(given);
  if (!/^blob:/i.test(url)) return given;
  return new Held(OBJECT_URL, given, async () => blobOfObjectUrl(url.replace(/#.*$/, "")) ?? (await fetch(url)).blob());
}

/** Holds bytes, pixels and bodies. Returns other objects unchanged. */
export function hold(value: object, kind: string): unknown {
  const held = (read: () => Blob | Promise<Blob>) => new Held(kind, value, read);
  if (value instanceof Held) return value;
  if (ArrayBuffer.isView(value)) return bytesToBlob(value.buffer, value.byteOffset, value.byteLength);
  switch (kind) {
    case "ArrayBuffer":
    case "SharedArrayBuffer":
      return bytesToBlob(value as ArrayBuffer);
    case "FileList":
      return Object.defineProperty(Array.from(value as FileList), Symbol.toStringTag, own({ value: kind }));
    case "URL": {
      const held = holdUrl(String(value));
      return typeof held === "string" ? new URL(held) : held;
    }
    case "Response":
      // The page can still read the body of an error.
      return held(() => ((value as Response).ok ? (value as Response).blob() : new Blob()));
    case "HTMLCanvasElement":
    case "OffscreenCanvas":
      return held(() => toBlob(value as HTMLCanvasElement, "image/png"));
    case "ImageData":
      return held(() => pngOfData(value as ImageData));
    case "ImageBitmap":
    case "VideoFrame":
    case "HTMLVideoElement":
    case "HTMLImageElement":
      return held(() => pngOf(value as Drawable, sizeOf(value)));
    default:
      return value;
  }
}

/** The natural size. A structural type, because the types of a browser's API count as a requirement. */
function sizeOf(value: object) {
  const { displayWidth, displayHeight, videoWidth, videoHeight, naturalWidth, naturalHeight, width, height } = value as Record<string, number>;
  return { width: displayWidth ?? videoWidth ?? naturalWidth ?? width ?? 0, height: displayHeight ?? videoHeight ?? naturalHeight ?? height ?? 0 };
}

/** Copies bytes. */
export function bytesToBlob(buffer: ArrayBufferLike, offset = 0, length = buffer.byteLength): Blob {
  const bytes = new Uint8Array(buffer, offset, length);
  // Blobs refuse memory that can change or move.
  const isFixed = classOf(buffer) === "ArrayBuffer" && member(buffer, "resizable") !== true;
  return new Blob([isFixed ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes)]);
}

/** ASCII white space and the characters that URL parsers remove. */
export const ENDS = /^[\0-\x20]+|[\0-\x20]+$/g;
const IGNORED = /[\t\n\r]/g;

/** Removes what a URL parser ignores: white space around the URL, and line breaks and tabs within. */
export function trimUrl(url: string): string {
  return url.replace(ENDS, "").replace(IGNORED, "");
}
