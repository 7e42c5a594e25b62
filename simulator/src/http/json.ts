/** Writes JSON whose strings may be pictures, which stay bytes until they are sent. */

import { textSegment, type Segment } from "./answer.js";

/** A string in a JSON value that is written from a segment: base64, which needs no quoting of its own. */
export class SegmentString {
  readonly segment: Segment;

  constructor(segment: Segment) {
    this.segment = segment;
  }
}

/** How JSON is written. Every style but `malformed` means the same. */
export interface JsonStyle {
  /** Whether the keys come in reverse order. */
  readonly reversed: boolean;
  /** The white space between tokens. */
  readonly space: string;
  /** Whether there is one comma too many. */
  readonly malformed: boolean;
}

function* tokens(value: unknown, style: JsonStyle): Generator<string | Segment> {
  const { space, reversed } = style;
  if (value instanceof SegmentString) {
    yield '"';
    yield value.segment;
    yield '"';
  } else if (Array.isArray(value)) {
    yield `[${space}`;
    for (const [index, item] of value.entries()) {
      if (index > 0) yield `${space},${space}`;
      yield* tokens(item, style);
    }
    yield `${space}]`;
  } else if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    if (reversed) entries.reverse();
    yield `{${space}`;
    for (const [index, [key, item]] of entries.entries()) {
      if (index > 0) yield `${space},${space}`;
      yield `${JSON.stringify(key)}${space}:${space}`;
      yield* tokens(item, style);
    }
    yield `${space}}`;
  } else {
    yield JSON.stringify(value);
  }
}

/** The segments of a JSON text. */
export function jsonSegments(value: unknown, style: JsonStyle): Segment[] {
  const segments: Segment[] = [];
  let text = "";
  let misplacedComma = style.malformed;
  for (const token of tokens(value, style)) {
    if (typeof token !== "string") {
      segments.push(textSegment(text), token);
      text = "";
    } else if (misplacedComma && token.includes(",")) {
      text += `${token},`;
      misplacedComma = false;
    } else {
      text += token;
    }
  }
  return [...segments, textSegment(text)];
}
