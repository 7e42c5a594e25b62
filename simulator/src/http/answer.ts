/** An answer before it is sent: its body is a list of frames, so that faults can strike between and inside them. */

/** A run of bytes. */
export interface Segment {
  readonly bytes: Uint8Array;
  /** Whether the bytes are written as base64, which is made piece by piece while it is sent. */
  readonly base64?: true;
  /** Called when the whole segment has been handed to the connection. */
  readonly sent?: () => void;
}

/** A part of a body that belongs together: an event, or a whole document. */
export interface Frame {
  readonly kind: "partial" | "picture" | "completed" | "other";
  readonly segments: readonly Segment[];
  /** The time before which the frame is held back, on the clock of `performance.now()`. */
  readonly notBefore?: number;
}

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly frames: readonly Frame[];
  /** Ends the body early, between two frames. */
  readonly until?: AbortSignal;
}

/** A segment of text. */
export function textSegment(text: string): Segment {
  return { bytes: Buffer.from(text) };
}

/** A frame of text. */
export function textFrame(text: string): Frame {
  return { kind: "other", segments: [textSegment(text)] };
}

/** The number of bytes that a segment puts on the wire. */
function wireLength({ bytes, base64 }: Segment): number {
  return base64 ? Math.ceil(bytes.byteLength / 3) * 4 : bytes.byteLength;
}

/** The number of bytes that frames put on the wire. */
export function totalLength(frames: readonly Frame[]): number {
  return frames.flatMap((frame) => frame.segments).reduce((sum, segment) => sum + wireLength(segment), 0);
}

function firstBytesOf(segment: Segment, length: number): Segment {
  if (length >= wireLength(segment)) return segment;
  const { bytes, base64 } = segment;
  const written = base64 ? Buffer.from(Buffer.from(bytes.subarray(0, Math.ceil(length / 4) * 3)).toString("base64")) : bytes;
  return { bytes: written.subarray(0, length) };
}

/** The frames that remain of a body cut off after `length` bytes. */
export function firstBytes(frames: readonly Frame[], length: number): Frame[] {
  const kept: Frame[] = [];
  let left = length;
  for (const frame of frames) {
    if (left === 0) break;
    const segments: Segment[] = [];
    for (const segment of frame.segments) {
      if (left === 0) break;
      const part = firstBytesOf(segment, left);
      segments.push(part);
      left -= wireLength(part);
    }
    kept.push({ ...frame, segments });
  }
  return kept;
}

/** The answer to an error; a body that is no text is written as JSON. */
export function errorAnswer(error: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }): Answer {
  const { status, headers, body } = error;
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    frames: [textFrame(typeof body === "string" ? body : JSON.stringify(body))],
  };
}
