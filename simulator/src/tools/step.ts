/** The steps of a response: one tool call each, with its events. */

import type { JsonObject } from "../scenario/alterations.js";

/** An event of a step; its place in the response is added when it is written. */
export interface StepEvent {
  readonly name: string;
  readonly fields?: JsonObject;
}

/** An output item with the events that lead to it. */
export interface Step {
  /** The item as it is added. */
  readonly opened: JsonObject;
  readonly events: readonly StepEvent[];
  /** The item as it is done. */
  readonly item: JsonObject;
}

const DELTA_LENGTH = 4;

/** Returns the deltas of a string and the event that repeats the whole string under the name `key`. */
export function deltaEvents(name: string, key: string, text: string, more: JsonObject = {}): StepEvent[] {
  const deltas = text.match(new RegExp(`.{1,${DELTA_LENGTH}}`, "gsu")) ?? [];
  return [...deltas.map((delta) => ({ name: `${name}.delta`, fields: { delta } })), { name: `${name}.done`, fields: { [key]: text, ...more } }];
}
