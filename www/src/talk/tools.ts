import { signal } from "@preact/signals";
import type { Tool } from "azure-image-client";
import { getPagePalette } from "./palette.js";

/** The functions of this page, by the names that a model calls. */
export const FUNCTIONS = { get_page_palette: getPagePalette };

const PALETTE: Tool = {
  type: "function",
  name: "get_page_palette",
  description:
    "Returns the present colors of this web page (background, text and accent, as hex codes) and whether the page is light or dark. Call it before you draw something in the colors of the page.",
  parameters: { type: "object", properties: {}, required: [], additionalProperties: false },
  strict: true,
};

/** The MCP server that the form starts with. It needs no account. */
const MCP_SERVER = { label: "learn", url: "https://learn.microsoft.com/api/mcp" };

/** The tools beside image generation that a person has chosen. */
export const choice = {
  // The model calls it only if it needs the colors, so it is offered by default.
  palette: signal(true),
  codeInterpreter: signal(false),
  webSearch: signal(false),
  mcp: signal(false),
  mcpLabel: signal(MCP_SERVER.label),
  mcpUrl: signal(MCP_SERVER.url),
};

/** Returns the chosen tools. A background job runs without this page, so it has no functions of the page. */
export function chosenTools(isJob: boolean): Tool[] {
  const { palette, codeInterpreter, webSearch, mcp, mcpLabel, mcpUrl } = choice;
  return [
    ...(palette.value && !isJob ? [PALETTE] : []),
    ...(codeInterpreter.value ? [{ type: "code_interpreter" as const }] : []),
    ...(webSearch.value ? [{ type: "web_search" as const }] : []),
    ...(mcp.value ? [{ type: "mcp" as const, serverLabel: mcpLabel.value, serverUrl: mcpUrl.value, requireApproval: "always" as const }] : []),
  ];
}

/** Returns the output of a function of this page. Undefined if the page does not have the function. */
export function runFunction(name: string | undefined): unknown {
  return Object.entries(FUNCTIONS).find(([known]) => known === name)?.[1]();
}
