/** The scenarios in which the service does not begin to make a picture, but answers something else. */

import { errorAnswer, textFrame, type Answer } from "../http/answer.js";
import type { Exchange } from "../http/exchange.js";
import { credentialOf } from "../service/authentication.js";
import { AzureError, withRetryAfter } from "../service/azure-error.js";
import type { ErrorSampleName } from "../service/error-samples.js";
import type { Scenario } from "./grammar.js";

/** The refusal of a service that repeats what it was sent: no client may show or log it as it is. */
function echo(credential: string): AzureError {
  return new AzureError({
    status: 401,
    headers: { "apim-request-id": credential, "x-request-id": credential },
    body: {
      error: {
        code: "401",
        message: `Access denied: the credential '${credential}' is not known here.`,
        param: credential,
      },
    },
  });
}

/** The errors of a route that differ from those of the OpenAI image routes. */
export type Refusals = Readonly<Partial<Record<ErrorSampleName, AzureError>>>;

/** The error that a word asks for by its meaning. */
function errorName(scenario: Scenario): ErrorSampleName | undefined {
  if (scenario["content-filter"]) return "400-contentFilter-prompt";
  if (scenario["output-filter"]) return "400-contentFilter-output";
  if (scenario["content-policy"]) return "400-content-policy-violation";
  if (scenario.moderation) return "400-moderation-blocked";
  return scenario.error === undefined ? scenario.status : undefined;
}

function errorOf({ scenario, entry }: Exchange, refusals: Refusals): AzureError | undefined {
  if (scenario["echo-credential"]) return echo(credentialOf(entry.headers));
  const name = errorName(scenario);
  if (name !== undefined) return refusals[name] ?? AzureError.sample(name);
  return scenario.error && AzureError.sample(scenario.error);
}

/** An error as the answer, with the delay that the scenario wants. */
export function scenarioErrorAnswer(error: AzureError, scenario: Scenario): Answer {
  const delay = scenario["retry-after"];
  return errorAnswer(delay === undefined ? error : withRetryAfter(error, delay));
}

/**
 * The answer that takes the place of a picture, if the scenario of the exchange wants one.
 *
 * `refusals` are the errors of the route that differ from the usual ones.
 */
export function substituteAnswer(exchange: Exchange, refusals: Refusals = {}): Answer | undefined {
  const { scenario } = exchange;
  if (scenario.redirect) {
    return { status: 307, headers: { location: "/elsewhere" }, frames: [] };
  }
  if (scenario.html) {
    const page = "<!doctype html>\n<html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>\n";
    return { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, frames: [textFrame(page)] };
  }
  const error = errorOf(exchange, refusals);
  return error && scenarioErrorAnswer(error, scenario);
}
