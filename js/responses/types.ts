import type { AzureImageError } from "../core/error.js";
import type { GeneratedImage } from "../core/image.js";
import type { ApprovalRequest, Citation, ToolCall } from "./tool-call.js";
import type { CallOptions, ValidationProblem, StreamOptions, Usage } from "../core/types.js";

/** Options of a call for a response. */
export type ResponseOptions = Omit<CallOptions, "onImage">;

/** Options of {@link Responses.stream} and {@link Responses.start}. */
export type ResponseStreamOptions = StreamOptions;

/** Options of {@link Responses.resume}. */
export interface ResumeOptions extends StreamOptions {
  /**
   * The `sequenceNumber` of the last event already received. Default: the stream starts with the first event, which is right after a
   * reload of the page. An image of an earlier event is not reported again. It is in the result if the service repeats it.
   */
  startingAfter?: number;
}

/** The token usage of a text model. {@link ResponseResult.imageUsage} has the usage of the images. */
export interface ResponseUsage {
  /** Input tokens, earlier turns included. */
  inputTokens: number;
  /** Cached input tokens, which cost less. */
  cachedTokens?: number;
  /** Output tokens. */
  outputTokens: number;
  /** Output tokens used for reasoning. */
  reasoningTokens?: number;
  /** Input and output tokens. */
  totalTokens: number;
}

/** The status of a response. */
export type ResponseStatus = "queued" | "in_progress" | "completed" | "failed" | "incomplete" | "cancelled" | (string & {});

/** A response. */
export interface ResponseResult {
  /** The id, for {@link Responses.get} and as `previousResponseId` of the next response. Azure keeps responses for 30 days. */
  id?: string;
  /** The status. */
  status: ResponseStatus;
  /** The images, in the order of the response. Empty if the model answered with text only. */
  images: GeneratedImage[];
  /** Images that the model requested and that failed. */
  failures?: {
    /** The call of the image generation tool: its id and its index in the output, from 0. */
    call: { id: string; outputIndex: number };
    /** The error. */
    error: AzureImageError;
  }[];
  /** Calls of other tools. A `function_call`, `custom_tool_call` or `computer_call` waits for its output in the next input. */
  toolCalls: ToolCall[];
  /** Calls that wait for an approval in the next input. */
  approvalRequests: ApprovalRequest[];
  /** The sources and files that {@link text} refers to. */
  citations: Citation[];
  /** The text of the model. May be empty. */
  text: string;
  /** The text of the model's refusal. */
  refusal?: string;
  /** The token usage of the text model, without the images. */
  usage?: ResponseUsage;
  /** The token usage of the images, if reported. */
  imageUsage?: Usage;
  /** The error of a response that did not complete. */
  error?: AzureImageError;
  /** The text model. */
  model?: string;
  /** When it was created. */
  createdOn?: Date;
  /** The id of its conversation. */
  conversation?: string;
  /** The sequence number of the last event, if the response was streamed. */
  lastSequenceNumber?: number;
  /** Warnings about the request, and about options that the service could not apply. */
  warnings?: ValidationProblem[];
  /** The service's id of the request, if the browser may read it. */
  requestId?: string;
  /**
   * The response as sent by the service, with `null` in place of the images and without the credentials for MCP servers. Missing if the
   * response did not arrive in full.
   */
  raw?: Record<string, unknown>;
}

/** The properties of every event of a response. */
export interface SequencedEvent {
  /** The sequence number, for {@link ResumeOptions.startingAfter}. Missing if the response was not streamed. */
  sequenceNumber?: number;
}

/** The properties of every event of an output item. */
export interface OutputEvent extends SequencedEvent {
  /** The index of the item in the output, from 0. */
  outputIndex: number;
}

/** The properties of every event of a call of the image generation tool. */
export interface ImageCallEvent extends OutputEvent {
  /** The id of the call. */
  itemId: string;
}

/** An event of a response. */
export type ResponseEvent =
  /** The status has changed. */
  | (SequencedEvent & { type: "status"; status: ResponseStatus })
  /** More text of the model. */
  | (SequencedEvent & { type: "textDelta"; delta: string })
  /** More text of the model's refusal. */
  | (SequencedEvent & { type: "refusalDelta"; delta: string })
  /** The status of a call of the tool has changed. The image arrives with the event `image`. */
  | (ImageCallEvent & { type: "callStatus"; status: "in_progress" | "generating" | "completed" | (string & {}) })
  /** An unfinished version of an image. It is never the result. `index` is the number of the partial image of the call, from 0. */
  | (ImageCallEvent & { type: "partialImage"; index: number; image: GeneratedImage })
  /** A finished image. */
  | (ImageCallEvent & { type: "image"; image: GeneratedImage })
  /** A call of the tool has failed. The model may continue without the image. */
  | (ImageCallEvent & { type: "callFailed"; error: AzureImageError })
  /** More of the arguments, the input or the code of a call of another tool. `name` is that of the function. */
  | (OutputEvent & { type: "toolCallDelta"; itemId: string; name?: string; delta: string })
  /** A call of another tool is complete. */
  | (OutputEvent & { type: "toolCall"; call: ToolCall })
  /** A call waits for an approval. */
  | (OutputEvent & { type: "approvalRequest"; request: ApprovalRequest })
  /** The text refers to a source or a file. */
  | (OutputEvent & { type: "citation"; citation: Citation })
  /** The response is complete. */
  | (SequencedEvent & { type: "completed"; response: ResponseResult });
