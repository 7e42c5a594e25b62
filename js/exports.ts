/** The public API, shared by every entry of the package. */
/// <reference lib="esnext.disposable" preserve="true" />
export type { Agent, AgentDefinition, AgentListOptions, Agents, AgentVersion, ImageGenTool } from "./foundry/agents.js";
export { AzureImageClient } from "./core/client.js";
export type { Conversation, Conversations, NewConversation } from "./foundry/conversations.js";
export { init, type InitOptions } from "./core/engine.js";
export { AzureImageError, type AzureImageErrorCode, type AzureImageErrorFields, type ContentFilter } from "./core/error.js";
export type { EventStream } from "./core/event-stream.js";
export type { FileContentOptions, FileListOptions, FilePurpose, FileReference, Files, StoredFile, UploadOptions } from "./foundry/files.js";
export type { GeneratedImage, ImageCall } from "./core/image.js";
export type { ImageInput } from "./images/input.js";
export type { WasmSource } from "./load/load.js";
export type { ListOptions, ListPage, PagedList, PageSettings } from "./foundry/paging.js";
export type { ResponseJob } from "./responses/job.js";
export type {
  ComputerCallOutput,
  CustomToolCallOutput,
  FunctionCallOutput,
  ImageGenToolOptions,
  McpApproval,
  ResponseInputFile,
  ResponseInputImage,
  ResponseInputItem,
  ResponseInputMessage,
  ResponseInputPart,
  ResponseInputText,
  ResponseRequest,
  ServiceItem,
  ToolOutput,
} from "./responses/request.js";
export type { ResponseStream } from "./responses/stream.js";
export type {
  ImageCallEvent,
  OutputEvent,
  SequencedEvent,
  ResponseEvent,
  ResponseOptions,
  ResponseResult,
  ResponseStatus,
  ResponseStreamOptions,
  ResponseUsage,
  ResumeOptions,
} from "./responses/types.js";
export type {
  ApprovalRequest,
  Citation,
  CodeInterpreterOutput,
  ComputerAction,
  FileSearchResult,
  SafetyCheck,
  ToolCall,
} from "./responses/tool-call.js";
export type { RunToolsOptions, ToolContext, ToolHandler, ToolHandlers, ToolRun, ToolRunResult } from "./responses/tool-run.js";
export type {
  AllowedTools,
  CodeInterpreterContainer,
  CodeInterpreterTool,
  ComputerTool,
  ComputerUsePreviewTool,
  FileSearchTool,
  FunctionTool,
  McpApprovalFilter,
  McpTool,
  McpToolChoice,
  McpToolFilter,
  Tool,
  ToolChoice,
  UserLocation,
  WebSearchTool,
} from "./responses/tools.js";
export type { Responses } from "./responses/responses.js";
export type { GetTokenOptions } from "./core/single-flight.js";
export type { ImageStream } from "./images/stream.js";
export type {
  CallOptions,
  ClientOptions,
  Credential,
  EditRequest,
  EditStreamRequest,
  EndpointDescription,
  Estimate,
  ProbeFinding,
  GenerateRequest,
  GenerateResult,
  GenerateStreamRequest,
  ImageService,
  OperationOptions,
  ImageStreamEvent,
  ProbeReport,
  ValidationProblem,
  Progress,
  Rates,
  RetryInfo,
  RetryOptions,
  StreamOptions,
  StreamRequest,
  AccessToken,
  TokenCredential,
  TokenDetails,
  TokenFunction,
  Usage,
} from "./core/types.js";
