// Reads JSON strictly, so that the proxy and Azure cannot understand the same bytes differently.

import { badRequest, quote, Refusal } from "./refusal.js";

/** A parsed JSON object. */
export type JsonObject = Record<string, unknown>;

/** Levels of nesting. The client sends fewer than ten, but the schema of a function may have many. */
const MAX_DEPTH = 64;
/** Number of values. The client sends a few hundred. */
const MAX_VALUES = 100_000;

/** Returns true for an object that is not an array. */
export const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

/** Parses a JSON object. Refuses invalid UTF-8, a property that occurs twice, and `__proto__`. */
export function parseJson(bytes: Uint8Array): JsonObject {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    // First, because `JSON.parse` needs a hundred times the memory of a body of small values.
    check(text);
    value = JSON.parse(text);
  } catch (cause) {
    throw cause instanceof Refusal ? cause : badRequest("The body is not valid JSON in UTF-8.");
  }
  if (!isObject(value)) throw badRequest("The body must be a JSON object.");
  return value;
}

/**
 * Checks the property names, the nesting and the number of values. `JSON.parse` silently keeps the last of equal names, and other parsers
 * the first.
 */
function check(text: string): void {
  let values = 0;
  /** Names of each open object, and `null` for each open array. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "{" || character === "[" || character === ",") values++;
    if (character === "{") open.push(new Set());
    else if (character === "[") open.push(null);
    else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const end = endOfString(text, at);
      const names = open.at(-1);
      if (names && isName(text, end)) addName(names, JSON.parse(text.slice(at, end)) as string);
      at = end - 1;
    }
    if (open.length > MAX_DEPTH) throw badRequest(`The JSON is nested more than ${MAX_DEPTH} levels deep.`);
    if (values > MAX_VALUES) throw badRequest(`The JSON has more than ${MAX_VALUES} values.`);
  }
}

function addName(names: Set<string>, name: string): void {
  if (names.has(name)) throw badRequest(`The property ${quote(name)} occurs twice in the same object.`, name);
  if (name === "__proto__") throw badRequest('The property "__proto__" is not passed on.');
  names.add(name);
}

/** Returns the index after the closing quote. Jumps from quote to quote, because an image in base64 has millions of characters. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

/** Returns true if a colon follows. */
function isName(text: string, end: number): boolean {
  let at = end;
  while (at < text.length && " \t\r\n".includes(text[at] as string)) at++;
  return text[at] === ":";
}
