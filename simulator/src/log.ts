/** What a simulator saw and sent, for tests to look at. */

/** A file in a form that reached the simulator. */
export interface FileEntry {
  /** The name of the form's field. */
  readonly field: string;
  /** What the file is called in the form. */
  readonly filename: string;
  /** The type that the form gives it. */
  readonly contentType: string;
  /** Its size. */
  readonly byteLength: number;
  /** The hash of the file's bytes in hexadecimal. */
  readonly sha256: string;
}

/** A request that reached the simulator. */
export interface RequestEntry {
  /** The number of requests before this one, since the start or the last `reset`. */
  readonly index: number;
  /** `POST` and the like. */
  readonly method: string;
  /** The path as sent, without the query. */
  readonly path: string;
  /** The parameters of the URL, decoded. */
  readonly query: Readonly<Record<string, string>>;
  /** The headers with their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether this is a CORS preflight. */
  readonly preflight: boolean;
  /** The body as sent; `undefined` until it has arrived, and if it is larger than 1 MiB. */
  readonly rawBody: Uint8Array | undefined;
  /** The body as JSON, or the text fields of a form, with a repeated one as an array; `undefined` if it is neither. */
  readonly body: unknown;
  /** The files of a form. */
  readonly files?: readonly FileEntry[];
  /** The names of the scenario words that apply to the request, from its prompt, its deployment and the options; known once it is answered. */
  readonly scenario: readonly string[];
  /** The status of the status line, also if the answer broke off within the headers; `undefined` if there was none. */
  readonly status: number | undefined;
  /** Whether the client went away before the answer was complete. */
  readonly aborted: boolean;
  /** Settles when the answer is complete or the connection is gone. */
  readonly closed: Promise<void>;
}

/** A picture that was sent whole and intact. */
export interface PictureEntry {
  /** The `index` of the request. */
  readonly requestIndex: number;
  /** Whether it was a preview or the picture. */
  readonly kind: "partial" | "final";
  /** The hash of the picture's bytes in hexadecimal. */
  readonly sha256: string;
  /** Its size. */
  readonly byteLength: number;
  /** `image/png` and the like. */
  readonly mediaType: string;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** An entry while its request is going on. */
export type OpenRequestEntry = { -readonly [Key in keyof RequestEntry]: RequestEntry[Key] };

/** The log of a simulator. */
export class Log {
  readonly requests: OpenRequestEntry[] = [];
  readonly pictures: PictureEntry[] = [];
  readonly #limit: number;
  #count = 0;

  /** `limit` is the number of requests to keep; older ones are forgotten with their pictures. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The `index` of the next request. */
  get nextIndex(): number {
    return this.#count;
  }

  /** Adds a request. */
  addRequest(entry: OpenRequestEntry): void {
    this.#count++;
    this.requests.push(entry);
    if (this.requests.length <= this.#limit) return;
    this.requests.shift();
    const oldest = this.#count - this.#limit;
    while (this.pictures[0] !== undefined && this.pictures[0].requestIndex < oldest) this.pictures.shift();
  }

  /** Adds a picture that was sent in the answer to a request, unless the request is no longer in the log. */
  addPicture(request: RequestEntry, picture: Omit<PictureEntry, "requestIndex">): void {
    const oldest = this.#count - this.requests.length;
    if (this.requests[request.index - oldest] === request) this.pictures.push({ requestIndex: request.index, ...picture });
  }

  /** Forgets everything. Requests that are still going on keep their entries, outside of the log. */
  clear(): void {
    this.requests.length = 0;
    this.pictures.length = 0;
    this.#count = 0;
  }
}
