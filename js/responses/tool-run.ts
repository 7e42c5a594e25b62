import { capture } from "../core/capture.js";
import type { EngineClient } from "../core/engine.js";
import { EventQueue, type Shown } from "../core/event-queue.js";
import { EventStream } from "../core/event-stream.js";
import { more } from "../core/chunks.js";
import { member, own } from "../core/own.js";
import { makeProxySafe } from "../core/proxy-safe.js";
import { read } from "../core/snapshot.js";
import { checkSignal } from "../core/task.js";
import { creation, ResponseCall, type ResponseSubject } from "./call.js";
import { shownBy } from "./stream.js";
import type { ToolCall } from "./tool-call.js";
import type { ToolRounds } from "./tool-rounds.js";
import type { ResponseEvent, ResponseResult, ResponseStreamOptions } from "./types.js";
import type { ResponseRequest } from "./request.js";
import type { Client } from "../wasm/azure_image_client.js";

/** The second argument of a function of the page. */
export interface ToolContext {
  /** The call. */
  call: ToolCall;
  /** Aborted when the run ends early. */
  abortSignal: AbortSignal;
}

/**
 * A function that a model calls. It gets the parsed arguments, or the string of a custom tool, and returns the output
 * ({@link ToolOutput.output}) or a promise of it. A model can write arguments that do not match the schema, unless the tool is strict.
 */
// biome-ignore lint/suspicious/noExplicitAny: each function has different arguments
export type ToolHandler = (parameters: any, context: ToolContext) => unknown;

/** Functions by their names: a plain object, which is `this` in them. */
export type ToolHandlers = Readonly<Record<string, ToolHandler>>;

/** Options of {@link Responses.runTools}. The timeouts apply to each response. */
export interface RunToolsOptions extends ResponseStreamOptions {
  /** Maximum number of responses. The model pays for each. Default: 10. */
  maxRounds?: number;
}

/** The result of a run: the last response, with the images of all. */
export interface ToolRunResult extends ResponseResult {
  /** All responses, in order. Each has its own images, calls and usage. */
  responses: ResponseResult[];
}

/**
 * Responses in which the model calls functions of the page, one after the other until it calls none. The first request is sent as soon as
 * this object exists.
 *
 * Iterate over it once: it has the events of all responses, and one event `completed` at the end. Leaving the loop early ends the run. Or
 * await {@link result} alone.
 */
export class ToolRun extends EventStream<ResponseEvent, ToolRunResult> {
  readonly #cancel: (cause?: unknown) => void;

  /** @internal */
  constructor(engine: EngineClient, request: unknown, handlers: unknown, options: RunToolsOptions) {
    // The places of the images of different responses are different ones.
    const rounds = new WeakMap<ResponseEvent, number>();
    const shown = (event: ResponseEvent): Shown | undefined => {
      const shown = shownBy(event);
      return shown && { ...shown, place: `${rounds.get(event)} ${String(shown.place)}` };
    };
    const events = new EventQueue("ToolRun", member(options, "keepPartialImages") === true, shown);
    const controller = new AbortController();
    const cancel = (cause?: unknown) => controller.abort(cause);
    const push = (event: ResponseEvent, round: number) => {
      rounds.set(event, round);
      events.push(event);
    };
    const result = run(engine, request, handlers, options, controller, push);
    super(events, result, cancel, cancel);
    this.#cancel = cancel;
  }

  /** Ends the run. The loop delivers the events that have arrived and then rejects with `cancelled`, as {@link result} does. */
  cancel(): void {
    this.#cancel();
  }
}

makeProxySafe(ToolRun.prototype, "ToolRun");

async function run(
  engine: EngineClient,
  request: unknown,
  handlers: unknown,
  options: RunToolsOptions,
  controller: AbortController,
  push: (event: ResponseEvent, round: number) => void,
): Promise<ToolRunResult> {
  // Everything that the page can change later is read before the first `await`.
  const captured = capture({ request, handlers, options });
  const unfollow = follow(options, controller);
  const callOptions: RunToolsOptions = { ...read("options", () => own(captured.options)), abortSignal: controller.signal };
  delete callOptions.maxRounds;
  const result = (subject: ResponseSubject, round: number) => {
    const onEvent = (event: ResponseEvent) => {
      if (event.type !== "completed") push(event, round);
    };
    return new ResponseCall(engine, subject, callOptions, onEvent).result;
  };
  /** Not set until the code is loaded. */
  let rounds: ToolRounds | undefined;
  const first: ResponseSubject = {
    kind: "response",
    begin: () => (client: Client, signal: AbortSignal) => {
      rounds = new more.code.ToolRounds(captured, handlers, controller.signal, push);
      return more.code.prepareResponse(client, rounds.first, callOptions, "streamed", signal);
    },
  };
  try {
    const response = await result(first, 0);
    return await (rounds as unknown as ToolRounds).finish(response, (request: ResponseRequest, round) =>
      result(creation("streamed", request, callOptions), round),
    );
  } finally {
    // Functions that still run.
    controller.abort();
    unfollow();
  }
}

/** Aborts the run with the signal of the page. Returns a function that ends this. */
function follow(options: RunToolsOptions, controller: AbortController): () => void {
  const signal = checkSignal(read("abortSignal", () => member(options, "abortSignal")));
  const onAbort = () => controller.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  return () => signal?.removeEventListener("abort", onAbort);
}
