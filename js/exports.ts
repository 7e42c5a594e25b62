/** The public API, shared by every entry of the package. */
/// <reference lib="esnext.disposable" preserve="true" />
export type { Agent, AgentDefinition, AgentListOptions, Agents, AgentVersion, ImageGenTool } from "./agents.js";
export { AzureImageClient } from "./client.js";
export type { Conversation, Conversations, NewConversation } from "./conversations.js";
export { init } from "./engine.js";
export { AzureImageError, type AzureImageErrorCode, type AzureImageErrorFields, type ContentFilter } from "./errors.js";
export type { EventStream } from "./event-stream.js";
export type { FileListOptions, FilePurpose, Files, StoredFile, UploadOptions } from "./files.js";
export type { GeneratedImage, ImageCall } from "./image.js";
export type { ImageInput } from "./inputs.js";
export type { WasmSource } from "./load/load.js";
export type { ListOptions, ManageOptions } from "./manage-options.js";
export type { ResponseJob } from "./response-job.js";
export type {
  ImageGenToolOptions,
  ResponseInputFile,
  ResponseInputImage,
  ResponseInputItem,
  ResponseInputMessage,
  ResponseInputPart,
  ResponseInputText,
  ResponseRequest,
  ServiceItem,
} from "./response-request.js";
export type { ResponseStream } from "./response-stream.js";
export type {
  ImageCallEvent,
  NumberedEvent,
  ResponseEvent,
  ResponseOptions,
  ResponseResult,
  ResponseStatus,
  ResponseStreamOptions,
  ResponseUsage,
  ResumeOptions,
} from "./response-types.js";
export type { Responses } from "./responses.js";
export type { TokenQuestion } from "./shared-question.js";
export type { ImageStream } from "./stream.js";
export type {
  CallOptions,
  ClientOptions,
  Credential,
  EditRequest,
  EditStreamRequest,
  EndpointDescription,
  Estimate,
  Finding,
  GenerateRequest,
  GenerateResult,
  GenerateStreamRequest,
  ImageStreamEvent,
  ProbeReport,
  Problem,
  Progress,
  Rates,
  Retry,
  RetryOptions,
  StreamOptions,
  Streamed,
  Token,
  TokenCredential,
  TokenDetails,
  TokenFunction,
  Usage,
} from "./types.js";
