/** What the simulated model says. */

import type { Plan } from "./plan.js";
import { unplayedTools } from "./tools.js";

/** The message that ends a response. */
export function wordsOf(plan: Plan): string {
  return plan.scenario.refusal ? "I cannot help with that." : answerOf(plan) + unplayedTools(plan.tools);
}

function answerOf({ scenario, calls, tools }: Plan): string {
  if (scenario["no-image"]) return "I cannot create that image.";
  if (calls === undefined) {
    const hasTool = tools.some(({ type }) => type === "image_generation");
    return hasTool ? "Tell me what to draw, and I will make a picture of it." : "I can only answer in words: no image generation tool is at hand.";
  }
  if (scenario["call-failed"]) return "The picture was blocked.";
  if (calls.count > 1) return "Here are your pictures.";
  return calls.request.operation === "edit" ? "Here is the edited picture." : "Here is your picture.";
}
