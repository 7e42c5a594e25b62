/** Limits of JSON bodies: text of a few megabytes can parse into more memory, or nest deeper, than a process survives. */

/** Structured outputs, the deepest legal part of a request, nest ten levels. */
const DEEPEST_NESTING = 128;

const MOST_VALUES = 5_000_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** The index of the quotation mark that ends the string at `start`. */
function endOfString(json: Buffer, start: number): number {
  let end = start;
  let escaped: boolean;
  do {
    end = json.indexOf(QUOTE, end + 1);
    if (end < 0) return json.length;
    let first = end;
    while (json[first - 1] === BACKSLASH) first--;
    escaped = (end - first) % 2 === 1;
  } while (escaped);
  return end;
}

/** Checks the limits, not the syntax. */
export function isParsable(json: Buffer): boolean {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) at = endOfString(json, at);
    else if (byte === OPENING_BRACKET || byte === OPENING_BRACE) depth++;
    else if (byte === CLOSING_BRACKET || byte === CLOSING_BRACE) depth--;
    else if (byte !== COMMA) continue;
    if (depth > DEEPEST_NESTING || ++values > MOST_VALUES) return false;
  }
  return true;
}
