import type { EngineClient } from "../core/engine.js";
import { EventQueue } from "../core/event-queue.js";
import type { OperationOptions } from "../core/types.js";
import { manage } from "../foundry/resource.js";
import { capture } from "../core/capture.js";
import { more } from "../core/chunks.js";
import { member } from "../core/own.js";
import { makeProxySafe, rememberSelf } from "../core/proxy-safe.js";
import { creation, ResponseCall, type ResponseSubject } from "./call.js";
import { ResponseJob, type Following } from "./job.js";
import type { ResponseRequest } from "./request.js";
import { ResponseStream, shownBy } from "./stream.js";
import { ToolRun, type RunToolsOptions, type ToolHandlers } from "./tool-run.js";
import type { ResponseOptions, ResponseResult, ResponseStreamOptions, ResumeOptions } from "./types.js";

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
    return new ResponseCall(this.#engine, creation("whole", request, options), options).result;
  }

  /**
   * Creates a response and streams it. Returns at once. If the service does not stream the image generation tool, the response is created
   * without streaming and `result.warnings` says so. The client remembers that for the model or agent.
   */
  stream(request: ResponseRequest, options: ResponseStreamOptions = {}): ResponseStream {
    return new ResponseStream(this.#engine, creation("streamed", request, options), options);
  }

  /**
   * Creates a response, runs the functions that the model calls, and sends their outputs until it calls none. Returns at once. A run ends
   * before that at a call without a function in `handlers`, at a request for an approval, and after `maxRounds` responses; the result then
   * has the calls that were not answered.
   *
   * @param handlers The functions of `request.tools`, or of the agent, by their names.
   */
  runTools(request: ResponseRequest, handlers: ToolHandlers, options: RunToolsOptions = {}): ToolRun {
    return new ToolRun(this.#engine, request, handlers, options);
  }

  /**
   * Starts a response in the background. Resolves when the service has given it an id. It continues without the page: keep the id, and
   * {@link resume} follows it.
   */
  async start(request: ResponseRequest, options: ResponseStreamOptions = {}): Promise<ResponseJob> {
    const following = this.#follow(creation("background", request, options), options);
    return this.#job(await following.call.identified, following);
  }

  /** Follows a background response, also one that was started before a reload or on another device. Returns at once. */
  resume(id: string, options: ResumeOptions = {}): ResponseJob {
    const begin = () => {
      const copy = capture(options);
      return () => more.code.prepareFollow(id, copy);
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
    return manage(this.#engine, "deleteResponse", { id }, options);
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
      const copy = capture(options);
      return () => more.code.prepareRetrieval(id, copy, cancels);
    };
    return { kind: "retrieve", begin };
  }
}

makeProxySafe(Responses.prototype, "Responses");
