import { AzureImageError, type ContentFilter } from "./error.js";
import { makeProxySafe, rememberSelf } from "./proxy-safe.js";

/** The call of the image generation tool that made a picture of a response, and what the service says about it. */
export interface ImageCall {
  /** Names the picture in the input of a later response: `{ type: "image_generation_call", id }`. */
  id: string;
  /** The place of the call among everything that the response brings, from 0. */
  outputIndex: number;
  /** Whether the model drew it anew or from another picture. */
  action?: "generate" | "edit" | (string & {});
  /** Width × height, as the service names it. {@link GeneratedImage.width} is what the bytes are, and so for the others. */
  size?: string;
  /** The quality that the service used. */
  quality?: string;
  /** The background that the service used. */
  background?: string;
  /** The format that the service names; {@link GeneratedImage.mediaType} is what the bytes are. */
  outputFormat?: string;
}

/** What the engine reports of a picture. */
export interface ImageRecord {
  /** Missing where the answer has no bytes, but a URL. */
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

/** Our object URLs that are alive: what they stand for is known without asking the browser, whatever policy a page has. */
const objectUrls = new Map<string, Blob>();

/** What one of our object URLs stands for. */
export function blobOfObjectUrl(url: string): Blob | undefined {
  return objectUrls.get(url);
}

/** A picture that Azure made. Its bytes are in a Blob, outside of the memory of the page. */
export class GeneratedImage {
  /** What the bytes are, such as `image/png`; never only what a field of the answer claims. */
  readonly mediaType: string;
  /** Size in bytes. */
  readonly byteLength: number;
  /** Width in pixels; not known for formats other than PNG, JPEG, WebP and GIF. */
  readonly width?: number;
  /** Height in pixels; not known for formats other than PNG, JPEG, WebP and GIF. */
  readonly height?: number;
  /** The prompt that the model made of the one given, where it says so. */
  readonly revisedPrompt?: string;
  /** What the content filter found in the picture, where the service says so. */
  readonly contentFilter?: ContentFilter;
  /**
   * Where Azure keeps the picture for a while: only with `responseFormat: "url"`. It can be shown and opened, but its bytes
   * cannot be read, because the storage behind it allows no other origin to.
   */
  readonly url?: string;
  /** When {@link url} ends to work, as far as the URL says it. */
  readonly urlExpiresOn?: Date;
  /** The call of the image generation tool that made it: of a response only. */
  readonly call?: ImageCall;
  readonly #blob: Blob | undefined;
  #objectUrl: string | undefined;

  /** @internal */
  constructor(record: ImageRecord) {
    rememberSelf(this);
    this.#blob = record.blob;
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

  /** The picture, with its media type. Throws for a picture that is only a {@link url}. */
  get blob(): Blob {
    if (this.#blob) return this.#blob;
    throw new AzureImageError({
      code: "no_image",
      message:
        "This picture is a URL, whose bytes a page cannot read: the storage behind it does not allow it. Show the URL, or ask " +
        'for the bytes with responseFormat: "b64_json".',
      billed: "yes",
      retryable: false,
    });
  }

  /**
   * A URL for `<img src>` and downloads. Made when it is first read; the picture then stays in the browser's storage until
   * {@link dispose} is called or the page goes away.
   */
  get objectUrl(): string {
    if (this.url !== undefined) return this.url;
    if (this.#objectUrl === undefined) {
      this.#objectUrl = URL.createObjectURL(this.blob);
      objectUrls.set(this.#objectUrl, this.blob);
    }
    return this.#objectUrl;
  }

  /** The bytes, copied into memory. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.blob.arrayBuffer());
  }

  /** Frees the object URL, if one was made. The Blob stays usable, and `objectUrl`, read again, is a new one. */
  dispose(): void {
    if (this.#objectUrl === undefined) return;
    URL.revokeObjectURL(this.#objectUrl);
    objectUrls.delete(this.#objectUrl);
    this.#objectUrl = undefined;
  }
}

export interface GeneratedImage {
  /** The same as {@link dispose}, for `using`. */
  [Symbol.dispose](): void;
}

/** Lets `using` end an object, where the platform knows `using`. */
export function disposable(prototype: { dispose(): void }): void {
  if (typeof Symbol.dispose === "symbol") {
    Object.defineProperty(prototype, Symbol.dispose, { value: prototype.dispose, configurable: true, writable: true });
  }
}

makeProxySafe(GeneratedImage.prototype, "GeneratedImage");
disposable(GeneratedImage.prototype);

/** The end of a URL's life that Azure's storage writes into it, as the parameter `se` of a shared access signature. */
function expiryOf(url: string): Date | undefined {
  const [, query] = url.split(/[?#]/);
  const end = new URLSearchParams(query).get("se");
  const date = new Date(end ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
