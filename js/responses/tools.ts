import { invalidRequest } from "../core/error.js";
import { isObject, jsonText, kindOf, read } from "../core/snapshot.js";
import type { ServiceItem } from "./request.js";

/** A function of the page. The model calls it, and the next input has its output. */
export interface FunctionTool {
  /** The type. */
  type: "function";
  /** 1 to 128 letters (a to z), digits, hyphens and underscores. */
  name: string;
  /** Its effect, and when to call it. */
  description?: string;
  /** The JSON schema of the arguments. Default: no arguments. */
  parameters?: Record<string, unknown> | null;
  /** Guarantees arguments of the schema. The service's default: true if the schema allows it. */
  strict?: boolean | null;
}

/** Runs Python. Files that it makes are in {@link ResponseResult.citations}. */
export interface CodeInterpreterTool {
  /** The type. */
  type: "code_interpreter";
  /** The id of a container, or the files for a new one. Default: a new container. */
  container?: string | CodeInterpreterContainer;
}

/** A new container for the code interpreter. */
export interface CodeInterpreterContainer {
  /** The service creates the container. Default: `auto`. */
  type?: "auto";
  /** The ids of uploaded files for the code. */
  fileIds?: readonly string[];
  /** Memory, such as `4g`. */
  memoryLimit?: string;
}

/** Searches uploaded files. */
export interface FileSearchTool {
  /** The type. */
  type: "file_search";
  /** The ids of the vector stores. */
  vectorStoreIds: readonly string[];
  /** Maximum number of results, 1 to 50. */
  maxNumResults?: number;
  /** A filter by attributes, in the service's form. */
  filters?: Record<string, unknown>;
  /** The ranking of the results. */
  rankingOptions?: {
    /** The ranker. Default: `auto`. */
    ranker?: string;
    /** Minimum relevance of a result, 0 to 1. */
    scoreThreshold?: number;
  };
}

/** Controls a computer. The page runs the actions and answers with screenshots ({@link ComputerCallOutput}). */
export interface ComputerTool {
  /** The type. */
  type: "computer";
}

/** As {@link ComputerTool}, for the model `computer-use-preview`. */
export interface ComputerUsePreviewTool {
  /** The type. */
  type: "computer_use_preview";
  /** The controlled environment. */
  environment: "browser" | "windows" | "mac" | "linux" | "ubuntu" | (string & {});
  /** The width of the screen in pixels. */
  displayWidth: number;
  /** The height of the screen in pixels. */
  displayHeight: number;
}

/** The names of tools of an MCP server. */
export interface McpToolFilter {
  /** The names. */
  toolNames?: readonly string[];
  /** Only tools that change nothing. */
  readOnly?: boolean;
}

/** The tools of an MCP server whose calls need an approval, and those whose calls do not. */
export interface McpApprovalFilter {
  /** Tools whose calls need an approval. */
  always?: McpToolFilter;
  /** Tools whose calls need none. */
  never?: McpToolFilter;
}

/** The tools of an MCP server, which the service calls. */
export interface McpTool {
  /** The type. */
  type: "mcp";
  /** A short name for the server. */
  serverLabel: string;
  /** The URL of the server. Required unless a connector is named. */
  serverUrl?: string;
  /** The id of a connector of the service. */
  connectorId?: string;
  /** The purpose of the server. */
  serverDescription?: string;
  /** Headers for the server. */
  headers?: Record<string, string>;
  /** An OAuth access token for the server. */
  authorization?: string;
  /** The tools that the model may call. Default: all. */
  allowedTools?: readonly string[] | McpToolFilter;
  /** The calls that need an approval ({@link ApprovalRequest}). The service's default: `always`. */
  requireApproval?: "always" | "never" | McpApprovalFilter;
}

/** The approximate place of a user. */
export interface UserLocation {
  /** The type. */
  type: "approximate";
  /** The city. */
  city?: string;
  /** The two-letter code of the country. */
  country?: string;
  /** The region. */
  region?: string;
  /** The time zone, such as `Europe/Oslo`. */
  timezone?: string;
}

/** Searches the web. */
export interface WebSearchTool {
  /** The type. */
  type: "web_search" | "web_search_preview";
  /** The amount of search results that the model reads. The service's default: `medium`. */
  searchContextSize?: "low" | "medium" | "high";
  /** The approximate place of the user. */
  userLocation?: UserLocation;
  /** Limits of the search. */
  filters?: {
    /** The domains to search. Default: all. */
    allowedDomains?: readonly string[];
  };
}

/**
 * A tool beside image generation. Names can be in camelCase or in Azure's spelling. Tools of types that this version does not know are sent
 * unchanged.
 */
export type Tool =
  | FunctionTool
  | CodeInterpreterTool
  | FileSearchTool
  | ComputerTool
  | ComputerUsePreviewTool
  | McpTool
  | WebSearchTool
  | ServiceItem;

/** Limits the choice to some of the tools. */
export interface AllowedTools {
  /** The type. */
  type: "allowed_tools";
  /** Says if the model must call one of them. */
  mode: "auto" | "required";
  /** The tools, each with its type and name or label. */
  tools: readonly ServiceItem[];
}

/** Chooses the tools of an MCP server, or one of them. */
export interface McpToolChoice {
  /** The type. */
  type: "mcp";
  /** The label of the server. */
  serverLabel: string;
  /** The name of a tool. Default: any. */
  name?: string;
}

/** A choice of a tool as an object. Names can be in camelCase or in Azure's spelling. */
export type ToolChoice = AllowedTools | McpToolChoice | ServiceItem;

/** Converts the tools to JSON. The engine checks them. */
export function convertTools(tools: unknown): string {
  if (Array.isArray(tools)) return read("tools", () => jsonText(tools, "tools"));
  throw invalidRequest("tools", `tools must be a list, such as [{ type: "function", name: "get_weather" }]. It is ${kindOf(tools)}.`);
}

/** Converts the choice of a tool: its name, or an object as JSON. */
export function convertToolChoice(choice: unknown): unknown {
  return isObject(choice) ? read("toolChoice", () => jsonText(choice, "toolChoice")) : choice;
}
