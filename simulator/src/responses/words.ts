/** What the simulated model says. */

import { joinSentences, plain, type Sentence } from "../tools/sentence.js";
import { isImageTool } from "./image-tool.js";
import type { Plan } from "./plan.js";
import { unplayedTools } from "./tools.js";

/** The message that ends a response. */
export function wordsOf(plan: Plan): Sentence {
  if (plan.scenario.refusal) return plain("I cannot help with that.");
  const { reports, sentences } = plan.toolCalls;
  const said = [...reports.map(({ sentence }) => plain(sentence)), ...sentences];
  const closing = [answerOf(plan, said.length > 0), unplayedTools(plan.tools)].filter((text) => text !== "");
  return joinSentences([...said, ...closing.map(plain)]);
}

/** Returns the sentence about images. `informed` is true if other tools have answered the prompt. */
function answerOf({ scenario, calls, tools }: Plan, informed: boolean): string {
  if (scenario["no-image"]) return "I cannot create that image.";
  if (calls === undefined) {
    if (informed) return "";
    return tools.some(isImageTool)
      ? "Tell me what to draw, and I will make a picture of it."
      : "I can only answer in words: no image generation tool is at hand.";
  }
  if (scenario["call-failed"]) return "The picture was blocked.";
  if (calls.count > 1) return "Here are your pictures.";
  return calls.request.operation === "edit" ? "Here is the edited picture." : "Here is your picture.";
}
