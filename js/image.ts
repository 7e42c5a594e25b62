/** What the engine reports of a picture. */
export interface ImageRecord {
  kind: "partialImage" | "image";
  index?: number;
  blob: Blob;
  mediaType: string;
  byteLength: number;
  width?: number;
  height?: number;
  revisedPrompt?: string;
}

/** A picture that Azure made. Its bytes are in a Blob, outside of the memory of the page. */
export class GeneratedImage {
  /** The picture, with its media type. */
  readonly blob: Blob;
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
  #objectUrl: string | undefined;

  /** @internal */
  constructor(record: ImageRecord) {
    this.blob = record.blob;
    this.mediaType = record.mediaType;
    this.byteLength = record.byteLength;
    if (record.width !== undefined) this.width = record.width;
    if (record.height !== undefined) this.height = record.height;
    if (record.revisedPrompt !== undefined) this.revisedPrompt = record.revisedPrompt;
  }

  /**
   * A URL for `<img src>` and downloads. Made when it is first read; the picture then stays in the browser's storage until
   * {@link dispose} is called or the page goes away.
   */
  get objectUrl(): string {
    return (this.#objectUrl ??= URL.createObjectURL(this.blob));
  }

  /** The bytes, copied into memory. */
  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await this.blob.arrayBuffer());
  }

  /** Frees the object URL, if one was made. The Blob stays usable, and `objectUrl`, read again, is a new one. */
  dispose(): void {
    if (this.#objectUrl === undefined) return;
    URL.revokeObjectURL(this.#objectUrl);
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

disposable(GeneratedImage.prototype);
