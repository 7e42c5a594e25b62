/** Answers that are one JSON document without pictures. */

import { textFrame, type Answer } from "../http/answer.js";

/** Answers 200 with a JSON value. */
export function jsonAnswer(value: unknown): Answer {
  return { status: 200, headers: { "content-type": "application/json" }, frames: [textFrame(JSON.stringify(value))] };
}
