/** Answers with one JSON document, as the scenario wants it. */

import { textSegment, type Answer } from "../http/answer.js";
import { jsonSegments } from "../http/json.js";
import { alter, jsonStyle, type JsonObject } from "./alterations.js";
import type { Scenario } from "./grammar.js";

/** Answers 200 with a document, whose images are `SegmentString`s. */
export function documentAnswer(document: JsonObject, scenario: Scenario): Answer {
  const json = jsonSegments(alter(document, scenario), jsonStyle(scenario, " \n\t", { final: true }));
  return {
    status: 200,
    headers: { "content-type": scenario["wrong-type"] ? "text/plain; charset=utf-8" : "application/json" },
    frames: [{ kind: "completed", segments: scenario.bom ? [textSegment("\uFEFF"), ...json] : json }],
  };
}
