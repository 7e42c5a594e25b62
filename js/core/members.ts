// Refuses options that the library does not know, by name. The compiler keeps the lists complete and free of other names.

import type { AgentListOptions } from "../foundry/agents.js";
import { invalidRequest, type AzureImageError } from "./error.js";
import type { FileContentOptions, FileListOptions, UploadOptions } from "../foundry/files.js";
import type { ImageInput } from "../images/input.js";
import type { InitOptions } from "./engine.js";
import type { ListOptions, PageSettings } from "../foundry/paging.js";
import type { Operation } from "../images/call.js";
import type {
  ComputerCallOutput,
  ImageGenToolOptions,
  McpApproval,
  ResponseInputFile,
  ResponseInputImage,
  ResponseInputMessage,
  ResponseInputText,
  ResponseRequest,
  ToolOutput,
} from "../responses/request.js";
import type { RunToolsOptions } from "../responses/tool-run.js";
import type { ResponseOptions, ResumeOptions } from "../responses/types.js";
import { member } from "./own.js";
import { isObject, read, type Members } from "./snapshot.js";
import type {
  CallOptions,
  ClientOptions,
  EditRequest,
  EditStreamRequest,
  GenerateRequest,
  GenerateStreamRequest,
  OperationOptions,
  Rates,
  RetryOptions,
  StreamOptions,
} from "./types.js";

/** Every name that a type, or a member of a union, declares. */
type Names<Type> = Record<Type extends unknown ? keyof Type : never, 1>;

/** The known names of an object. */
export type Known = Record<string, 1>;

/** The remedy for names that belong elsewhere; `*` is a placeholder for the name. */
type Advice = [names: Known, remedy: string];

const retryNames: Names<RetryOptions> = { maxRetries: 1, retryDelayInMs: 1, maxRetryDelayInMs: 1, retryUnknownOutcome: 1 };
const rateNames: Names<Rates> = { textInput: 1, imageInput: 1, output: 1, textOutput: 1 };
const initNames: Names<InitOptions> = { more: 1, moreSource: 1 };
const clientNames: Names<ClientOptions> = {
  deployment: 1,
  imageDeployment: 1,
  apiVersion: 1,
  scopes: 1,
  timeoutInMs: 1,
  idleTimeoutInMs: 1,
  totalTimeoutInMs: 1,
  retryOptions: 1,
  fetch: 1,
  extraHeaders: 1,
  extraQuery: 1,
  model: 1,
  service: 1,
  catalog: 1,
  validation: 1,
  rates: 1,
  maxParallelRequests: 1,
  preload: 1,
  dangerouslyAllowApiKeyInBrowser: 1,
  maxEventBytes: 1,
  maxNesting: 1,
  maxImageBytes: 1,
};

export const operationNames: Names<OperationOptions> = { abortSignal: 1, timeoutInMs: 1, idleTimeoutInMs: 1, totalTimeoutInMs: 1 };
export const responseOptionNames: Names<ResponseOptions> = { ...operationNames, onProgress: 1 };
const callNames: Names<CallOptions> = { ...responseOptionNames, onImage: 1 };
const streamNames: Names<StreamOptions> = { ...responseOptionNames, keepPartialImages: 1 };
export const resumeNames: Names<ResumeOptions> = { ...streamNames, startingAfter: 1 };
export const runNames: Names<RunToolsOptions> = { ...streamNames, maxRounds: 1 };
export const listNames: Names<ListOptions> = { ...operationNames, order: 1 };
export const pageNames: Names<PageSettings> = { maxPageSize: 1, continuationToken: 1 };
export const agentListNames: Names<AgentListOptions> = { ...listNames, kind: 1 };
export const fileListNames: Names<FileListOptions> = { ...listNames, purpose: 1 };
export const uploadNames: Names<UploadOptions> = { ...responseOptionNames, purpose: 1, fileName: 1, expiresAfterInSeconds: 1 };

