import type { EngineClient } from "../core/engine.js";
import { invalidRequest } from "../core/error.js";
import { EventQueue } from "../core/event-queue.js";
import type { OperationOptions } from "../core/types.js";
import { deleted, manage } from "../foundry/resource.js";
import { member } from "../core/own.js";
import { makeProxySafe, rememberSelf } from "../core/proxy-safe.js";
import { read } from "../core/snapshot.js";
import { refuseUnknown, refuseUnknownInResponse, responseOptionNames, resumeNames } from "../core/members.js";
import { today } from "../images/call.js";
import { ResponseCall, type ResponseSubject } from "./call.js";
import { ResponseJob, type Following } from "./job.js";
import { captureResponse, prepareResponse, type ResponseRequest } from "./request.js";
import { ResponseStream, shownBy } from "./stream.js";
import { ToolRun, type RunToolsOptions, type Start, type ToolHandlers } from "./tool-run.js";
import type { ResponseOptions, ResponseResult, ResponseStreamOptions, ResumeOptions } from "./types.js";
import type { Client } from "../wasm/azure_image_client.js";

/**
 * Responses of text models and agents with the image generation tool: for conversations, for images that a model decides on, and for
 * background work.
 */
export class Responses {
  readonly #engine: EngineClient;

  /** @internal */
  constructor(engine: EngineClient) {
    rememberSelf(this);
    this.#engine = engine;
  }

  /**
   * Creates a response. Resolves when it is complete. Rejects with an `AzureImageError` if it did not complete, or if the model requested
   * images and all of them failed; `error.response` has what arrived. A response with text only is a success.
   */
  async create(request: ResponseRequest, options: ResponseOptions = {}): Promise<ResponseResult> {
    return new ResponseCall(this.#engine, making("whole", request, options), options).result;
  }

  /**
   * Creates a response and streams it. Returns at once. If the service does not stream the image generation tool, the response is created
   * without streaming and `result.warnings` says so. The client remembers that for the model or agent.
   */
  stream(request: ResponseRequest, options: ResponseStreamOptions = {}): ResponseStream {
    return new ResponseStream(this.#engine, making("streamed", request, options), options);
  }

  /**
   * Creates a response, runs the functions that the model calls, and sends their outputs until it calls none. Returns at once. A run ends
   * before that at a call without a function in `handlers`, at a request for an approval, and after `maxRounds` responses; the result then
   * has the calls that were not answered.
   *
   * @param handlers The functions of `request.tools`, or of the agent, by their names.
   */
  runTools(request: ResponseRequest, handlers: ToolHandlers, options: RunToolsOptions = {}): ToolRun {
    const start: Start = (request, options, onEvent) => new ResponseCall(this.#engine, making("streamed", request, options), options, onEvent);
    return new ToolRun(start, request, handlers, options);
  }

  /**
   * Starts a response in the background. Resolves when the service has given it an id. It continues without the page: keep the id, and
   * {@link resume} follows it.
   */
  async start(request: ResponseRequest, options: ResponseStreamOptions = {}): Promise<ResponseJob> {
    const following = this.#follow(making("background", request, options), options);
    return this.#job(await following.call.identified, following);
  }

  /** Follows a background response, also one that was started before a reload or on another device. Returns at once. */
  resume(id: string, options: ResumeOptions = {}): ResponseJob {
    const begin = () => {
      refuseUnknown(options, resumeNames);
      const checked = checkId(id);
      const startingAfter = checkNumber(read("startingAfter", () => member(options, "startingAfter")));
      return () => ({ id: checked, startingAfter });
    };
    return this.#job(id, this.#follow({ kind: "follow", id, begin }, options));
  }

  /**
   * Returns a response in its present state. `error` says why it did not complete. Azure keeps responses for 30 days but often not their
   * images; `failures` then has `no_image`.
   */
  async get(id: string, options: ResponseOptions = {}): Promise<ResponseResult> {
    return new ResponseCall(this.#engine, this.#fetching(id, false, options), options).result;
  }

  /** Cancels a background response and returns it. Has no effect on a response that has ended. */
  async cancel(id: string, options: ResponseOptions = {}): Promise<ResponseResult> {
    return new ResponseCall(this.#engine, this.#fetching(id, true, options), options).result;
  }

  /** Deletes a response. */
  delete(id: string, options: OperationOptions = {}): Promise<void> {
    return manage(this.#engine, options, () => ({ operation: "deleteResponse", id: checkId(id) }), deleted);
  }

  #follow(subject: ResponseSubject, options: ResponseStreamOptions): Following {
    const events = new EventQueue("ResponseJob", member(options, "keepPartialImages") === true, shownBy);
    return { events, call: new ResponseCall(this.#engine, subject, options, (event) => events.push(event)) };
  }

  #job(id: string, following: Following): ResponseJob {
    return new ResponseJob(id, following, (...parameters) => this.cancel(...parameters));
  }

  #fetching(id: string, cancels: boolean, options: ResponseOptions): ResponseSubject {
    const begin = () => {
      refuseUnknown(options, responseOptionNames);
      const checked = checkId(id);
      return () => ({ id: checked, cancels });
    };
    return { kind: "retrieve", begin };
  }
}

makeProxySafe(Responses.prototype, "Responses");

/** A call that creates a response. */
function making(delivery: "whole" | "streamed" | "background", request: ResponseRequest, options: ResponseStreamOptions): ResponseSubject {
  const begin = () => {
    refuseUnknownInResponse(request, options, delivery !== "whole");
    const captured = captureResponse(request);
    return async (client: Client, signal: AbortSignal) => {
      const prepared = await prepareResponse(client, captured, signal);
      return { ...prepared, delivery, today: today() };
    };
  };
  return { kind: "response", begin };
}

function checkId(id: unknown): string {
  if (typeof id === "string" && id.trim()) return id.trim();
  throw invalidRequest("id", "id must be that of a response, as the service gave it: result.id, or job.id.");
}

function checkNumber(number: unknown): number | undefined {
  if (number === undefined || number === null) return undefined;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
  throw invalidRequest("startingAfter", "startingAfter must be the sequenceNumber of an event, a whole number from 0 on.");
}
