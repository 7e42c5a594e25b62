/** Plays file search: it finds the file that was uploaded last. */

import { newId } from "../service/ids.js";
import type { StoredFile } from "../service/files.js";
import { invalidType, missingParameter, typeOf } from "../service/validation.js";
import type { Player } from "./player.js";
import { plain, type Sentence } from "./sentence.js";

const SUGGESTION = /\b(files?|documents?|search)\b/i;

const LONGEST_EXCERPT = 400;

/** The start of a text file; empty for any other file. */
function excerptOf({ file: { bytes } }: StoredFile): string {
  const text = bytes.subarray(0, LONGEST_EXCERPT).toString();
  return text.includes("\u0000") ? "" : text;
}

function citationOf({ id, file: { filename } }: StoredFile): Sentence {
  return { text: `The answer is in ${filename}.`, annotations: [{ type: "file_citation", file_id: id, index: 0, filename }] };
}

/** The player of `file_search` tools. */
export const fileSearchPlayer: Player = {
  check({ vector_store_ids: ids }, path) {
    const param = `${path}vector_store_ids`;
    if (ids === undefined || ids === null) throw missingParameter(param);
    if (!Array.isArray(ids)) throw invalidType(param, "an array of strings", typeOf(ids));
    for (const [index, id] of ids.entries()) if (typeof id !== "string") throw invalidType(`${param}[${index}]`, "a string", typeOf(id));
    if (ids.length === 0) throw missingParameter(param);
  },

  isSuggested: (_tool, prompt) => SUGGESTION.test(prompt),

  awaitsReply: () => false,

  perform(_tool, { prompt, workspace, include }) {
    const newest = [...workspace.files.values()].at(-1);
    const call = { id: newId("fs_"), type: "file_search_call" };
    const found = newest === undefined ? [] : [newest];
    const results = found.map((stored) => ({
      attributes: {},
      file_id: stored.id,
      filename: stored.file.filename,
      score: 0.9,
      text: excerptOf(stored),
    }));
    return {
      steps: [
        {
          opened: { ...call, status: "in_progress", queries: [], results: null },
          events: ["in_progress", "searching", "completed"].map((state) => ({ name: `file_search_call.${state}` })),
          item: { ...call, status: "completed", queries: [prompt], results: include.has("file_search_call.results") ? results : null },
        },
      ],
      sentences: newest === undefined ? [plain("No file matches.")] : [citationOf(newest)],
    };
  },
};
