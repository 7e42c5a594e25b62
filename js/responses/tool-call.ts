import { define } from "../core/own.js";
import type { GeneratedImage } from "../core/image.js";
import { makeProxySafe, rememberSelf } from "../core/proxy-safe.js";
import type { Members } from "../core/snapshot.js";
import { fromWireDeep } from "../foundry/wire.js";

/** A result of a file search. */
export interface FileSearchResult {
  /** The id of the file, for {@link Files.content}. */
  fileId: string;
  /** The name of the file. */
  fileName?: string;
  /** The relevance, 0 to 1. */
  score?: number;
  /** The found text. `null` if it is longer than 64 KB, or less in a response with many. */
  text?: string | null;
  /** The attributes that the page gave the file. */
  attributes?: Record<string, string | number | boolean> | null;
}

/** An output of the code interpreter. */
export interface CodeInterpreterOutput {
  /** The type. */
  readonly type: "logs" | "image" | (string & {});
  /** The logs. `null` if they are longer than 64 KB. */
  readonly logs?: string | null;
  /** The URL of an image. `null` if its bytes are in {@link ToolCall.images}. */
  readonly url?: string | null;
}

/** An action on a computer, such as a click. */
export interface ComputerAction {
  /** The type, such as `click`, `type`, `scroll` or `screenshot`. */
  readonly type: string;
  readonly [property: string]: unknown;
}

/** A safety check of a computer call. */
export interface SafetyCheck {
  /** The id. */
  readonly id: string;
  /** The kind of check. */
  readonly code?: string | null;
  /** The details, for the user. */
  readonly message?: string | null;
}

/**
 * A complete call of a tool other than image generation. It has all properties of the service's item, with names in camelCase; those of
 * known tools are declared.
 */
export class ToolCall {
  /** The type of the call. The service adds tools, so others are possible. */
  declare readonly type:
    | "function_call"
    | "custom_tool_call"
    | "mcp_call"
    | "code_interpreter_call"
    | "file_search_call"
    | "computer_call"
    | "web_search_call"
    | (string & {});
  /** The id of the item. */
  declare readonly id?: string;
  /** The index in the output of the response, from 0. */
  declare readonly outputIndex: number;
  /** The id for the answer of the page, such as {@link FunctionCallOutput}. Only calls that the page runs have one. */
  declare readonly callId?: string;
  /** The name of the function. */
  declare readonly name?: string;
  /** The arguments as the model wrote them: JSON, but not always that of the schema. */
  declare readonly arguments?: string;
  /** The input of a custom tool. */
  declare readonly input?: string;
  /** `completed` or `failed`. */
  declare readonly status?: "completed" | "failed" | (string & {});
  /** The label of the MCP server. */
  declare readonly serverLabel?: string;
  /** The result of the MCP server. `null` if it is longer than 64 KB, or less in a response with many. */
  declare readonly output?: string | null;
  /** The error of the MCP server, in the service's form. */
  declare readonly error?: unknown;
  /** The code of the code interpreter. */
  declare readonly code?: string | null;
  /** The container of the code interpreter. */
  declare readonly containerId?: string;
  /**
   * The logs of the code interpreter (`null` if longer than 64 KB, or less in a response with many), and the URLs of its images. The bytes
   * of images are in {@link images}.
   */
  declare readonly outputs?: readonly CodeInterpreterOutput[] | null;
  /** Images that the code interpreter made. Files are in {@link ResponseResult.citations}. */
  declare readonly images: readonly GeneratedImage[];
  /** The queries of a file search. */
  declare readonly queries?: readonly string[];
  /** The results of a file search. */
  declare readonly results?: readonly FileSearchResult[] | null;
  /** The action of `computer_use_preview`. */
  declare readonly action?: ComputerAction;
  /** The actions of `computer`, in order. */
  declare readonly actions?: readonly ComputerAction[];
  /** Safety checks to acknowledge in {@link ComputerCallOutput}. */
  declare readonly pendingSafetyChecks?: readonly SafetyCheck[];
  readonly [property: string]: unknown;

  /** @internal */
  constructor(item: Members, outputIndex: number, images: readonly GeneratedImage[]) {
    rememberSelf(this);
    define(this, { ...(fromWireDeep(item) as Members), outputIndex, images });
  }

  /** The parsed {@link arguments}. `undefined` if there are none, or if they are not JSON. */
  get parsedArguments(): unknown {
    return parse(this.arguments);
  }
}

/** A request of an MCP server's tool to be approved. The next input answers it with {@link McpApproval}. */
export class ApprovalRequest {
  /** The id of the request. */
  declare readonly id: string;
  /** The label of the MCP server. */
  declare readonly serverLabel: string;
  /** The name of the tool. */
  declare readonly name: string;
  /** The arguments as the model wrote them. */
  declare readonly arguments?: string;
  /** The index in the output of the response, from 0. */
  declare readonly outputIndex: number;

  /** @internal */
  constructor(item: Members, outputIndex: number) {
    rememberSelf(this);
    const { type, ...request } = fromWireDeep(item) as Members;
    define(this, { ...request, outputIndex });
  }

  /** The parsed {@link arguments}. `undefined` if they are not JSON. */
  get parsedArguments(): unknown {
    return parse(this.arguments);
  }
}

makeProxySafe(ToolCall.prototype, "ToolCall");
makeProxySafe(ApprovalRequest.prototype, "ApprovalRequest");

/** A reference to a source or a file. It has all properties of the service's annotation, with names in camelCase. */
export interface Citation {
  /** The type. */
  type: "file_citation" | "container_file_citation" | "url_citation" | "file_path" | (string & {});
  /** The index of the message in the output of the response, from 0. */
  outputIndex: number;
  /** The id of the file. {@link Files.content} downloads it; pass the citation. */
  fileId?: string;
  /** The container of a file that the code interpreter made. */
  containerId?: string;
  /** The name of the file. */
  fileName?: string;
  /** The web page. */
  url?: string;
  /** The title of the web page. */
  title?: string;
  /** The place of the citation in {@link ResponseResult.text}: the index of its first character. */
  startIndex?: number;
  /** The index of its last character. */
  endIndex?: number;
  [property: string]: unknown;
}

/** @internal */
export function citationOf(annotation: Members, outputIndex: number): Citation {
  return { ...(fromWireDeep(annotation) as Citation), outputIndex };
}

function parse(written: unknown): unknown {
  // Some gateways send an object.
  if (typeof written !== "string") return written;
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}
