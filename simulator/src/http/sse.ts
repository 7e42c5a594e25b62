/** Frames events as a stream of server-sent events: https://html.spec.whatwg.org/#server-sent-events */

import { textFrame, textSegment, type Frame, type Segment } from "./answer.js";

/** How a stream is framed. Every style means the same to a reader that follows the standard. */
export interface EventStyle {
  readonly lineEnd: "\n" | "\r\n" | "\r";
  /** Whether each event names its type on an `event:` line. */
  readonly named: boolean;
}

/** An event whose data is one line. */
export function eventFrame(
  event: { readonly kind: Frame["kind"]; readonly name: string; readonly data: readonly Segment[]; readonly notBefore: number },
  { lineEnd, named }: EventStyle,
): Frame {
  return {
    kind: event.kind,
    segments: [textSegment(`${named ? `event: ${event.name}${lineEnd}` : ""}data: `), ...event.data, textSegment(lineEnd + lineEnd)],
    notBefore: event.notBefore,
  };
}

/** A comment, which readers skip. */
export function commentFrame({ lineEnd }: EventStyle): Frame {
  return textFrame(`: keep-alive${lineEnd}${lineEnd}`);
}

/** The marker that OpenAI's other streams end with. */
export function doneFrame({ lineEnd }: EventStyle): Frame {
  return textFrame(`data: [DONE]${lineEnd}${lineEnd}`);
}
