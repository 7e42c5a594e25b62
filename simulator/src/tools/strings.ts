/** Strings for the arguments of a call. */

import type { JsonObject } from "../scenario/alterations.js";

/** Values for the formats of JSON Schema. The names and addresses are reserved for examples. */
const FORMATS: Readonly<Record<string, string>> = {
  date: "2026-01-01",
  "date-time": "2026-01-01T12:00:00Z",
  time: "12:00:00Z",
  duration: "PT1H",
  email: "person@example.com",
  "idn-email": "person@example.com",
  hostname: "example.com",
  "idn-hostname": "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/",
  url: "https://example.com/",
  "uri-reference": "https://example.com/",
  iri: "https://example.com/",
  uuid: "123e4567-e89b-42d3-a456-426614174000",
  "json-pointer": "/example",
  regex: ".*",
};

/** The formats that a prompt can contain. */
const IN_PROMPT: Readonly<Record<string, RegExp>> = {
  date: /\b\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\b/,
  email: /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/,
  uri: /\bhttps?:\/\/[^\s"'<>]{1,2000}[^\s"'<>.,;:!?)]/,
  url: /\bhttps?:\/\/[^\s"'<>]{1,2000}[^\s"'<>.,;:!?)]/,
};

const PLACE_NAMES = /cit(?:y|ies)|location|place|town|countr(?:y|ies)|region|where|destination|address/i;
const TEXT_NAMES = /^(?:q|query|queries|question|prompt|text|input|message|search|request|topic|subject)$/i;

const DEFAULT_PLACE = "Oslo";
const DEFAULT_TEXT = "example";
const LONGEST = 10_000;

const PLACE_WORD = "\\p{Lu}[\\p{L}'’.-]*";
const placeAfter = (prepositions: string) => new RegExp(`\\b(?:${prepositions})\\s+(${PLACE_WORD}(?:,?\\s${PLACE_WORD})*)`, "u");
const PLACES = [placeAfter("in|In"), placeAfter("at|At|for|For|near|Near|from|From|to|To|of|Of")];

function placeIn(prompt: string): string | undefined {
  const found = PLACES.map((pattern) => pattern.exec(prompt)?.[1]).find((place) => place !== undefined);
  return found?.replace(/[.'’-]+$/u, "");
}

const quotedIn = (prompt: string) => /["“]([^"“”]{1,200})["”]/.exec(prompt)?.[1];

/** Returns the string that the prompt suggests for a property. */
export function suggestedString({ format }: JsonObject, name: string, prompt: string): string | undefined {
  if (typeof format === "string" && Object.hasOwn(FORMATS, format)) return IN_PROMPT[format]?.exec(prompt)?.[0];
  if (PLACE_NAMES.test(name)) return placeIn(prompt);
  if (TEXT_NAMES.test(name) && prompt !== "") return prompt;
  return undefined;
}

/** Returns a string for a schema. `index` makes the items of a list differ. */
export function fitString(
  { format, minLength, maxLength }: JsonObject,
  place: { readonly suggestion: string | undefined; readonly name: string; readonly index: number; readonly prompt: string },
): string {
  const { suggestion, name, index, prompt } = place;
  if (typeof format === "string" && Object.hasOwn(FORMATS, format)) return suggestion ?? String(FORMATS[format]);
  const text = suggestion ?? quotedIn(prompt) ?? (PLACE_NAMES.test(name) ? DEFAULT_PLACE : DEFAULT_TEXT);
  const numbered = index === 0 ? text : `${text} ${index + 1}`;
  const least = Math.min(Number(minLength ?? 0), LONGEST);
  const most = Math.min(Number(maxLength ?? LONGEST), LONGEST);
  return [...numbered.slice(0, LONGEST).padEnd(least, ".")].slice(0, most).join("");
}
