/// <reference lib="esnext.disposable" preserve="true" />
export { AzureImageClient } from "./client.js";
export { init, type WasmSource } from "./engine.js";
export { AzureImageError, type AzureImageErrorCode, type ContentFilter } from "./errors.js";
export type { GeneratedImage } from "./image.js";
export type { ImageStream } from "./stream.js";
export type {
  CallOptions,
  ClientOptions,
  Credential,
  GenerateRequest,
  GenerateResult,
  GenerateStreamRequest,
  ImageStreamEvent,
  Progress,
  StreamOptions,
  TokenCredential,
  TokenDetails,
  Usage,
} from "./types.js";
