/** Plays the computer: a call that asks for a screenshot. */

import type { JsonObject } from "../scenario/alterations.js";
import { newId } from "../service/ids.js";
import { checkRules } from "../service/validation.js";
import type { Player } from "./player.js";

const SUGGESTION = /\b(computer|click|browser|screen|screenshot)s?\b/i;

const side = { kind: "integer", minimum: 1, maximum: 16_384, required: true } as const;

const isSuggested: Player["isSuggested"] = (_tool, prompt) => SUGGESTION.test(prompt);

/** Returns a player whose calls have `action` or `actions`. */
function computerPlayer(actions: JsonObject, check: Player["check"]): Player {
  return {
    ...(check === undefined ? {} : { check }),
    isSuggested,
    awaitsReply: () => true,
    perform() {
      const call = { id: newId("cu_"), type: "computer_call", call_id: newId("call_"), ...actions, pending_safety_checks: [] };
      return { steps: [{ opened: { ...call, status: "in_progress" }, events: [], item: { ...call, status: "completed" } }], sentences: [] };
    },
  };
}

const SCREENSHOT = { type: "screenshot" };

/** The player of `computer` tools. */
export const computer = computerPlayer({ actions: [SCREENSHOT] }, undefined);

/** The player of `computer_use_preview` tools. */
export const computerUsePreview = computerPlayer({ action: SCREENSHOT }, (tool, path) =>
  checkRules(
    tool,
    {
      environment: { kind: "choice", values: ["windows", "mac", "linux", "ubuntu", "browser"], required: true },
      display_width: side,
      display_height: side,
    },
    path,
  ),
);
