import { invalidRequest, type AzureImageError } from "../core/error.js";
import { GeneratedImage } from "../core/image.js";
import { member, own } from "../core/own.js";
import { kindOf, refuseProxy } from "../core/snapshot.js";
import { decodeDataUrl } from "./data-url.js";
import { bytesToBlob, classOf, Held, OBJECT_URL, trimUrl } from "./held.js";

/**
 * An input image: a file, its bytes, a `data:` or object URL, a generated image, a response of `fetch`, or pixels. PNG and JPEG are sent
 * unchanged. Other formats that the browser can display are converted to PNG or JPEG, and pixels to PNG.
 */
export type ImageInput =
  | Blob
  | ArrayBuffer
  | SharedArrayBuffer
  | ArrayBufferView
  | string
  | URL
  | Response
  | GeneratedImage
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | ImageData
  | HTMLImageElement
  | HTMLVideoElement
  | VideoFrame;

/** The file of a list of one file, such as `input.files`. */
export function onlyFile(input: unknown, param: string): unknown {
  if (classOf(input) !== "FileList") return input;
  const { length, 0: file } = input as FileList;
  if (length === 1) return file;
  throw invalidRequest(param, `${param} is a FileList ${length === 0 ? "without a file" : `of ${length} files. Pass one of them`}.`);
}

/** Returns the bytes of a captured image. */
export async function toBlob(given: unknown, param: string): Promise<Blob> {
  const input = onlyFile(given, param);
  if (input instanceof GeneratedImage) {
    if (input.url === undefined) return ownBlob(input.blob, param);
    throw invalidRequest(
      param,
      `${param} is an image with only a URL, and a page cannot read its bytes. Generate it with responseFormat: "b64_json".`,
    );
  }
  if (typeof input === "string") return decodeUrl(input, param);
  // Bytes that could not be copied.
  if (ArrayBuffer.isView(input)) return bytesToBlob(input.buffer, input.byteOffset, input.byteLength);
  if (input instanceof Held) return heldBlob(input, param);
  switch (classOf(input)) {
    case "Blob":
    case "File":
      return ownBlob(refuseProxy(input as Blob, "size", param, "a Blob"), param);
    case "ArrayBuffer":
    case "SharedArrayBuffer":
      return bytesToBlob(refuseProxy(input as ArrayBuffer, "byteLength", param, "an ArrayBuffer"));
    case "URL":
      return decodeUrl(String(input), param);
    default:
      throw unsupported(param, input);
  }
}

/** The getter that only a Blob of the browser has, of any realm. */
const sizeOf = Object.getOwnPropertyDescriptor(Blob.prototype, "size")?.get;

/** Returns a Blob of this realm, because the engine recognizes no other. */
async function ownBlob(blob: Blob, param: string): Promise<Blob> {
  if (blob instanceof Blob) return blob;
  const { type } = blob;
  try {
    sizeOf?.call(blob);
  } catch (cause) {
    // A Blob of a library, such as jsdom.
    if (typeof (blob as Blob).arrayBuffer !== "function") {
      throw invalidRequest(param, `${param} is a Blob of a library, which cannot be read. Pass its bytes as a Uint8Array.`, cause);
    }
    return new Blob([await (blob as Blob).arrayBuffer()], own({ type }));
  }
  return new Blob([blob], own({ type }));
}

const BASE64_IMAGE = /^(iVBORw0KGgo|\/9j\/|UklGR|R0lGOD)/;

function decodeUrl(given: string, param: string): Blob {
  const url = trimUrl(given);
  if (!/^data:/i.test(url)) {
    const remedy = BASE64_IMAGE.test(url) ? "Put data:image/png;base64, before the base64 data." : "Fetch the image and pass its Blob.";
    throw invalidRequest(param, `${param} is a string but not a data: URL or object URL. ${remedy}`);
  }
  try {
    return decodeDataUrl(url);
  } catch (cause) {
    throw invalidRequest(param, `${param} is a data: URL that cannot be decoded. Check that it is complete.`, cause);
  }
}

/** Returns the bytes of a held image. Explains an error. */
async function heldBlob(held: Held, param: string): Promise<Blob> {
  const fault = faultOf(held, param);
  if (fault) throw invalidRequest(param, `${param} is ${fault}`);
  try {
    // In Firefox, a canvas of another window makes a Blob of that window.
    return await ownBlob(await held.blob, param);
  } catch (cause) {
    throw invalidRequest(param, unreadable(held, param), cause);
  }
}

/** The reason why an image could not be read at the time of the call. */
function faultOf({ facts, original, kind }: Held, param: string): string | undefined {
  if (kind === "Response") refuseProxy(original as Response, "status", param, "a Response");
  if (!facts) return undefined;
  const { complete, naturalWidth, readyState = 0, videoWidth, type, ok, status, bodyUsed } = facts;
  switch (kind) {
    case "HTMLVideoElement":
      return readyState < 2 || videoWidth === 0 ? "a <video> without a frame. Wait for its event loadeddata." : undefined;
    case "HTMLImageElement":
      if (complete && naturalWidth !== 0) return undefined;
      return `an <img> that ${complete ? "shows no image" : "is still loading"}. Await img.decode() first.`;
    case "Response":
      if (type === "opaque") return "a Response that the page may not read. Fetch it without no-cors mode.";
      if (!ok) return `a Response with status ${status}. Check it before you pass its body.`;
      return bodyUsed ? "a Response whose body was already read. Pass its Blob instead." : undefined;
    default:
      return undefined;
  }
}

function unreadable({ kind }: Held, param: string): string {
  switch (kind) {
    case OBJECT_URL:
      return (
        `${param} is an object URL that could not be read. It may have been revoked, or the page's content security policy lacks ` +
        "blob: in connect-src; pass the Blob itself."
      );
    case "Response":
      return `${param} is a Response whose body could not be read. Pass its Blob instead.`;
    default:
      return `The pixels of ${param} could not be read. It may be empty, damaged or closed, or contain an image of another origin.`;
  }
}

/** Remedies for objects that contain an image. */
const REMEDIES: Record<string, string> = own({
  Promise: "Await it first.",
  Request: "Fetch it and pass the Response.",
  ReadableStream: "Pass await new Response(stream).blob().",
  DataTransfer: "Pass dataTransfer.files.",
  DataTransferItem: "Pass item.getAsFile().",
  ClipboardItem: 'Pass await item.getType("image/png").',
  FileSystemFileHandle: "Pass await handle.getFile().",
  FileSystemFileEntry: "Pass the File that entry.file() returns.",
  HTMLInputElement: "Pass input.files.",
  SVGSVGElement: 'Pass new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" }).',
  CanvasRenderingContext2D: "Pass context.canvas.",
  OffscreenCanvasRenderingContext2D: "Pass context.canvas.",
  ClipboardEvent: "Pass event.clipboardData.files.",
  DragEvent: "Pass event.dataTransfer.files.",
  Object: "Pass the image itself.",
});

function unsupported(param: string, input: unknown): AzureImageError {
  const kind = classOf(input);
  const isThenable = typeof member(input, "then") === "function";
  const remedy = REMEDIES[isThenable ? "Promise" : kind];
  const found = typeof input === "object" && input !== null && !Array.isArray(input) ? `an object of the class ${kind}` : kindOf(input);
  return invalidRequest(
    param,
    `${param} must be a file or an image: a File or Blob, an ArrayBuffer or typed array, a data: or object URL, a GeneratedImage, a ` +
      `Response, a canvas, an <img>, a <video>, an ImageBitmap, ImageData or a VideoFrame. It is ${found}.${remedy ? ` ${remedy}` : ""}`,
  );
}
