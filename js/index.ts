/// <reference lib="esnext.disposable" preserve="true" />
export { AzureImageClient } from "./client.js";
export { init, type WasmSource } from "./engine.js";
export { AzureImageError, type AzureImageErrorCode, type ContentFilter } from "./errors.js";
export type { GeneratedImage } from "./image.js";
export type { ImageInput } from "./inputs.js";
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
