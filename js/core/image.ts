import { acceptEveryCopy, brand } from "./brand.js";
import { AzureImageError, type ContentFilter } from "./error.js";
import { own } from "./own.js";
import { makeProxySafe, rememberSelf } from "./proxy-safe.js";

/** The call of the image generation tool that made an image of a response. */
export interface ImageCall {
  /** The id of the image in the input of a later response: `{ type: "image_generation_call", id }`. */
  id: string;
  /** The index of the call in the output of the response, from 0. */
  outputIndex: number;
  /** Says if the model generated the image or edited another one. */
  action?: "generate" | "edit" | (string & {});
  /** Width × height as named by the service. {@link GeneratedImage.width} has the width of the bytes. */
  size?: string;
  /** The quality used by the service. */
  quality?: string;
  /** The background used by the service. */
  background?: string;
  /** The format named by the service. {@link GeneratedImage.mediaType} has the format of the bytes. */
  outputFormat?: string;
}

/** An image as reported by the engine. */
export interface ImageRecord {
  /** Missing if the response has a URL instead of bytes. */
  blob?: Blob;
  mediaType?: string;
  byteLength?: number;
  width?: number;
  height?: number;
  revisedPrompt?: string;
  contentFilter?: ContentFilter;
  url?: string;
  call?: ImageCall;
}

/** The object URLs in use. Their Blobs are known without `fetch`, which a content security policy can forbid. */
const objectUrls = new Map<string, Blob>();

/** The Blob of an object URL of this library. */
export function blobOfObjectUrl(url: string): Blob | undefined {
  return objectUrls.get(url);
}

/**
 * A generated image. Its bytes are in a Blob, outside the JavaScript heap.
 *
 * To keep an image in IndexedDB or to send it to a worker, use its {@link blob}. A structured clone of the image itself is a plain object
 * with the same properties and the Blob, but without `objectUrl`, `bytes()` and `dispose()`.
 */
export class GeneratedImage {
  /** The type of the bytes, such as `image/png`. It never comes from a field of the response alone. */
  readonly mediaType: string;
  /** Size in bytes. */
  readonly byteLength: number;
  /** Displayed width in pixels. Known for PNG, JPEG, WebP and GIF. */
  readonly width?: number;
  /** Displayed height in pixels. Known for PNG, JPEG, WebP and GIF. */
  readonly height?: number;
  /** The prompt as rewritten by the model, if reported. */
  readonly revisedPrompt?: string;
  /** The content filter's findings, if reported. */
  readonly contentFilter?: ContentFilter;
  /**
   * The temporary URL of the image at Azure, only with `responseFormat: "url"`. A page can show and open it but not read its bytes,
   * because the storage does not allow other origins.
   */
  readonly url?: string;
  /** When {@link url} expires, if the URL says so. */
  readonly urlExpiresOn?: Date;
  /** The call of the image generation tool. Only for images of a response. */
  readonly call?: ImageCall;
  readonly #blob: Blob | undefined;
  #objectUrl: string | undefined;

  /** @internal */
  constructor(given: ImageRecord) {
    rememberSelf(this);
    brand(this, "GeneratedImage");
    const record = own(given);
    this.#blob = record.blob;
    // A structured clone has only own properties. Not writable, or Valtio would make a proxy of it.
    if (record.blob) Object.defineProperty(this, "blob", own({ value: record.blob, enumerable: true, configurable: true }));
    this.mediaType = record.mediaType ?? "application/octet-stream";
    this.byteLength = record.byteLength ?? 0;
    if (record.width !== undefined) this.width = record.width;
    if (record.height !== undefined) this.height = record.height;
    if (record.revisedPrompt !== undefined) this.revisedPrompt = record.revisedPrompt;
    if (record.contentFilter !== undefined) this.contentFilter = record.contentFilter;
    if (record.call !== undefined) this.call = record.call;
    if (record.url !== undefined) {
      this.url = record.url;
      const expiry = expiryOf(record.url);
      if (expiry) this.urlExpiresOn = expiry;
    }
  }

  /** The image with its media type. Throws if the image has only a {@link url}. */
  get blob(): Blob {
    if (this.#blob) return this.#blob;
    throw new AzureImageError({
      code: "no_image",
      message:
        "This image has only a URL. A page cannot read its bytes, because the storage does not allow other origins. Show the URL, or ask " +
        'for the bytes with responseFormat: "b64_json".',
      billed: "yes",
      retryable: false,
    });
  }

  /**
   * A URL for `<img src>` and downloads. It is created on first use and keeps the image in the browser's storage until {@link dispose}
   * is called or the page is closed. Throws where the platform has no object URLs, such as in a service worker.
   */
  get objectUrl(): string {
    if (this.url !== undefined) return this.url;
    if (this.#objectUrl === undefined) {
      this.#objectUrl = createObjectUrl(this.blob);
      objectUrls.set(this.#objectUrl, this.blob);
    }
    return this.#objectUrl;
  }

  /** Copies the bytes into memory. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.blob.arrayBuffer());
  }

  /** Revokes the object URL. The Blob stays usable, and the next `objectUrl` is a new one. */
  dispose(): void {
    if (this.#objectUrl === undefined) return;
    URL.revokeObjectURL(this.#objectUrl);
    objectUrls.delete(this.#objectUrl);
    this.#objectUrl = undefined;
  }
}

export interface GeneratedImage {
  /** Same as {@link dispose}, for `using`. */
  [Symbol.dispose](): void;
}

acceptEveryCopy(GeneratedImage, "GeneratedImage");

function createObjectUrl(blob: Blob): string {
  try {
    return URL.createObjectURL(blob);
  } catch (cause) {
    throw new AzureImageError({
      code: "invalid_request",
      message: "This platform has no object URLs. Service workers and most servers have none. Use image.blob or image.bytes().",
      param: "objectUrl",
      billed: "yes",
      retryable: false,
      cause,
    });
  }
}

/** Adds `Symbol.dispose` if the platform has it. */
export function disposable(prototype: { dispose(): void }): void {
  if (typeof Symbol.dispose === "symbol") {
    Object.defineProperty(prototype, Symbol.dispose, own({ value: prototype.dispose, configurable: true, writable: true }));
  }
}

makeProxySafe(GeneratedImage.prototype, "GeneratedImage");
disposable(GeneratedImage.prototype);

/** Reads the expiry from the parameter `se` of a shared access signature. */
function expiryOf(url: string): Date | undefined {
  const [, query] = url.split(/[?#]/);
  const end = new URLSearchParams(query).get("se");
  const date = new Date(end ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
