/**
 * The scenarios: words that make the simulator misbehave as real services, gateways and networks do.
 *
 * Words are written in the name of a deployment, `gpt-image-2.5-flare--stall--chunk-16384`, in square brackets in the prompt,
 * `a lake [stall] [chunk=16384]`, or in the options of the simulator, `["stall", "chunk=16384"]`. Brackets that hold no known word
 * belong to the prompt, unless they look like a misspelled one.
 */

import { failureCodes } from "./failures.js";
import { slipOf, suggestion } from "./spelling.js";
import { errorSample, flag, integerUpTo, milliseconds, oneOf, position, positiveInteger, seconds, status, type ReadValue } from "./values.js";

/** Each image of a response takes megabytes of memory. */
const MOST_PICTURES = 100;

interface Word<Value> {
  readonly read: ReadValue<Value>;
  /** How the value is written in the documentation. */
  readonly value?: string;
  readonly effect: string;
}

const words = {
  // Refusals.
  status: {
    read: status,
    value: "N",
    effect:
      "answers with the usual error of status N: 400, 401, 403, 404, 408, 409, 413, 429, 500, 502 (HTML), 503 or 504 (empty); 429 has no delay on the routes of MAI and FLUX models",
  },
  error: {
    read: errorSample,
    value: "NAME",
    effect: "answers with the error of this name, such as 400-moderation-blocked or 429-rate-limit-reached",
  },
  "retry-after": { read: seconds, value: "SECONDS", effect: "puts this delay into the retry-after header and the text of an error" },
  times: {
    read: positiveInteger,
    value: "N",
    effect: "limits the other words to the first N requests with this deployment and prompt, and to the first N retrievals and streams of a response",
  },
  "content-filter": {
    read: flag,
    effect: "refuses the prompt: 400 contentFilter, content_filter for a response, or content_safety_violation from MAI and FLUX models",
  },
  "output-filter": { read: flag, effect: "refuses the picture: 400 contentFilter, or content_safety_violation from MAI and FLUX models" },
  "content-policy": { read: flag, effect: "refuses the prompt: 400 content_policy_violation with the categories in inner_error" },
  moderation: {
    read: flag,
    effect: "refuses the picture: 400 moderation_blocked, content_safety_violation from MAI models, or Request Moderated from FLUX models",
  },
  "moderation-in-stream": { read: flag, effect: "streams the previews, then an error event that wraps moderation_blocked" },
  "error-in-stream": { read: flag, effect: "streams the previews, then an error event with type, code and message at the top" },
  "rate-limit-in-stream": { read: flag, effect: "streams the previews, then an error event that wraps rate_limit_exceeded" },
  "echo-credential": { read: flag, effect: "answers 401 and repeats the credential in the text, in param and in the request ids" },
  "get-status": { read: status, value: "N", effect: "answers the retrieval of the response, by JSON or by stream, with the usual error of status N" },
  "no-tool-streaming": { read: flag, effect: "refuses a stream with the image generation tool: 400, not supported in streaming mode" },
  "strict-form-booleans": {
    read: flag,
    effect: "takes only True for true in a form, as Azure was seen to do: an edit with stream=true is answered with plain JSON",
  },
  "require-n": { read: flag, effect: "refuses a request to a FLUX model that has no n: 500, as one deployment of Azure did" },
  redirect: { read: flag, effect: "answers 307 to /elsewhere" },

  // The connection.
  "no-cors": { read: flag, effect: "leaves access-control-allow-origin out of the answer" },
  "expose-headers": { read: flag, effect: "adds access-control-expose-headers: *, as a gateway may; without it none is exposed, as on Azure" },
  "slow-first-byte": { read: milliseconds, value: "MS", effect: "waits before the headers" },
  chunk: { read: positiveInteger, value: "N", effect: "writes the body N bytes at a time" },
  delay: { read: milliseconds, value: "MS", effect: "waits after each chunk of the body" },
  "bytes-per-second": { read: positiveInteger, value: "N", effect: "limits the speed of the body" },
  truncate: { read: position({ percent: 50 }), value: "PLACE", effect: "ends the body there, as if it were complete; 50% if no place is given" },
  reset: { read: position({ percent: 50 }), value: "PLACE", effect: "resets the connection there; at 50% if no place is given" },
  stall: {
    read: position("after-first-preview"),
    value: "PLACE",
    effect: "sends nothing more from there on and keeps the connection open; after the first preview if no place is given",
  },
  "cut-randomly": {
    read: positiveInteger,
    value: "N",
    effect:
      "breaks the first N streams of a response at a byte that the seed chooses, by a reset or by an early end; the first of them ends early, after response.created",
  },

  // The framing.
  "json-answer": { read: flag, effect: "answers a streamed request with plain JSON" },
  "wrong-type": { read: flag, effect: "labels a stream application/json, and JSON text/plain" },
  html: { read: flag, effect: "answers 200 with an HTML page" },
  "data-only": { read: flag, effect: "leaves the event lines out of the stream" },
  crlf: { read: flag, effect: "ends the lines of the stream with CR LF" },
  cr: { read: flag, effect: "ends the lines of the stream with CR" },
  comments: { read: flag, effect: "puts comment lines between the events" },
  bom: { read: flag, effect: "begins the body with a byte order mark" },
  "done-marker": { read: flag, effect: "ends the stream with data: [DONE]" },
  "no-completed": { read: flag, effect: "ends the stream after the previews" },
  "preview-after-completed": { read: flag, effect: "sends the last preview once more behind the completed event, from the image routes" },

  // The JSON.
  "malformed-json": { read: flag, effect: "breaks the JSON of the answer or of the completed event" },
  shuffled: { read: flag, effect: "reverses the order of the keys and spreads white space" },
  decoy: { read: flag, effect: "adds unknown keys with objects and texts that look like pictures" },
  minimal: { read: flag, effect: "leaves every optional key out" },
  escaped: { read: flag, effect: "writes the base64 with JSON escapes" },

  // The pictures.
  "malformed-base64": { read: flag, effect: "puts characters into the final picture that are not base64" },
  "half-quad": { read: flag, effect: "cuts the base64 of the final picture inside a group of four" },
  fewer: { read: flag, effect: "sends one picture less than asked, from the image routes" },
  "partially-filtered": {
    read: flag,
    effect:
      "withholds the last picture and says which filter did it, from the image routes; FLUX models answer 200 with finish_reason content_filter",
  },
  "no-image": { read: flag, effect: "sends an empty data array, a completed event without a picture, or a response in words" },
  pictures: { read: integerUpTo(MOST_PICTURES), value: "N", effect: "makes N pictures in a response, each by a call of its own" },
  "omit-repeated-picture": { read: flag, effect: "leaves the pictures out of response.completed: they came with response.output_item.done" },
  "result-not-kept": { read: flag, effect: "gives null for the pictures when the response is retrieved later" },
  "call-failed": { read: flag, effect: "lets the calls of the image generation tool fail, blocked by moderation, and the response complete" },
  refusal: { read: flag, effect: "answers with a refusal instead of a picture; with call-failed, after the call" },
  incomplete: {
    read: oneOf(["max_output_tokens", "content_filter"]),
    value: "REASON",
    effect: "ends the response incomplete for max_output_tokens, with its pictures, or for content_filter, with nothing",
  },
  "response-failed": {
    read: oneOf(failureCodes),
    value: "CODE",
    effect: "ends the response failed, after the previews, with an error of this code; server_error if none is given",
  },
  noise: { read: flag, effect: "makes incompressible pictures: 3840x2160 as PNG has about 25 MB" },
} satisfies Record<string, Word<unknown>>;

