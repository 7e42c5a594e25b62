/** The scenarios in which the service does not begin to make a picture, but answers something else. */

import { errorAnswer, textFrame, type Answer } from "../http/answer.js";
import { AzureError, withRetryAfter } from "../service/azure-error.js";
import type { ErrorSampleName } from "../service/error-samples.js";
import type { Scenario } from "./grammar.js";

function errorName(scenario: Scenario): ErrorSampleName | undefined {
  if (scenario["content-filter"]) return "400-contentFilter-prompt";
  if (scenario["output-filter"]) return "400-contentFilter-output";
  if (scenario["content-policy"]) return "400-content-policy-violation";
  if (scenario.moderation) return "400-moderation-blocked";
  return scenario.error ?? scenario.status;
}

/** The answer that takes the place of a picture, if the scenario wants one. */
export function substituteAnswer(scenario: Scenario): Answer | undefined {
  if (scenario.redirect) {
    return { status: 307, headers: { location: "/elsewhere" }, frames: [] };
  }
  if (scenario.html) {
    const page = "<!doctype html>\n<html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>\n";
    return { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, frames: [textFrame(page)] };
  }
  const name = errorName(scenario);
  if (name === undefined) return undefined;
  const error = AzureError.sample(name);
  const delay = scenario["retry-after"];
  return errorAnswer(delay === undefined ? error : withRetryAfter(error, delay));
}
