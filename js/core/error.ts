import type { GeneratedImage } from "./image.js";
import type { ResponseResult } from "../responses/types.js";

/** What kind of failure an {@link AzureImageError} is. */
export type AzureImageErrorCode =
  /** The request cannot work as it is; `param` names what is wrong, where that is known. */
  | "invalid_request"
  /** No credential, a wrong one, or one that is not accepted here. */
  | "authentication"
  /** The credential is good, but may not do this. */
  | "permission"
  /** Nothing is at this address. */
  | "not_found"
  /** The resource has no deployment of this name. */
  | "deployment_not_found"
  /** The prompt or the picture was refused; `contentFilter` says more. */
  | "content_filter"
  /** Too many requests or tokens for now. */
  | "rate_limit"
  /** It took too long. */
  | "timeout"
  /** No answer could be read: offline, DNS, a dropped connection or CORS. A browser does not tell which. */
  | "connection"
  /** The answer stopped before the picture was complete. */
  | "stream_truncated"
  /** The answer is not what the protocol says. */
  | "stream_malformed"
  /** The answer is larger than a limit of the client. */
  | "too_large"
  /** The service answered without a picture. */
  | "no_image"
  /** The service, or something in front of it, failed. */
  | "service"
  /** The call was aborted. */
  | "cancelled"
  /** A defect of this library. */
  | "internal";

/** What the content filter objected to. */
export interface ContentFilter {
  /** What was refused, or looked at. */
  source: "prompt" | "image" | "unknown";
  /** When it was refused, in the service's own word, where it says so. */
  stage?: "input" | "output" | (string & {});
  /** The categories that led to a refusal, or were looked for in a picture that was not refused; may be empty. */
  categories: readonly {
    /** The service's own word, such as `violence`. */
    name: string;
    /** How bad it was found to be, where the service says so. */
    severity?: "low" | "medium" | "high" | (string & {});
  }[];
}

/** What an error is made of. */
export interface AzureImageErrorFields {
  /** As {@link AzureImageError.code}. */
  code: AzureImageErrorCode;
  /** What happened, and what to do. */
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
  /** What it came from. */
  cause?: unknown;
}

/** Every failure of this library. The `code` is for the program; the message is for the person, and ends in what to do. */
export class AzureImageError extends Error {
  /** What kind of failure it is. */
  declare readonly code: AzureImageErrorCode;
  /** Whether the request costs money. */
  declare readonly billed: "no" | "yes" | "unknown";
  /** Whether the same call may succeed later. */
  declare readonly retryable: boolean;
  /** The HTTP status of the answer. */
  declare readonly status?: number;
  /** The service's own code, such as `DeploymentNotFound`. */
  declare readonly serviceCode?: string;
  /** The parameter at fault. */
  declare readonly param?: string;
  /** The service's name for the request, to quote to its support. */
  declare readonly requestId?: string;
  /** How long the service asks to wait, in milliseconds. */
  declare readonly retryAfterInMs?: number;
  /** What the content filter objected to. */
  declare readonly contentFilter?: ContentFilter;
  /** The last preview that came before the failure. It is not the picture. */
  declare readonly lastPartialImage?: GeneratedImage;
  /** The finished images that arrived before the error. They are billed. */
  declare readonly images?: readonly GeneratedImage[];
  /** What had come of a response that failed: its id, what was said, and pictures, which are paid for. */
  declare readonly response?: ResponseResult;

  constructor(fields: AzureImageErrorFields, lastPartialImage?: GeneratedImage) {
    const { message, cause, ...rest } = fields;
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, rest);
    if (lastPartialImage) this.lastPartialImage = lastPartialImage;
    // An abort is known by its name everywhere in the web platform.
    const name = rest.code === "cancelled" ? "AbortError" : "AzureImageError";
    Object.defineProperty(this, "name", { value: name, configurable: true, writable: true });
  }

  /** What of it can be logged: all but the cause, which is not this library's, the preview, and of a response all but its id. */
  toJSON(): Record<string, unknown> {
    const { name, message, cause, lastPartialImage, images, response, ...fields } = this;
    return { name, message, ...fields, ...(response?.id !== undefined && { responseId: response.id }) };
  }

  /** Makes an error of what a call was rejected with: the engine's record, or anything else that went wrong. */
  static from(reason: unknown, lastPartialImage?: GeneratedImage): AzureImageError {
    if (reason instanceof AzureImageError) return reason;
    if (isFields(reason)) return new AzureImageError(reason, lastPartialImage);
    return internalError(String(reason), reason, lastPartialImage);
  }
}

/** The same error, with some of its fields changed, and with a preview where it has none. */
function altered(error: AzureImageError, changes: Partial<AzureImageErrorFields>, lastPartialImage?: GeneratedImage): AzureImageError {
  // Neither is among the members that a copy takes along.
  const { message, cause } = error;
  return new AzureImageError({ ...error, message, cause, ...changes }, error.lastPartialImage ?? lastPartialImage);
}

/** The same error, of something that never costs. */
export function free(error: AzureImageError): AzureImageError {
  return error.billed === "no" ? error : altered(error, { billed: "no" });
}

/** The error for what the page handed in, before anything was sent. */
export function invalidRequest(param: string, message: string, cause?: unknown): AzureImageError {
  return new AzureImageError({ code: "invalid_request", message, param, billed: "no", retryable: false, cause });
}

/** The error for a defect of this library. */
function internalError(what: string, cause?: unknown, lastPartialImage?: GeneratedImage): AzureImageError {
  return new AzureImageError(
    {
      code: "internal",
      message: `This is a defect of azure-image-client: ${what}. Please report it. The next call starts afresh.`,
      billed: "unknown",
      retryable: false,
      cause,
    },
    lastPartialImage,
  );
}

function isFields(reason: unknown): reason is AzureImageErrorFields {
  return typeof reason === "object" && reason !== null && "code" in reason && "billed" in reason && "message" in reason;
}
