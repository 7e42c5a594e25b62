/** The sentences of a message, with annotations. */

import type { JsonObject } from "../scenario/alterations.js";

/** A sentence. The indexes of its annotations count from its start. */
export interface Sentence {
  readonly text: string;
  readonly annotations: readonly JsonObject[];
}

/** Returns a sentence without annotations. */
export function plain(text: string): Sentence {
  return { text, annotations: [] };
}

function shifted(annotation: JsonObject, offset: number): JsonObject {
  const { start_index: start, end_index: end } = annotation;
  return typeof start === "number" && typeof end === "number" ? { ...annotation, start_index: start + offset, end_index: end + offset } : annotation;
}

/** Joins sentences with spaces. */
export function joinSentences(sentences: readonly Sentence[]): Sentence {
  return sentences.reduce((before, { text, annotations }) => {
    const start = before.text === "" ? "" : `${before.text} `;
    return { text: start + text, annotations: [...before.annotations, ...annotations.map((each) => shifted(each, start.length))] };
  }, plain(""));
}

/** Returns a sentence with a citation, whose indexes are those of `part`. */
export function citing(text: string, part: string, citation: JsonObject): Sentence {
  const start = text.indexOf(part);
  const { type, ...others } = citation;
  return { text, annotations: [{ type, start_index: start, end_index: start + part.length, ...others }] };
}
