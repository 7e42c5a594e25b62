import { AzureImageError, invalidRequest } from "../core/error.js";
import { blobOfObjectUrl, GeneratedImage } from "../core/image.js";
import { member, own } from "../core/own.js";
import { kindOf, refuseProxy } from "../core/snapshot.js";
import { decodeDataUrl, trimUrl } from "./data-url.js";
import { pngOf, pngOfData, toBlob as canvasToBlob } from "./pixels.js";

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

/** The class of an object of any realm, such as `HTMLImageElement`. */
export function classOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** The file of a list of one file, such as `input.files`. */
export function onlyFile(input: unknown, param: string): unknown {
  if (classOf(input) !== "FileList") return input;
  const { length, 0: file } = input as FileList;
  if (length === 1) return file;
  throw invalidRequest(param, `${param} is a FileList ${length === 0 ? "without a file" : `of ${length} files. Pass one of them`}.`);
}

/** The images of a list, or of a single image. */
export function listOf(input: unknown): unknown[] {
  if (input === undefined || input === null) return [];
  const isList = typeof input === "object" && Symbol.iterator in input && !ArrayBuffer.isView(input);
  return isList ? Array.from(input as Iterable<unknown>) : [input];
}

/** Returns the bytes of an image. Reads everything that can change before it returns. */
export async function toBlob(given: unknown, param: string): Promise<Blob> {
  const input = onlyFile(given, param);
  if (input instanceof GeneratedImage) {
    if (input.url === undefined) return ownBlob(input.blob, param);
    throw invalidRequest(
      param,
      `${param} is an image with only a URL, and a page cannot read its bytes. Generate it with responseFormat: "b64_json".`,
    );
  }
  if (typeof input === "string") return urlToBlob(input, param);
  if (ArrayBuffer.isView(input)) return bytesToBlob(input.buffer, input.byteOffset, input.byteLength);
  switch (classOf(input)) {
    case "Blob":
    case "File":
      return ownBlob(refuseProxy(input as Blob, "size", param, "a Blob"), param);
    case "ArrayBuffer":
    case "SharedArrayBuffer":
      return bytesToBlob(refuseProxy(input as ArrayBuffer, "byteLength", param, "an ArrayBuffer"));
    case "URL":
      return urlToBlob(String(input), param);
    case "Response":
      return responseToBlob(input as Response, param);
    default:
      // In Firefox, a canvas of another window makes a Blob of that window.
      return ownBlob(await pixels(param, input), param);
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

function bytesToBlob(buffer: ArrayBufferLike, offset = 0, length = buffer.byteLength): Blob {
  const bytes = new Uint8Array(buffer, offset, length);
  // Blobs refuse memory that can change or move.
  const isFixed = classOf(buffer) === "ArrayBuffer" && member(buffer, "resizable") !== true;
  return new Blob([isFixed ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes)]);
}

const BASE64_IMAGE = /^(iVBORw0KGgo|\/9j\/|UklGR|R0lGOD)/;

async function urlToBlob(given: string, param: string): Promise<Blob> {
  const url = trimUrl(given);
  if (/^data:/i.test(url)) {
    try {
      return decodeDataUrl(url);
    } catch (cause) {
      throw invalidRequest(param, `${param} is a data: URL that cannot be decoded. Check that it is complete.`, cause);
    }
  }
  const known = blobOfObjectUrl(url.replace(/#.*$/, ""));
  if (known) return known;
  if (!/^blob:/i.test(url)) {
    const remedy = BASE64_IMAGE.test(url) ? "Put data:image/png;base64, before the base64 data." : "Fetch the image and pass its Blob.";
    throw invalidRequest(param, `${param} is a string but not a data: URL or object URL. ${remedy}`);
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

async function responseToBlob(response: Response, param: string): Promise<Blob> {
  const refuse = (fault: string, cause?: unknown) => invalidRequest(param, `${param} is a Response ${fault}`, cause);
  refuseProxy(response, "status", param, "a Response");
  if (response.type === "opaque") throw refuse("that the page may not read. Fetch it without no-cors mode.");
  if (!response.ok) throw refuse(`with status ${response.status}. Check it before you pass its body.`);
  if (response.bodyUsed) throw refuse("whose body was already read. Pass its Blob instead.");
  try {
    return await ownBlob(await response.blob(), param);
  } catch (cause) {
    throw refuse("whose body could not be read. Pass its Blob instead.", cause);
  }
}

/** Encodes the pixels of an object of the browser. Explains an error. */
async function pixels(param: string, input: unknown): Promise<Blob> {
  const kind = classOf(input);
  try {
    switch (kind) {
      case "HTMLCanvasElement":
      case "OffscreenCanvas":
        return await canvasToBlob(input as HTMLCanvasElement, "image/png");
      case "ImageBitmap":
        return await pngOf(input as ImageBitmap, input as ImageBitmap);
      case "ImageData":
        return await pngOfData(input as ImageData);
      case "VideoFrame": {
        // A structural type, because the types of a browser's API count as a requirement.
        const { displayWidth: width, displayHeight: height } = input as { displayWidth: number; displayHeight: number };
        return await pngOf(input as VideoFrame, { width, height });
      }
      case "HTMLVideoElement": {
        const { readyState, videoWidth: width, videoHeight: height } = input as HTMLVideoElement;
        if (readyState < 2 || width === 0) throw invalidRequest(param, `${param} is a <video> without a frame. Wait for its event loadeddata.`);
        return await pngOf(input as HTMLVideoElement, { width, height });
      }
      case "HTMLImageElement": {
        const { complete, naturalWidth: width, naturalHeight: height } = input as HTMLImageElement;
        if (!complete || width === 0) {
          throw invalidRequest(param, `${param} is an <img> that ${complete ? "shows no image" : "is still loading"}. Await img.decode() first.`);
        }
        return await pngOf(input as HTMLImageElement, { width, height });
      }
    }
  } catch (cause) {
    if (cause instanceof AzureImageError) throw cause;
    throw invalidRequest(
      param,
      `The pixels of ${param} could not be read. It may be empty, damaged or closed, or contain an image of another origin.`,
      cause,
    );
  }
  throw unsupported(param, input, kind);
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

function unsupported(param: string, input: unknown, kind: string): AzureImageError {
  const isThenable = typeof member(input, "then") === "function";
  const remedy = REMEDIES[isThenable ? "Promise" : kind];
  const found = typeof input === "object" && input !== null && !Array.isArray(input) ? `an object of the class ${kind}` : kindOf(input);
  return invalidRequest(
    param,
    `${param} must be a file or an image: a File or Blob, an ArrayBuffer or typed array, a data: or object URL, a GeneratedImage, a ` +
      `Response, a canvas, an <img>, a <video>, an ImageBitmap, ImageData or a VideoFrame. It is ${found}.${remedy ? ` ${remedy}` : ""}`,
  );
}
