/** Reads the prompt of an image request. */

import type { Exchange } from "../http/exchange.js";
import { readPrompt } from "../scenario/grammar.js";
import type { NamedDeployment } from "../service/deployments.js";
import type { Service } from "../service/service.js";

/** Sets the scenario of the exchange from the options, the deployment and the prompt. Returns the prompt without scenario words. */
export function readImagePrompt(text: unknown, deployment: NamedDeployment, exchange: Exchange, service: Service): string {
  const { prompt, scenario } = readPrompt(typeof text === "string" ? text : "");
  const words = { ...service.scenario, ...deployment.scenario, ...scenario };
  exchange.scenario = service.attempts.limit(words, deployment.name, prompt);
  return prompt;
}
