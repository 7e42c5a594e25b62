import type { EngineClient } from "../core/engine.js";
import { invalidRequest } from "../core/error.js";
import { EventQueue } from "../core/event-queue.js";
import type { OperationOptions } from "../core/types.js";
import { deleted, manage } from "../foundry/resource.js";
import { makeProxySafe, rememberSelf } from "../core/proxy-safe.js";
import { refuseUnknown, refuseUnknownInResponse, responseOptionNames, resumeNames } from "../core/members.js";
import { today } from "../images/call.js";
import { ResponseCall, type ResponseSubject } from "./call.js";
import { ResponseJob, type Following } from "./job.js";
import { captureResponse, prepareResponse, type ResponseRequest } from "./request.js";
import { ResponseStream, shownBy } from "./stream.js";
import type { ResponseOptions, ResponseResult, ResponseStreamOptions, ResumeOptions } from "./types.js";
import type { Client } from "../wasm/azure_image_client.js";

/**
 * Responses: what a text model, or an agent, says and draws with the image generation tool. The way for conversations, for pictures
 * that a model decides on, and for work in the background.
 */
export class Responses {
  readonly #engine: EngineClient;

  /** @internal */
  constructor(engine: EngineClient) {
    rememberSelf(this);
    this.#engine = engine;
  }

  /**
   * Makes a response and resolves when it is complete. Rejects with an `AzureImageError` where it did not complete, or where the model
   * called for pictures and none came; `error.response` has what came. A model that answers in words only is no failure.
   */
  create(request: ResponseRequest, options: ResponseOptions = {}): Promise<ResponseResult> {
    return new ResponseCall(this.#engine, making("whole", request, options), options).result;
  }

  /**
   * Makes a response and shows it while it is being made. Returns at once. Where the service refuses to stream the image generation
   * tool, the response is made without streaming, and `result.warnings` says so; the client remembers it for the model or agent.
   */
  stream(request: ResponseRequest, options: ResponseStreamOptions = {}): ResponseStream {
    return new ResponseStream(this.#engine, making("streamed", request, options), options);
  }

  /**
   * Starts a response in the background, and resolves as soon as the service has given it an id. It goes on without the page:
   * keep the id, and {@link resume} follows it again.
   */
  async start(request: ResponseRequest, options: ResponseStreamOptions = {}): Promise<ResponseJob> {
    const following = this.#follow(making("background", request, options), options);
    return this.#job(await following.call.identified, following);
  }

  /** Follows a response that was started in the background, here, before a reload of the page, or elsewhere. Returns at once. */
  resume(id: string, options: ResumeOptions = {}): ResponseJob {
    const begin = () => {
      refuseUnknown(options, resumeNames);
      const checked = checkId(id);
      const startingAfter = checkNumber(options?.startingAfter);
      return () => ({ call: { id: checked, startingAfter } });
    };
    return this.#job(id, this.#follow({ kind: "follow", id, begin }, options));
  }

  /**
   * Gives a response as it is now, whatever its status; `error` says why one did not complete. Azure keeps responses for 30 days, but was
   * seen not to keep their pictures: `failures` then says `no_image`.
   */
  get(id: string, options: ResponseOptions = {}): Promise<ResponseResult> {
    return new ResponseCall(this.#engine, this.#fetching(id, false, options), options).result;
  }

  /** Cancels a response in the background, and gives it as it then is. One that has ended stays as it is. */
  cancel(id: string, options: ResponseOptions = {}): Promise<ResponseResult> {
    return new ResponseCall(this.#engine, this.#fetching(id, true, options), options).result;
  }

  /** Deletes a response. */
  delete(id: string, options: OperationOptions = {}): Promise<void> {
    return manage(this.#engine, options, () => ({ operation: "deleteResponse", id: checkId(id) }), deleted);
  }

  #follow(subject: ResponseSubject, options: ResponseStreamOptions): Following {
    const events = new EventQueue("ResponseJob", options?.keepPartialImages ?? false, shownBy);
    return { events, call: new ResponseCall(this.#engine, subject, options, (event) => events.push(event)) };
  }

  #job(id: string, following: Following): ResponseJob {
    return new ResponseJob(id, following, (...parameters) => this.cancel(...parameters));
  }

  #fetching(id: string, cancels: boolean, options: ResponseOptions): ResponseSubject {
    const begin = () => {
      refuseUnknown(options, responseOptionNames);
      const checked = checkId(id);
      return () => ({ call: { id: checked, cancels } });
    };
    return { kind: "retrieve", begin };
  }
}

makeProxySafe(Responses.prototype, "Responses");

/** A response to be made. */
function making(delivery: "whole" | "streamed" | "background", request: ResponseRequest, options: ResponseStreamOptions): ResponseSubject {
  const begin = () => {
    refuseUnknownInResponse(request, options, delivery !== "whole");
    const captured = captureResponse(request);
    return async (client: Client, signal: AbortSignal) => {
      const { warnings, ...prepared } = await prepareResponse(client, captured, signal);
      return { call: { ...prepared, delivery, today: today() }, warnings };
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
