/** What a simulator saw and sent, for tests to look at. */

/** A request that reached the simulator. */
export interface RequestEntry {
  /** The position in the log; `PictureEntry.requestIndex` refers to it. */
  readonly index: number;
  readonly method: string;
  /** The path as sent, without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** The headers with their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether this is a CORS preflight. */
  readonly preflight: boolean;
  /** The body as sent. */
  readonly rawBody: Uint8Array;
  /** The body as JSON; `undefined` if it is none. */
  readonly body: unknown;
  /** The status answered; `undefined` while there is no answer. */
  readonly status: number | undefined;
  /** Whether the client went away before the answer was complete. */
  readonly aborted: boolean;
  /** Settles when the answer is complete or the connection is gone. */
  readonly closed: Promise<void>;
}

/** A picture that was sent whole and intact. */
export interface PictureEntry {
  readonly requestIndex: number;
  readonly kind: "partial" | "final";
  /** The hash of the picture's bytes in hexadecimal. */
  readonly sha256: string;
  readonly byteLength: number;
  readonly mediaType: string;
  readonly width: number;
  readonly height: number;
}

/** An entry while its request is going on. */
export type OpenRequestEntry = { -readonly [Key in keyof RequestEntry]: RequestEntry[Key] };

/** The log of a simulator. */
export class Log {
  readonly requests: OpenRequestEntry[] = [];
  readonly pictures: PictureEntry[] = [];

  /** Forgets everything. Requests that are still going on keep their entries, outside of the log. */
  clear(): void {
    this.requests.length = 0;
    this.pictures.length = 0;
  }
}