type WordName = keyof typeof words;

/** The words that apply to a request, with their values. */
export type Scenario = { readonly [Name in WordName]?: ReturnType<(typeof words)[Name]["read"]> };

/** What can be written into a deployment name or a prompt, for documentation and menus. */
export interface ScenarioWord {
  /** The word as it is written. */
  readonly name: string;
  /** How the value is written; absent for a word that takes none. */
  readonly value?: string;
  /** What it does, for people. */
  readonly effect: string;
}

/** Every scenario word. */
export const scenarioWords: readonly ScenarioWord[] = Object.entries(words).map(([name, word]: [string, Word<unknown>]) => ({
  name,
  ...(word.value === undefined ? {} : { value: word.value }),
  effect: word.effect,
}));

/** A word that is not known where only words may stand, or one whose value makes no sense; its message says what was expected. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
}

function isWordName(name: string): name is WordName {
  return Object.hasOwn(words, name);
}

const names = Object.keys(words) as readonly WordName[];
const namesWithValue = names.filter((name) => (words[name] as Word<unknown>).value !== undefined);
/** Those that make sense without a value. */
const namesThatStandAlone = names.filter((name) => accepts(name, undefined));
const LONGEST_NAME = Math.max(...names.map((name) => name.length));

/** Long enough for every legal value. */
const SHOWN_LENGTH = 80;

