/** The tools that the simulated model plays besides image generation, by type. */

import type { JsonObject } from "../scenario/alterations.js";
import { codeInterpreterPlayer } from "./code-interpreter.js";
import { computer, computerUsePreview } from "./computer.js";
import { customPlayer } from "./custom.js";
import { fileSearchPlayer } from "./file-search.js";
import { functionPlayer } from "./function.js";
import { mcpPlayer } from "./mcp.js";
import type { Player } from "./player.js";
import { webSearchPlayer } from "./web-search.js";

const players: Readonly<Record<string, Player>> = {
  function: functionPlayer,
  custom: customPlayer,
  mcp: mcpPlayer,
  code_interpreter: codeInterpreterPlayer,
  file_search: fileSearchPlayer,
  computer,
  computer_use_preview: computerUsePreview,
  web_search: webSearchPlayer,
  web_search_2025_08_26: webSearchPlayer,
  web_search_preview: webSearchPlayer,
  web_search_preview_2025_03_11: webSearchPlayer,
};

/** Returns the player of a tool; `undefined` for image generation and for types that are not played. */
export function playerOf({ type }: JsonObject): Player | undefined {
  return typeof type === "string" && Object.hasOwn(players, type) ? players[type] : undefined;
}