const imageOutputNames: Names<Pick<GenerateRequest & ImageGenToolOptions, keyof GenerateRequest & keyof ImageGenToolOptions>> = {
  model: 1,
  size: 1,
  quality: 1,
  background: 1,
  outputFormat: 1,
  outputCompression: 1,
  moderation: 1,
};
const commonNames: Names<Omit<GenerateRequest, "responseFormat" | "style" | "autoAspectRatio">> = {
  prompt: 1,
  deployment: 1,
  n: 1,
  ...imageOutputNames,
  user: 1,
  service: 1,
  aspectRatio: 1,
  seed: 1,
  guidance: 1,
  steps: 1,
  safetyTolerance: 1,
  promptUpsampling: 1,
  webGrounding: 1,
  extraBody: 1,
};
const generateNames: Names<GenerateRequest> = { ...commonNames, autoAspectRatio: 1, responseFormat: 1, style: 1 };
const editNames: Names<EditRequest> = { ...commonNames, image: 1, mask: 1, inputFidelity: 1 };
/** Additional names of a streamed request. */
const partialNames: Names<Omit<GenerateStreamRequest, keyof GenerateRequest> & Omit<EditStreamRequest, keyof EditRequest>> = { partialImages: 1 };

const responseNames: Names<ResponseRequest> = {
  model: 1,
  agent: 1,
  input: 1,
  instructions: 1,
  tool: 1,
  tools: 1,
  toolChoice: 1,
  parallelToolCalls: 1,
  previousResponseId: 1,
  conversation: 1,
  metadata: 1,
  store: 1,
  imageDeployment: 1,
  extraBody: 1,
};
export const toolNames: Names<ImageGenToolOptions> = {
  ...imageOutputNames,
  inputFidelity: 1,
  inputImageMask: 1,
  partialImages: 1,
  action: 1,
  extra: 1,
};
export const textNames: Names<ResponseInputText> = { text: 1 };
/** Names of all parts of a message. */
export const partNames: Names<ResponseInputText | ResponseInputImage | ResponseInputFile> = { ...textNames, image: 1, fileId: 1, detail: 1 };
export const maskNames: Names<Exclude<ImageGenToolOptions["inputImageMask"], ImageInput | undefined>> = { fileId: 1, imageUrl: 1 };
export const messageNames: Names<ResponseInputMessage> = { role: 1, content: 1 };
export const outputNames: Names<ToolOutput> = { callId: 1, output: 1 };
export const approvalNames: Names<McpApproval["mcpApproval"]> = { requestId: 1, approve: 1, reason: 1 };
export const screenNames: Names<ComputerCallOutput["computerCallOutput"]> = { callId: 1, screenshot: 1, acknowledgedSafetyChecks: 1 };
export const contentNames: Names<FileContentOptions> = { ...operationNames, containerId: 1 };

const IN_REQUEST = "Pass * in the request.";
const IN_OPTIONS = "Pass * in the second argument.";

/** Remedies in every object. */
const IN_CLIENT: Advice[] = [
  [{ maxPageSize: 1, pageSize: 1 }, "Pass maxPageSize to byPage()."],
  [retryNames, "Write retryOptions.* in the client options."],
  [clientNames, "Write * in the client options."],
];

/** Refuses unknown options of a client, and of a `{ key }` without `getToken`. Returns the options. */
export function refuseUnknownInClient(options: Members, credential: unknown): Members {
  refuseUnknown(options, clientNames, "", [[editNames, IN_REQUEST]]);
  refuseUnknown(options["retryOptions"], retryNames, "retryOptions");
  refuseUnknown(options["rates"], rateNames, "rates");
  // Not an instance of a class, such as a key credential of the Azure SDK, which has private properties.
  const isKey = (value: Members) => Object.hasOwn(value, "key") && member(value, "getToken") === undefined;
  if (isObject(credential) && read("credential", () => isKey(credential))) refuseUnknown(credential, { key: 1 }, "credential");
  return options;
}

