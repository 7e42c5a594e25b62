/** Plays web search: it finds a page of example.com. Nothing is requested. */

import { newId } from "../service/ids.js";
import type { Player } from "./player.js";
import { citing } from "./sentence.js";

const SUGGESTION = /\b(search|web|internet|online|news|latest|look up)\b/i;

const RESULT = { url: "https://example.com/", title: "Example Domain" };

/** The player of `web_search` and `web_search_preview` tools. */
export const webSearchPlayer: Player = {
  isSuggested: (_tool, prompt) => SUGGESTION.test(prompt),

  awaitsReply: () => false,

  perform(_tool, { prompt, include }) {
    const call = { id: newId("ws_"), type: "web_search_call" };
    const sources = include.has("web_search_call.action.sources") ? { sources: [{ type: "url", url: RESULT.url }] } : {};
    const action = { type: "search", query: prompt, queries: [prompt], ...sources };
    const link = `[example.com](${RESULT.url})`;
    return {
      steps: [
        {
          opened: { ...call, status: "in_progress", action: { type: "search" } },
          events: ["in_progress", "searching", "completed"].map((state) => ({ name: `web_search_call.${state}` })),
          item: { ...call, status: "completed", action },
        },
      ],
      sentences: [citing(`The web says more at ${link}.`, link, { type: "url_citation", ...RESULT })],
    };
  },
};
