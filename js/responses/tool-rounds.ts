import { AzureImageError, altered, invalidRequest } from "../core/error.js";
import type { GeneratedImage } from "../core/image.js";
import { refuseUnknown } from "../core/members.js";
import { isLiteral, isSet, member, own } from "../core/own.js";
import { isObject, json, kindOf, read, type Members } from "../core/snapshot.js";
import { count } from "../foundry/checks.js";
import { runNames } from "./members.js";
import type { ResponseInputItem, ResponseRequest } from "./request.js";
import type { ToolCall } from "./tool-call.js";
import type { ToolHandler, ToolRunResult } from "./tool-run.js";
import { convertToolChoice, convertTools, type Tool } from "./tools.js";
import type { ResponseEvent, ResponseResult } from "./types.js";

const MAX_ROUNDS = 10;

/** The captured arguments of a run. */
interface Captured {
  request: unknown;
  handlers: unknown;
  options: unknown;
}

/** The parts of a run that are fixed when it starts. */
interface Checked {
  request: ResponseRequest;
  handlers: Map<string, ToolHandler>;
  maxRounds: number;
}

/** Creates a response. */
type Create = (request: ResponseRequest, round: number) => Promise<ResponseResult>;

/** The responses of a run, one after the other. */
export class ToolRounds {
  readonly #checked: Checked;
  readonly #signal: AbortSignal;
  readonly #push: (event: ResponseEvent, round: number) => void;

  /** `owner`: the object of the page that has the functions. Throws if an argument is invalid. */
  constructor(captured: Captured, owner: unknown, signal: AbortSignal, push: (event: ResponseEvent, round: number) => void) {
    this.#checked = check(captured, owner);
    this.#signal = signal;
    this.#push = push;
  }

  /** The first request. */
  get first(): ResponseRequest {
    return this.#checked.request;
  }

  /** Answers the calls of the first response, and of each further one. */
  async finish(first: ResponseResult, create: Create): Promise<ToolRunResult> {
    const { handlers: functions, maxRounds } = this.#checked;
    const responses = [first];
    try {
      for (let { request } = this.#checked, response = first; ; responses.push(response)) {
        const calls = waiting(response);
        const isOver = calls.length === 0 || response.approvalRequests.length > 0 || !calls.every(({ name = "" }) => functions.has(name));
        if (isOver || responses.length === maxRounds) {
          const result = finish(responses, isOver ? undefined : maxRounds);
          const { lastSequenceNumber: sequenceNumber } = result;
          this.#push({ type: "completed", response: result, ...(sequenceNumber !== undefined && { sequenceNumber }) }, responses.length - 1);
          return result;
        }
        const outputs = await Promise.all(calls.map((call) => answer(call, functions, this.#signal)));
        this.#signal.throwIfAborted();
        request = next(request, response, outputs);
        response = await create(request, responses.length);
      }
    } catch (reason) {
      throw explained(reason, responses, this.#signal);
    }
  }
}

function check({ request, handlers, options }: Captured, owner: unknown): Checked {
  refuseUnknown(options, runNames);
  const rounds = read("maxRounds", () => member(options, "maxRounds"));
  const maxRounds = isSet(rounds) ? count(rounds, "maxRounds") : MAX_ROUNDS;
  const functions = functionsOf(handlers, owner);
  // The first response refuses it.
  if (!isObject(request)) return { request: request as unknown as ResponseRequest, handlers: functions, maxRounds };
  const checked = checkRequest(request);
  const { tools, extraBody } = own(checked);
  const names = tools?.flatMap(namesOf);
  const unknown = names && [...functions.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined && !isSet(extraBody)) {
    throw invalidRequest(`handlers.${unknown}`, `tools has no function "${unknown}". It has ${names?.join(", ") || "none"}.`);
  }
  return { request: checked, handlers: functions, maxRounds };
}

/** The functions, whose `this` is the object of the page. */
function functionsOf(handlers: unknown, owner: unknown): Map<string, ToolHandler> {
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
    return [name, handler.bind(owner) as ToolHandler] as const;
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

/** Checks the parts of a request that are the same in each response. */
function checkRequest(request: Members): ResponseRequest {
  const copy: Members = read("request", () => own(request));
  const { tools, toolChoice, extraBody } = copy;
  if (isSet(tools)) copy["tools"] = JSON.parse(convertTools(tools));
  if (isObject(toolChoice)) copy["toolChoice"] = JSON.parse(convertToolChoice(toolChoice) as string);
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

/** The names of a tool and of the tools in it. */
function namesOf(tool: Tool): string[] {
  const inner = member(tool, "tools");
  const name = member(tool, "name");
  return [...(typeof name === "string" ? [name] : []), ...(Array.isArray(inner) ? inner.flatMap(namesOf) : [])];
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
