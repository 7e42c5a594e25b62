import { AzureImageError, altered, invalidRequest } from "../core/error.js";
import { EventQueue, type Shown } from "../core/event-queue.js";
import { EventStream } from "../core/event-stream.js";
import type { GeneratedImage } from "../core/image.js";
import { refuseUnknown, runNames } from "../core/members.js";
import { isLiteral, member, own } from "../core/own.js";
import { makeProxySafe } from "../core/proxy-safe.js";
import { isObject, isSet, json, kindOf, read, type Members } from "../core/snapshot.js";
import { checkSignal } from "../core/task.js";
import { count } from "../foundry/resource.js";
import type { ResponseCall } from "./call.js";
import type { ResponseInputItem, ResponseRequest } from "./request.js";
import { shownBy } from "./stream.js";
import type { ToolCall } from "./tool-call.js";
import { captureToolChoice, captureTools, type Tool } from "./tools.js";
import type { ResponseEvent, ResponseResult, ResponseStreamOptions } from "./types.js";

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

const MAX_ROUNDS = 10;

/** Starts a response. */
export type Start = (request: ResponseRequest, options: ResponseStreamOptions, onEvent: (event: ResponseEvent) => void) => ResponseCall;

/** The parts of a run that are fixed when it starts. */
interface Captured {
  request: ResponseRequest;
  handlers: Map<string, ToolHandler>;
  maxRounds: number;
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
  constructor(start: Start, request: unknown, handlers: unknown, options: RunToolsOptions) {
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
    const result = run(start, request, handlers, options, controller, push);
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
  start: Start,
  given: unknown,
  handlers: unknown,
  options: RunToolsOptions,
  controller: AbortController,
  push: (event: ResponseEvent, round: number) => void,
): Promise<ToolRunResult> {
  // Everything that the page can change later is read before the first `await`.
  const { request: first, handlers: functions, maxRounds } = capture(given, handlers, options);
  const unfollow = follow(options, controller);
  const responses: ResponseResult[] = [];
  const callOptions = { ...own(options), abortSignal: controller.signal } as RunToolsOptions;
  delete callOptions.maxRounds;
  try {
    for (let request = first; ; ) {
      const round = responses.length;
      const onEvent = (event: ResponseEvent) => {
        if (event.type !== "completed") push(event, round);
      };
      const response = await start(request, callOptions, onEvent).result;
      responses.push(response);
      const calls = waiting(response);
      const isOver = calls.length === 0 || response.approvalRequests.length > 0 || !calls.every(({ name = "" }) => functions.has(name));
      if (isOver || responses.length === maxRounds) {
        const result = finish(responses, isOver ? undefined : maxRounds);
        const { lastSequenceNumber: sequenceNumber } = result;
        push({ type: "completed", response: result, ...(sequenceNumber !== undefined && { sequenceNumber }) }, round);
        return result;
      }
      const outputs = await Promise.all(calls.map((call) => answer(call, functions, controller.signal)));
      controller.signal.throwIfAborted();
      request = next(request, response, outputs);
    }
  } catch (reason) {
    throw explained(reason, responses, controller.signal);
  } finally {
    // Functions that still run.
    controller.abort();
    unfollow();
  }
}

function capture(request: unknown, handlers: unknown, options: RunToolsOptions): Captured {
  refuseUnknown(options, runNames);
  const rounds = read("maxRounds", () => member(options, "maxRounds"));
  const maxRounds = isSet(rounds) ? count(rounds, "maxRounds") : MAX_ROUNDS;
  const functions = captureHandlers(handlers);
  // The first response refuses it.
  if (!isObject(request)) return { request: request as unknown as ResponseRequest, handlers: functions, maxRounds };
  const captured = captureRequest(request);
  const { tools, extraBody } = own(captured);
  const names = tools?.flatMap(namesOf);
  const unknown = names && [...functions.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined && !isSet(extraBody)) {
    throw invalidRequest(`handlers.${unknown}`, `tools has no function "${unknown}". It has ${names?.join(", ") || "none"}.`);
  }
  return { request: captured, handlers: functions, maxRounds };
}

function captureHandlers(handlers: unknown): Map<string, ToolHandler> {
  if (!isObject(handlers)) {
    throw invalidRequest("handlers", `handlers must be an object with functions, such as { get_weather }. It is ${kindOf(handlers)}.`);
  }
  if (!isLiteral(handlers)) {
    const message =
      "handlers is an instance of a class, whose methods are not found by their names. Pass a plain object, such as " +
      "{ get_weather: (parameters) => service.getWeather(parameters) }.";
    throw invalidRequest("handlers", message);
  }
  const functions = Object.entries(read("handlers", () => own(handlers))).map(([name, handler]) => {
    if (typeof handler !== "function") throw invalidRequest(`handlers.${name}`, `handlers.${name} must be a function. It is ${kindOf(handler)}.`);
    // They may call each other.
    return [name, handler.bind(handlers) as ToolHandler] as const;
  });
  return new Map(functions);
}

/** Properties of a body that differ between the responses of a run, with their parameters. */
const CHANGING = Object.entries({
  input: "input",
  previous_response_id: "previousResponseId",
  conversation: "conversation",
  store: "store",
  tool_choice: "toolChoice",
});

/** Copies everything that the page can change during the run. */
function captureRequest(request: Members): ResponseRequest {
  const { tools, toolChoice, extraBody, ...others } = read("request", () => own(request));
  const copy: Members = read("request", () => copied(own(others)) as Members);
  if (isSet(tools)) copy["tools"] = JSON.parse(captureTools(tools));
  if (isSet(toolChoice)) copy["toolChoice"] = isObject(toolChoice) ? JSON.parse(captureToolChoice(toolChoice) as string) : toolChoice;
  if (isSet(extraBody)) {
    const body = JSON.parse(read("extraBody", () => json(extraBody, "extraBody"))) as object;
    const [name, parameter] = CHANGING.find(([name]) => Object.hasOwn(body, name)) ?? [];
    if (name !== undefined) {
      throw invalidRequest("extraBody", `extraBody.${name} would be sent with each response of the run. Write ${parameter} in the request.`);
    }
    copy["extraBody"] = body;
  }
  return copy as unknown as ResponseRequest;
}

/** Copies plain objects and lists at every level. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, copied);
  return isObject(value) && isLiteral(value) ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copied(part)])) : value;
}

/** The names of a tool and of the tools in it. */
function namesOf(tool: Tool): string[] {
  const inner = member(tool, "tools");
  const name = member(tool, "name");
  return [...(typeof name === "string" ? [name] : []), ...(Array.isArray(inner) ? inner.flatMap(namesOf) : [])];
}

/** Aborts the run with the signal of the page. Returns a function that ends this. */
function follow(options: RunToolsOptions, controller: AbortController): () => void {
  const signal = checkSignal(read("abortSignal", () => member(options, "abortSignal")));
  const onAbort = () => controller.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  return () => signal?.removeEventListener("abort", onAbort);
}

/** Runs the function of a call. Rejects when the run ends. */
async function answer(call: ToolCall, functions: Map<string, ToolHandler>, abortSignal: AbortSignal): Promise<ResponseInputItem> {
  const { callId = "", name = "" } = call;
  const parameters = isCustom(call) ? call.input : parametersOf(call);
  const output = (value: unknown) => {
    const answer = { callId, output: value };
    return isCustom(call) ? { customToolCallOutput: answer } : { functionCallOutput: answer };
  };
  // The model can correct this.
  if (parameters === undefined) return output({ error: "The arguments are not valid JSON. Call the function again." });
  const aborted = new Promise<never>((_, reject) => abortSignal.addEventListener("abort", () => reject(abortSignal.reason), { once: true }));
  const run = async () => functions.get(name)?.(parameters, { call, abortSignal });
  return output(
    await Promise.race([run(), aborted]).catch((cause: unknown) => {
      abortSignal.throwIfAborted();
      throw invalidRequest(
        `handlers.${name}`,
        `The function ${name} of handlers failed: ${reasonOf(cause)}. If the model should go on, return a description of the error instead.`,
        cause,
      );
    }),
  );
}

/** The calls that the page runs. Calls of the service may have the id `null`. */
function waiting({ toolCalls }: ResponseResult): ToolCall[] {
  return toolCalls.filter(({ callId }) => isSet(callId));
}

function isCustom({ type }: ToolCall): boolean {
  return type === "custom_tool_call";
}

/** The arguments for a function. `undefined` if they are not JSON. */
function parametersOf({ arguments: written, parsedArguments }: ToolCall): unknown {
  const isEmpty = !isSet(written) || (typeof written === "string" && written.trim() === "");
  // Some models write `null` for no arguments.
  return isEmpty || parsedArguments === null ? {} : parsedArguments;
}

function reasonOf(cause: unknown): string {
  try {
    return cause instanceof Error ? cause.message : String(cause);
  } catch {
    return "it threw a value that is not an Error";
  }
}

/** The request after a response whose calls have been answered. */
function next(request: ResponseRequest, response: ResponseResult, outputs: ResponseInputItem[]): ResponseRequest {
  const { toolChoice, input, ...others } = request;
  const choice = afterwards(toolChoice);
  const rest = { ...others, ...(choice !== undefined && { toolChoice: choice }) };
  if (isSet(request.conversation)) return { ...rest, input: outputs };
  if (request.store !== false && response.id !== undefined) return { ...rest, input: outputs, previousResponseId: response.id };
  // The service has stored nothing.
  return { ...rest, input: [...(typeof input === "string" ? [input] : input), ...repeated(response), ...outputs] };
}

/** A choice that forces a call would force it again in each response. */
function afterwards(choice: ResponseRequest["toolChoice"]): ResponseRequest["toolChoice"] {
  if (choice === "auto" || choice === "none") return choice;
  return isObject(choice) && choice["type"] === "allowed_tools" ? ({ ...choice, mode: "auto" } as ResponseRequest["toolChoice"]) : undefined;
}

/** The output of a response that the service has not stored, as input. The model sees its images, so that it does not draw them again. */
function repeated(response: ResponseResult): ResponseInputItem[] {
  const { text, images } = response;
  return [
    ...(text ? [{ role: "assistant", content: text }] : []),
    ...(images.length > 0 ? [{ role: "user", content: ["You have generated this:", ...images.map((image) => ({ image }))] }] : []),
    ...waiting(response).map((call) => {
      const { type, callId, name, namespace, arguments: written, input } = call;
      return {
        type,
        call_id: callId,
        name,
        ...(namespace !== undefined && { namespace }),
        ...(isCustom(call) ? { input } : { arguments: written }),
      };
    }),
  ];
}

function finish(responses: ResponseResult[], maxRounds: number | undefined): ToolRunResult {
  const last = own(responses.at(-1) as ResponseResult);
  const warnings = [...(last.warnings ?? [])];
  if (maxRounds !== undefined) {
    const message = `The model still called functions in response ${maxRounds}, the last one that maxRounds allows. Raise maxRounds if it needs more.`;
    warnings.push({ param: "maxRounds", message, severity: "warning" });
  }
  return { ...last, images: imagesOf(responses), responses, ...(warnings.length > 0 && { warnings }) };
}

function imagesOf(responses: ResponseResult[]): GeneratedImage[] {
  return responses.flatMap(({ images }) => images);
}

/** Adds the images of the earlier responses to the error of a run. */
function explained(reason: unknown, responses: ResponseResult[], signal: AbortSignal): AzureImageError {
  const error =
    reason instanceof AzureImageError || !signal.aborted
      ? AzureImageError.from(reason)
      : new AzureImageError({ code: "cancelled", message: "The run was cancelled.", billed: "unknown", retryable: false, cause: reason });
  const last = responses.at(-1);
  if (!last) return error;
  const images = [...imagesOf(responses), ...(error.images ?? [])];
  const count = responses.length === 1 ? "The response before it is" : `The ${responses.length} responses before it are`;
  return altered(error, {
    message: `${error.message} ${count} complete and billed; error.images has all images.`,
    billed: "yes",
    // The same run would pay for them again.
    retryable: false,
    images,
    response: error.response ?? last,
  });
}
