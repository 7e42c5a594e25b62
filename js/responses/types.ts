import type { AzureImageError } from "../core/error.js";
import type { GeneratedImage } from "../core/image.js";
import type { CallOptions, ValidationProblem, StreamOptions, Usage } from "../core/types.js";

/** Settings of a call for a response. */
export type ResponseOptions = Omit<CallOptions, "onImage">;

/** Settings of {@link Responses.stream} and {@link Responses.start}. */
export type ResponseStreamOptions = StreamOptions;

/** Settings of {@link Responses.resume}. */
export interface ResumeOptions extends StreamOptions {
  /**
   * The `sequenceNumber` of the last event that is not wanted again. Not set: all events come anew, which is right behind a reload
   * of the page. A picture that came with an earlier event is not told again; it is in the result where the service repeats it,
   * which it need not, and that is no failure.
   */
  startingAfter?: number;
}

/** What a text model read and wrote, in tokens. The pictures are counted in {@link ResponseResult.imageUsage}. */
export interface ResponseUsage {
  /** Tokens of everything that the model was given, earlier turns included. */
  inputTokens: number;
  /** Of these, how many the service still had from before, which cost less. */
  cachedTokens?: number;
  /** Tokens that the model wrote. */
  outputTokens: number;
  /** Of these, how many it only thought. */
  reasoningTokens?: number;
  /** Both together. */
  totalTokens: number;
}

/** How a response stands. */
export type ResponseStatus = "queued" | "in_progress" | "completed" | "failed" | "incomplete" | "cancelled" | (string & {});

/** A response. */
export interface ResponseResult {
  /** Names it for {@link Responses.get} and the like, and as `previousResponseId` of the next. Azure keeps responses for 30 days. */
  id?: string;
  /** How it stands. */
  status: ResponseStatus;
  /** The pictures, in the order of the response. None where the model answered in words only. */
  images: GeneratedImage[];
  /** Pictures that the model called for and that did not come. */
  failures?: {
    /** The call of the image generation tool: its id, and its place among everything that the response brings, from 0. */
    call: { id: string; outputIndex: number };
    /** Why it did not come. */
    error: AzureImageError;
  }[];
  /** Everything that the model said; may be empty. */
  text: string;
  /** With which words the model refused, if it did. */
  refusal?: string;
  /** What the text model cost, without the pictures. */
  usage?: ResponseUsage;
  /** What the pictures cost, where the service says so. */
  imageUsage?: Usage;
  /** Why it did not complete. */
  error?: AzureImageError;
  /** The text model. */
  model?: string;
  /** When it was created. */
  createdOn?: Date;
  /** The conversation that it belongs to. */
  conversation?: string;
  /** The number of its last event, where it came as events. */
  lastSequenceNumber?: number;
  /** What was noticed about the request, and what could not be done as it was asked for. */
  warnings?: ValidationProblem[];
  /** The service's name for the request, where the browser may read it. */
  requestId?: string;
  /** The response as the service wrote it, with `null` for its pictures. Missing where it did not come to its end. */
  raw?: Record<string, unknown>;
}

/** What each event of a response has. */
export interface SequencedEvent {
  /** Its number in the response: for {@link ResumeOptions.startingAfter}. Missing where the response was not streamed. */
  sequenceNumber?: number;
}

/** What each event of a call of the image generation tool has. */
export interface ImageCallEvent extends SequencedEvent {
  /** The id of the call. */
  itemId: string;
  /** Its place among everything that the response brings, from 0. */
  outputIndex: number;
}

/** Something that happened while a response was made. */
export type ResponseEvent =
  /** How the response stands. */
  | (SequencedEvent & { type: "status"; status: ResponseStatus })
  /** The next words of the model. */
  | (SequencedEvent & { type: "textDelta"; delta: string })
  /** The next words with which the model refuses. */
  | (SequencedEvent & { type: "refusalDelta"; delta: string })
  /** How a call of the tool stands: `in_progress`, `generating`, `completed`. The picture is there only with `image`. */
  | (ImageCallEvent & { type: "callStatus"; status: "in_progress" | "generating" | "completed" | (string & {}) })
  /** A rougher picture of what is being made. Never the result. `index` counts the partialImages of the call, from 0. */
  | (ImageCallEvent & { type: "partialImage"; index: number; image: GeneratedImage })
  /** A finished picture. */
  | (ImageCallEvent & { type: "image"; image: GeneratedImage })
  /** A call that brings no picture. The model may go on without it. */
  | (ImageCallEvent & { type: "callFailed"; error: AzureImageError })
  /** The response is complete. */
  | (SequencedEvent & { type: "completed"; response: ResponseResult });
