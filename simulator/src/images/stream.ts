/** The answer of the image routes to a request with `stream: true`. */

import type { Answer, Frame } from "../http/answer.js";
import { SegmentString } from "../http/json.js";
import type { Model } from "../service/catalogue.js";
import type { ImageRequest } from "../service/image-request.js";
import type { Picture } from "../pictures/picture.js";
import { errorEvent, eventStreamAnswer, jsonEventFrame } from "../scenario/framing.js";
import type { Scenario } from "../scenario/grammar.js";
import { alter, base64Segment, type JsonObject } from "../scenario/alterations.js";
import { completedEvent, eventType, partialImageEvent } from "./documents.js";
import type { Rendering } from "./paint.js";

/** What a stream is made from. */
export interface StreamSource {
  readonly request: ImageRequest;
  readonly model: Model;
  readonly renderings: readonly Rendering[];
  readonly scenario: Scenario;
  /** When the request came, on the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly latencyInMs: number;
  readonly onSent: (picture: Picture) => void;
}

/** The events of one picture. */
function pictureFrames(source: StreamSource, { previews, final }: Rendering): Frame[] {
  const { request, model, scenario, onSent } = source;
  const steps = previews.length + 1;
  // The previews divide the time evenly; the picture ends it.
  const timeOf = (step: number) => source.startedAt + (source.latencyInMs * (step + 1)) / steps;
  const secondsAt = (time: number) => Math.floor((performance.timeOrigin + time) / 1000);
  const base64 = (picture: Picture) => new SegmentString(base64Segment(picture.bytes, scenario, picture === final, () => onSent(picture)));
  const frame = (kind: Frame["kind"], name: string, event: JsonObject, step: number) =>
    jsonEventFrame({ kind, name, data: event, notBefore: timeOf(step) }, scenario);
  const previewFrame = (preview: Picture, index: number, step: number) => {
    const event = alter(partialImageEvent(request, index, base64(preview), secondsAt(timeOf(step))), scenario);
    return frame("partial", eventType(request, "partial_image"), event, step);
  };

  const frames = previews.map((preview, index) => previewFrame(preview, index, index));
  const error = errorEvent(scenario);
  if (error !== undefined) return [...frames, frame("other", "error", error, previews.length)];
  if (scenario["no-completed"]) return frames;
  const picture = scenario["no-image"] ? undefined : base64(final);
  const completed = alter(completedEvent(request, model, picture, secondsAt(timeOf(previews.length))), scenario);
  frames.push(frame("completed", eventType(request, "completed"), completed, previews.length));
  const last = previews.at(-1);
  if (scenario["preview-after-completed"] && last !== undefined) {
    frames.push(previewFrame(last, previews.length - 1, previews.length));
  }
  return frames;
}

/** Answers with a stream of events. Several pictures come one after another: no source tells how Azure marks them. */
export function streamAnswer(source: StreamSource): Answer {
  const { scenario, renderings } = source;
  return eventStreamAnswer(
    renderings.flatMap((rendering) => pictureFrames(source, rendering)),
    scenario,
  );
}
