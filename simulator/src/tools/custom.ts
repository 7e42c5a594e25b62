/** Plays custom tools: a call whose input is the prompt. */

import { newId } from "../service/ids.js";
import { checkNamedTool, isNamedToolSuggested } from "./named-tool.js";
import type { Player } from "./player.js";
import { deltaEvents } from "./step.js";

/** The player of `custom` tools. */
export const customPlayer: Player = {
  check: checkNamedTool,

  isSuggested: isNamedToolSuggested,

  awaitsReply: () => true,

  perform({ name }, { prompt }) {
    const call = { id: newId("ctc_"), type: "custom_tool_call", status: "completed", call_id: newId("call_"), name };
    return {
      steps: [
        {
          opened: { ...call, status: "in_progress", input: "" },
          events: deltaEvents("custom_tool_call_input", "input", prompt),
          item: { ...call, input: prompt },
        },
      ],
      sentences: [],
    };
  },
};