/** Refuses unknown names in the options of `init`. */
export function refuseUnknownInInit(options: unknown): void {
  refuseUnknown(options, initNames);
}

/** Refuses unknown names in a request of the Images API and in the options of the call. */
export function refuseUnknownInImageCall(operation: Operation, streamed: boolean, request: Members, options: unknown): void {
  const names = imageRequestNames(operation, streamed);
  const optionNames = streamed ? streamNames : callNames;
  const method = operation === "edits" ? "editStream" : "generateStream";
  const stream: Advice = [{ stream: 1, ...partialNames }, `Leave it out${streamed ? "" : `, or use ${method}`}.`];
  refuseUnknown(options, optionNames, "", [[names, IN_REQUEST], stream]);
  refuseUnknown(request, names, "", [stream, [editNames, "Use edit or editStream."], [optionNames, IN_OPTIONS]]);
}

/** Refuses unknown names in a request of the Responses API and in the options of the call. */
export function refuseUnknownInResponse(request: unknown, options: unknown, streamed: boolean): void {
  refuseUnknown(options, streamed ? streamNames : responseOptionNames, "", [[responseNames, IN_REQUEST]]);
  refuseUnknown(request, responseNames, "", [
    [{ stream: 1 }, "Leave it out, or use responses.stream."],
    [{ background: 1 }, "Leave it out, or use responses.start. For the image, write tool.background."],
    [{ deployment: 1 }, "Write model or imageDeployment."],
    [toolNames, "Write tool.*."],
    [responseOptionNames, IN_OPTIONS],
  ]);
}

/** Names of a request of the Images API. */
export function imageRequestNames(operation: Operation, streamed: boolean): Known {
  return { ...(operation === "edits" ? editNames : generateNames), ...(streamed && partialNames) };
}

/** Longest name to echo, in characters. */
const MAX_ECHO = 40;

/**
 * Refuses the first own enumerable property that is set and not known. Ignores a value that is not an object, and reads no known
 * property.
 *
 * @param path The name of the object inside its parent; empty for an argument of a method.
 */
export function refuseUnknown(value: unknown, known: Known, path = "", advice: Advice[] = []): void {
  if (!isObject(value)) return;
  const prefix = path && `${path}.`;
  for (const name of read(path || "options", () => Object.keys(value))) {
    if (Object.hasOwn(known, name)) continue;
    const echo = name.slice(0, MAX_ECHO);
    if (read(prefix + echo, () => value[name]) !== undefined) throw unknown(echo, known, prefix, advice);
  }
}

function unknown(name: string, known: Known, path: string, advice: Advice[]): AzureImageError {
  // `signal` is the name that `fetch` uses.
  const wanted = name
    .replace(/[_-]/g, "")
    .toLowerCase()
    .replace(/^signal$/, "abortsignal");
  const places: Advice[] = [[known, `Write ${path}*.`], ...advice, ...IN_CLIENT];
  const remedies = places.flatMap(([names, remedy]) => Object.keys(names).map((other) => [other.toLowerCase(), remedy.replace("*", other)] as const));
  const withUnit = [wanted, `${wanted}inms`, `${wanted}inseconds`];
  const found = remedies.find(([other]) => withUnit.includes(other)) ?? remedies.find(([other]) => isNear(other, wanted));
  const names = Object.keys(known)
    .join(", ")
    .replace(/\bextra(Body)?\b/, "$& (sends fields this version does not know)");
  return invalidRequest(path + name, `Unknown option ${path}${name}. ${found?.[1] ?? `Known options: ${names}.`}`);
}

/** Returns whether the names differ by one missing, extra, wrong or moved letter. */
function isNear(one: string, other: string): boolean {
  return other.length > 2 && shortened(one).some((name) => shortened(other).includes(name));
}

/** The name, and the name without each of its letters. */
function shortened(name: string): string[] {
  return [name, ...Array.from(name, (_, index) => name.slice(0, index) + name.slice(index + 1))];
}
