import { acceptEveryCopy, brand } from "./brand.js";
import type { GeneratedImage } from "./image.js";
import { define, own } from "./own.js";
import type { ResponseResult } from "../responses/types.js";

/** The kind of an {@link AzureImageError}. */
export type AzureImageErrorCode =
  /** The request is invalid. `param` names the parameter, if known. */
  | "invalid_request"
  /** The credential is missing, wrong, or not accepted by this resource. */
  | "authentication"
  /** The credential is valid but lacks a permission. */
  | "permission"
  /** The URL does not exist. */
  | "not_found"
  /** The resource has no deployment with this name. */
  | "deployment_not_found"
  /** The content filter refused the prompt or the image. `contentFilter` has details. */
  | "content_filter"
  /** Too many requests or tokens. */
  | "rate_limit"
  /** A timeout has passed. */
  | "timeout"
  /** No response could be read: offline, DNS, a dropped connection or CORS. A browser does not tell them apart. */
  | "connection"
  /** The response ended before the image was complete. */
  | "stream_truncated"
  /** The response violates the protocol. */
  | "stream_malformed"
  /** The response exceeds a limit of the client. */
  | "too_large"
  /** The response has no image. */
  | "no_image"
  /** A server-side error of the service or of a proxy. */
  | "service"
  /** The call was aborted. */
  | "cancelled"
  /** A bug in this library. */
  | "internal";

/** The verdict of the content filter. */
export interface ContentFilter {
  /** The filtered content. */
  source: "prompt" | "image" | "unknown";
  /** The stage of the refusal, in the service's own word, if reported. */
  stage?: "input" | "output" | (string & {});
  /** The categories that led to a refusal, or that were detected in an accepted image. May be empty. */
  categories: readonly {
    /** The service's own word, such as `violence`. */
    name: string;
    /** The severity, if reported. */
    severity?: "low" | "medium" | "high" | (string & {});
  }[];
}

/** The properties of an error. */
export interface AzureImageErrorFields {
  /** As {@link AzureImageError.code}. */
  code: AzureImageErrorCode;
  /** The problem and its remedy. */
  message: string;
  /** As {@link AzureImageError.billed}. */
  billed: "no" | "yes" | "unknown";
  /** As {@link AzureImageError.retryable}. */
  retryable: boolean;
  /** As {@link AzureImageError.status}. */
  status?: number;
  /** As {@link AzureImageError.serviceCode}. */
  serviceCode?: string;
  /** As {@link AzureImageError.param}. */
  param?: string;
  /** As {@link AzureImageError.requestId}. */
  requestId?: string;
  /** As {@link AzureImageError.retryAfterInMs}. */
  retryAfterInMs?: number;
  /** As {@link AzureImageError.contentFilter}. */
  contentFilter?: ContentFilter;
  /** As {@link AzureImageError.images}. */
  images?: readonly GeneratedImage[];
  /** As {@link AzureImageError.response}. */
  response?: ResponseResult;
  /** The underlying error. */
  cause?: unknown;
}

/** Every error of this library. Programs use `code`; `message` is for people and ends with the remedy. */
export class AzureImageError extends Error {
  /** The kind of error. */
  declare readonly code: AzureImageErrorCode;
  /** Says if the request costs money. */
  declare readonly billed: "no" | "yes" | "unknown";
  /** True if the same call may succeed later. */
  declare readonly retryable: boolean;
  /** The HTTP status of the response. */
  declare readonly status?: number;
  /** The service's own code, such as `DeploymentNotFound`. */
  declare readonly serviceCode?: string;
  /** The invalid parameter. */
  declare readonly param?: string;
  /** The service's id of the request, for support. */
  declare readonly requestId?: string;
  /** The delay requested by the service, in milliseconds. */
  declare readonly retryAfterInMs?: number;
  /** The verdict of the content filter. */
  declare readonly contentFilter?: ContentFilter;
  /** The last partial image before the error. It is not the result. */
  declare readonly lastPartialImage?: GeneratedImage;
  /** The finished images that arrived before the error. They are billed. */
  declare readonly images?: readonly GeneratedImage[];
  /** The failed response as far as it is known: its id, text and images, which are billed. */
  declare readonly response?: ResponseResult;

  constructor(fields: AzureImageErrorFields, lastPartialImage?: GeneratedImage) {
    const { message, cause, ...rest } = own(fields);
    super(message, cause === undefined ? undefined : { cause });
    brand(this, "AzureImageError");
    define(this, { ...rest, ...(lastPartialImage && { lastPartialImage }) });
    // The web platform recognizes an abort by this name.
    const name = rest.code === "cancelled" ? "AbortError" : "AzureImageError";
    Object.defineProperty(this, "name", own({ value: name, configurable: true, writable: true }));
  }

  /** The properties that are safe to log. Leaves out `cause`, the images, and everything of a response except its id. */
  toJSON(): Record<string, unknown> {
    const { name, message } = this;
    const { cause, lastPartialImage, images, response, ...fields } = own(this as Omit<this, "name" | "message">);
    const id = response && own(response).id;
    return { name, message, ...fields, ...(id !== undefined && { responseId: id }) };
  }

  /** Converts the reason of a rejection: a record of the engine or any other value. */
  static from(reason: unknown, lastPartialImage?: GeneratedImage): AzureImageError {
    if (reason instanceof AzureImageError) return reason;
    if (isFields(reason)) return new AzureImageError(reason, lastPartialImage);
    return internalError(String(reason), reason, lastPartialImage);
  }
}

acceptEveryCopy(AzureImageError, "AzureImageError");

/** Copies an error with some properties changed. Adds a partial image if the error has none. */
export function altered(error: AzureImageError, changes: Partial<AzureImageErrorFields>, lastPartialImage?: GeneratedImage): AzureImageError {
  // Object spread does not copy these two.
  const message = error.message;
  const cause = Object.hasOwn(error, "cause") ? error.cause : undefined;
  return new AzureImageError({ ...error, message, cause, ...changes }, own(error).lastPartialImage ?? lastPartialImage);
}

/** Copies the error of a call that is never billed. */
export function free(error: AzureImageError): AzureImageError {
  return error.billed === "no" ? error : altered(error, { billed: "no" });
}

/** The error of an invalid argument, before anything was sent. */
export function invalidRequest(param: string, message: string, cause?: unknown): AzureImageError {
  return new AzureImageError({ code: "invalid_request", message, param, billed: "no", retryable: false, cause });
}

/** The error of a bug in this library. */
function internalError(what: string, cause?: unknown, lastPartialImage?: GeneratedImage): AzureImageError {
  return new AzureImageError(
    {
      code: "internal",
      message: `This is a bug in azure-image-client: ${what}. Please report it. The next call restarts the engine.`,
      billed: "unknown",
      retryable: false,
      cause,
    },
    lastPartialImage,
  );
}

function isFields(reason: unknown): reason is AzureImageErrorFields {
  return typeof reason === "object" && reason !== null && ["code", "billed", "message"].every((name) => Object.hasOwn(reason, name));
}
