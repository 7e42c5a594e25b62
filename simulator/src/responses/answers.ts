/** Puts a response into an answer: as one document, or as the stream of its events. */

import { totalLength, type Answer } from "../http/answer.js";
import { SegmentString } from "../http/json.js";
import { Random } from "../pictures/random.js";
import type { Picture } from "../pictures/picture.js";
import { alter, base64Segment, replacePictures, type JsonObject } from "../scenario/alterations.js";
import { documentAnswer } from "../scenario/document.js";
import { eventStreamAnswer, jsonEventFrame } from "../scenario/framing.js";
import type { Scenario } from "../scenario/grammar.js";
import type { ResponseEvent } from "./event-log.js";
import type { StoredResponse } from "./stored-response.js";

/** How an answer is made. */
export interface AnswerSource {
  readonly scenario: Scenario;
  /** Called when a picture has been sent whole. */
  readonly onSent: (picture: Picture) => void;
}

function withPictures(value: JsonObject, { scenario, onSent }: AnswerSource): JsonObject {
  const write = (picture: Picture) => new SegmentString(base64Segment(picture.bytes, scenario, picture.kind === "final", () => onSent(picture)));
  return replacePictures(value, write) as JsonObject;
}

/** The document without its pictures. */
export function withoutPictures(document: JsonObject): JsonObject {
  return replacePictures(document, () => null) as JsonObject;
}

/** Answers with a response as one JSON document. */
export function responseAnswer(document: JsonObject, source: AnswerSource): Answer {
  return documentAnswer(withPictures(document, source), source.scenario);
}

/** Answers with events of a response; the stream ends early when the response is cancelled. */
export function eventsAnswer(response: StoredResponse, events: readonly ResponseEvent[], source: AnswerSource): Answer {
  const { scenario } = source;
  const frames = events.map(({ kind, name, data, at }) => {
    const kept = kind === "completed" && scenario["omit-repeated-picture"] ? withoutPictures(data) : data;
    return jsonEventFrame({ kind, name, data: alter(withPictures(kept, source), scenario), notBefore: at }, scenario);
  });
  return { ...eventStreamAnswer(frames, scenario), until: response.ended };
}

/** The most that may stand before the second event: a byte order mark, a comment, and the first event. */
const FRAMES_OF_FIRST_EVENT = 3;

/**
 * The scenario of a stream that is cut where the seed says.
 *
 * The first stream of a response tells its id before it is cut: without it there is nothing to resume. And it just ends, since a
 * browser drops what it has not read yet when a connection is reset.
 */
export function cutRandomly(
  scenario: Scenario,
  { frames }: Answer,
  { streamIndex, seed }: { readonly streamIndex: number; readonly seed: string },
): Scenario {
  if (streamIndex >= (scenario["cut-randomly"] ?? 0)) return scenario;
  const random = new Random(`${seed}/cut/${streamIndex}`);
  const spared = streamIndex === 0 ? totalLength(frames.slice(0, FRAMES_OF_FIRST_EVENT)) : 0;
  const place = { bytes: Math.floor(random.between(spared, totalLength(frames))) };
  return { ...scenario, ...(random.chance(0.5) && streamIndex > 0 ? { reset: place } : { truncate: place }) };
}
