import { AzureImageError, type AzureImageErrorFields } from "../core/error.js";
import { dateOf } from "../core/date.js";
import { GeneratedImage, type ImageCall, type ImageRecord } from "../core/image.js";
import { own } from "../core/own.js";
import type { Members } from "../core/snapshot.js";
import { ApprovalRequest, citationOf, ToolCall, type Citation } from "./tool-call.js";
import type { ResponseEvent, ResponseResult } from "./types.js";

/** The call of the tool that an event belongs to. */
type OfCall = { sequenceNumber?: number; itemId: string; outputIndex: number };

/** An item of another tool, in the service's form. `isEarlier`: it belongs to an event before the requested ones. */
type OfItem = { sequenceNumber?: number; outputIndex: number; isEarlier: boolean; item: Members };

/** An event of the engine. */
type EngineEvent =
  | Extract<ResponseEvent, { type: "status" | "textDelta" | "refusalDelta" | "callStatus" }>
  | (OfCall & ImageRecord & { type: "partialImage"; index: number })
  | (OfCall & ImageRecord & Omit<ImageCall, "id"> & { type: "image"; isEarlier: boolean })
  | (OfCall & { type: "callFailed"; failure: AzureImageErrorFields })
  | Extract<ResponseEvent, { type: "toolCallDelta" }>
  | (OfItem & { type: "toolCall"; images: ImageRecord[] })
  | (OfItem & { type: "approvalRequest" | "citation" });

/** A response as the engine reports it. */
type ResponseRecord = Omit<ResponseResult, "images" | "toolCalls" | "approvalRequests" | "citations" | "failures" | "error" | "createdOn"> & {
  createdAt?: number;
  failure?: AzureImageErrorFields;
  failures: (OfCall & { failure: AzureImageErrorFields })[];
};

/** Converts the engine's records of one response to events and results. */
export class ResponseReport {
  readonly #onEvent: (event: ResponseEvent) => void;
  readonly #images: GeneratedImage[] = [];
  readonly #toolCalls: ToolCall[] = [];
  readonly #approvalRequests: ApprovalRequest[] = [];
  readonly #citations: Citation[] = [];
  #lastPartialImage: GeneratedImage | undefined;

  constructor(onEvent: (event: ResponseEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** Converts the record of a complete response. `deliver` emits the last event. */
  succeed(record: unknown): { result: ResponseResult; deliver: () => void } {
    const result = this.#result(record as ResponseRecord);
    const { lastSequenceNumber: sequenceNumber } = own(result);
    const deliver = () => this.#onEvent({ type: "completed", response: result, ...(sequenceNumber !== undefined && { sequenceNumber }) });
    return { result, deliver };
  }

  /** Converts a record of an error, or any other reason. */
  fail(reason: unknown): AzureImageError {
    if (reason instanceof AzureImageError) return reason;
    const { response: record, ...fields } = own(Object(reason) as AzureImageErrorFields & { response?: ResponseRecord });
    const response = record && this.#result(record);
    if (!response) return AzureImageError.from(reason, this.#lastPartialImage);
    const { images } = response;
    return AzureImageError.from({ ...fields, response, ...(images.length > 0 && { images }) }, this.#lastPartialImage);
  }

  /** Adds the received images to a response. */
  #result(record: ResponseRecord): ResponseResult {
    const { failure, failures, createdAt, warnings = [], ...rest } = own(record);
    const error = failure && AzureImageError.from(failure, this.#lastPartialImage);
    const failed = failures.map(({ itemId, outputIndex, failure: reason }) => ({
      call: { id: itemId, outputIndex },
      error: AzureImageError.from(reason, this.#lastPartialImage),
    }));
    return {
      ...rest,
      ...(createdAt !== undefined && { createdOn: dateOf(createdAt) }),
      images: [...this.#images],
      toolCalls: sorted(this.#toolCalls),
      approvalRequests: sorted(this.#approvalRequests),
      citations: sorted(this.#citations),
      ...(failed.length > 0 && { failures: failed }),
      ...(error && { error }),
      ...(warnings.length > 0 && { warnings }),
    };
  }

  /** Converts the record of an event. */
  event(record: unknown): void {
    const event = record as EngineEvent;
    switch (event.type) {
      case "partialImage": {
        const { type, index, itemId, outputIndex, sequenceNumber, ...record } = own(event);
        const image = (this.#lastPartialImage = new GeneratedImage(record));
        this.#onEvent({ type, index, itemId, outputIndex, image, ...(sequenceNumber !== undefined && { sequenceNumber }) });
        break;
      }
      case "image": {
        const { type, itemId, outputIndex, sequenceNumber, isEarlier, action, size, quality, background, outputFormat, ...record } = own(event);
        const details = { action, size, quality, background, outputFormat };
        const known = Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
        const image = new GeneratedImage({ ...record, call: { id: itemId, outputIndex, ...known } });
        this.#images.push(image);
        this.#images.sort((one, other) => (one.call?.outputIndex ?? 0) - (other.call?.outputIndex ?? 0));
        if (!isEarlier) this.#onEvent({ type, itemId, outputIndex, image, ...(sequenceNumber !== undefined && { sequenceNumber }) });
        break;
      }
      case "callFailed": {
        const { failure, ...rest } = event;
        this.#onEvent({ ...rest, error: AzureImageError.from(failure, this.#lastPartialImage) });
        break;
      }
      case "toolCall": {
        const { type, item, images, outputIndex, isEarlier, ...rest } = own(event);
        const call = new ToolCall(
          item,
          outputIndex,
          images.map((image) => new GeneratedImage(image)),
        );
        this.#toolCalls.push(call);
        if (!isEarlier) this.#onEvent({ type, outputIndex, call, ...rest });
        break;
      }
      case "approvalRequest": {
        const { type, item, outputIndex, isEarlier, ...rest } = own(event);
        const request = new ApprovalRequest(item, outputIndex);
        this.#approvalRequests.push(request);
        if (!isEarlier) this.#onEvent({ type: "approvalRequest", outputIndex, request, ...rest });
        break;
      }
      case "citation": {
        const { type, item, outputIndex, isEarlier, ...rest } = own(event);
        const citation = citationOf(item, outputIndex);
        this.#citations.push(citation);
        if (!isEarlier) this.#onEvent({ type: "citation", outputIndex, citation, ...rest });
        break;
      }
      default:
        this.#onEvent(event);
    }
  }
}

/** Copies items in the order of the response. */
function sorted<Item extends { outputIndex: number }>(items: Item[]): Item[] {
  return [...items].sort((one, other) => one.outputIndex - other.outputIndex);
}

/** The error of a background response without an id. */
export function nameless(response: ResponseResult): AzureImageError {
  return new AzureImageError({
    code: "stream_malformed",
    message:
      "The service gave the background response no id, so it cannot be followed. error.response has what arrived. Check if a proxy " +
      "changes responses, or create the response without background mode.",
    billed: response.images.length > 0 ? "yes" : "unknown",
    retryable: false,
    response,
  });
}