const shortened = (text: string): string => (text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text);

function accepts(name: WordName, value: string | undefined): boolean {
  try {
    words[name].read(value);
    return true;
  } catch {
    return false;
  }
}

function read(name: WordName, value: string | undefined): Scenario {
  try {
    return { [name]: words[name].read(value) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ScenarioError(`The scenario '${name}' takes ${error.message}, not '${shortened(value ?? "")}'.`);
  }
}

/** The error for a word that does not exist; `remedy` says what else the caller can write. */
function unknownWord(written: string, similar: string | undefined, remedy = ""): ScenarioError {
  const hint = similar === undefined ? "" : ` Did you mean '${similar}'?`;
  return new ScenarioError(`There is no scenario '${shortened(written)}'; the words are ${names.join(", ")}.${hint}${remedy}`);
}

/** Reads the part of a deployment name behind `--`; throws a `ScenarioError` for an unknown word. */
export function readSuffix(suffix: string): Scenario {
  const scenario: Scenario = {};
  for (const part of suffix.split("--")) {
    // A value follows its word with a hyphen, and words hold hyphens too: the longest word that fits is meant.
    let name = part.slice(0, LONGEST_NAME + 1);
    while (!isWordName(name)) {
      const end = name.lastIndexOf("-");
      if (end < 0) {
        const similar = suggestion(part, names) ?? suggestion(part.replace(/-[^-]*$/, ""), names);
        throw unknownWord(part, similar, " In the name of a deployment, -- begins a scenario.");
      }
      name = name.slice(0, end);
    }
    Object.assign(scenario, read(name, name === part ? undefined : part.slice(name.length + 1)));
  }
  return scenario;
}

/** Reads words that stand alone; throws a `ScenarioError` for an unknown one. */
export function readWords(texts: readonly string[]): Scenario {
  const scenario: Scenario = {};
  for (const text of texts) {
    const [, name = "", value] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
    if (!isWordName(name)) throw unknownWord(text, suggestion(name, names));
    Object.assign(scenario, read(name, value));
  }
  return scenario;
}

/** A pair of brackets with nothing but text inside. */
const BRACKETS = /\[([^[\]]*)\]/g;

const REMEDY = " To keep the text in the prompt, write it without brackets.";

/** Returns the word with its value for a misspelling such as `status: 429`. */
function withoutEqualsSign(text: string): string | undefined {
  const name = namesWithValue.find((each) => text.startsWith(each) && /^[\s:-]/.test(text.slice(each.length)));
  if (name === undefined) return undefined;
  const value = text.slice(name.length).replace(/^[\s:-]+/, "");
  return accepts(name, value) ? `${name}=${value}` : undefined;
}

/** Reads the string between brackets. Returns `undefined` if it belongs to the prompt, and throws a `ScenarioError` for a misspelled word. */
function readBrackets(text: string): Scenario | undefined {
  const sign = text.indexOf("=");
  const value = sign < 0 ? undefined : text.slice(sign + 1).trim();
  const name = (sign < 0 ? text : text.slice(0, sign)).trim().toLowerCase();
  if (isWordName(name)) return read(name, value);
  if (value !== undefined) {
    if (!/^[a-z][a-z0-9_-]{2,40}$/.test(name) || /\s/.test(value)) return undefined;
    throw unknownWord(name, suggestion(name, names), REMEDY);
  }
  const similar = withoutEqualsSign(name) ?? slipOf(name, namesThatStandAlone);
  if (similar !== undefined) throw unknownWord(name, similar, REMEDY);
  return undefined;
}

/** Takes the scenario words out of a prompt. */
export function readPrompt(text: string): { readonly prompt: string; readonly scenario: Scenario } {
  const scenario: Scenario = {};
  const kept: string[] = [];
  let end = 0;
  for (const { 0: brackets, 1: inside = "", index } of text.matchAll(BRACKETS)) {
    const word = readBrackets(inside);
    if (word === undefined) continue;
    Object.assign(scenario, word);
    kept.push(text.slice(end, index).trimEnd());
    end = index + brackets.length;
  }
  return { prompt: [...kept, text.slice(end)].join("").trim(), scenario };
}
