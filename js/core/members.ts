// Refuses options that the library does not know, by name. The compiler keeps the lists complete and free of other names.

import { invalidRequest, type AzureImageError } from "./error.js";
import type { InitOptions } from "./engine.js";
import type { Operation } from "../images/call.js";
import type { ImageGenToolOptions } from "../responses/request.js";
import type { ResponseOptions } from "../responses/types.js";
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
export type Names<Type> = Record<Type extends unknown ? keyof Type : never, 1>;

/** The known names of an object. */
export type Known = Record<string, 1>;

/** The remedy for names that belong elsewhere; `*` is a placeholder for the name. */
export type Advice = [names: Known, remedy: string];

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
export const streamNames: Names<StreamOptions> = { ...responseOptionNames, keepPartialImages: 1 };

export const imageOutputNames: Names<Pick<GenerateRequest & ImageGenToolOptions, keyof GenerateRequest & keyof ImageGenToolOptions>> = {
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

export const IN_REQUEST = "Pass * in the request.";
export const IN_OPTIONS = "Pass * in the second argument.";

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
