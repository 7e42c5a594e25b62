/// <reference lib="esnext.disposable" preserve="true" />
export { AzureImageClient } from "./client.js";
export { init, type WasmSource } from "./engine.js";
export { AzureImageError, type AzureImageErrorCode, type ContentFilter } from "./errors.js";
export type { GeneratedImage } from "./image.js";
export type { ImageInput } from "./inputs.js";
export type { ImageStream } from "./stream.js";
export type {
  CallOptions,
  ClientOptions,
  Credential,
  EditRequest,
  EditStreamRequest,
  EndpointDescription,
  Estimate,
  GenerateRequest,
  GenerateResult,
  GenerateStreamRequest,
  ImageStreamEvent,
  Problem,
  Progress,
  Rates,
  StreamOptions,
  Streamed,
  TokenCredential,
  TokenDetails,
  Usage,
} from "./types.js";
