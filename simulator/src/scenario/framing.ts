/** The scenarios that alter how a stream is framed, and those that end it with an error event. */

import { textFrame, type Answer, type Frame } from "../http/answer.js";
import { jsonSegments } from "../http/json.js";
import { commentFrame, doneFrame, eventFrame, type EventStyle } from "../http/sse.js";
import { errorSamples } from "../service/error-samples.js";
import { jsonStyle, type JsonObject } from "./alterations.js";
import type { Scenario } from "./grammar.js";

/** JSON in a stream stays on one line. */
const SPACE = " \t ";

function eventStyle(scenario: Scenario): EventStyle {
  return { lineEnd: scenario.crlf ? "\r\n" : scenario.cr ? "\r" : "\n", named: !scenario["data-only"] };
}

/** An event whose data is a JSON object. */
export function jsonEventFrame(
  event: { readonly kind: Frame["kind"]; readonly name: string; readonly data: JsonObject; readonly notBefore: number },
  scenario: Scenario,
): Frame {
  const data = jsonSegments(event.data, jsonStyle(scenario, SPACE, { final: event.kind === "completed" }));
  return eventFrame({ ...event, data }, eventStyle(scenario));
}

/** The error event that ends a stream early, if the scenario wants one. */
export function errorEvent(scenario: Scenario): JsonObject | undefined {
  if (scenario["moderation-in-stream"]) return errorSamples["400-moderation-blocked"].body;
  if (scenario["error-in-stream"]) {
    return {
      type: "error",
      code: "server_error",
      message: "The server had an error processing your request.",
      param: null,
    };
  }
  if (scenario["rate-limit-in-stream"]) {
    return {
      type: "error",
      error: {
        type: "too_many_requests",
        code: "rate_limit_exceeded",
        message: `Rate limit reached. Please try again in ${scenario["retry-after"] ?? 2}s.`,
        param: null,
      },
    };
  }
  return undefined;
}

/** The answer that streams these events. */
export function eventStreamAnswer(events: readonly Frame[], scenario: Scenario): Answer {
  const style = eventStyle(scenario);
  return {
    status: 200,
    headers: { "content-type": scenario["wrong-type"] ? "application/json" : "text/event-stream; charset=utf-8" },
    frames: [
      ...(scenario.bom ? [textFrame("\uFEFF")] : []),
      ...(scenario.comments ? events.flatMap((event) => [commentFrame(style), event]) : events),
      ...(scenario["done-marker"] ? [doneFrame(style)] : []),
    ],
  };
}
