import { base64Of } from "../core/base64.js";
import { invalidRequest } from "../core/error.js";
import { today } from "../core/date.js";
import { classOf } from "../images/held.js";
import { prepareInput, readInput, unreadable, type ImageInput, type PreparedInput, type ReadInput } from "../images/input.js";
import { GeneratedImage } from "../core/image.js";
import { refuseUnknown, type Known } from "../core/members.js";
import {
  approvalNames,
  maskNames,
  messageNames,
  outputNames,
  partNames,
  refuseUnknownInResponse,
  screenNames,
  textNames,
  toolNames,
} from "./members.js";
import { isSet, member, own } from "../core/own.js";
import { isObject, json, jsonText, read, stringify } from "../core/snapshot.js";
import type { SafetyCheck } from "./tool-call.js";
import { convertToolChoice, convertTools, type Tool, type ToolChoice } from "./tools.js";
import type { Client } from "../wasm/azure_image_client.js";

/** A request to a text model or an agent. An omitted parameter has the service's default. */
export interface ResponseRequest {
  /** The deployment of a text model, such as one of gpt-5.5. Pass either this or {@link agent}. */
  model?: string;
  /** An agent of a Foundry project: its name, or its name and version. Default: the latest version. */
  agent?: string | { name: string; version?: string };
  /** The input: a string of the user, or a list of strings, images, messages and service items. */
  input: string | readonly ResponseInputItem[];
  /** The instructions for the model. */
  instructions?: string;
  /**
   * The options of the image generation tool. A model has the tool unless this is `false`. Not allowed with an agent, which has its own
   * tools.
   */
  tool?: ImageGenToolOptions | false;
  /** Other tools. Not allowed with an agent. */
  tools?: readonly Tool[];
  /**
   * The use of tools: `auto` (the service's default), `none`, `required`, or the tool to use: the name of a function, the label of an MCP
   * server, the type of another tool, or an object. Not allowed with an agent.
   */
  toolChoice?: "auto" | "none" | "required" | "image_generation" | (string & {}) | ToolChoice;
  /** Allows several calls of functions at once. Not allowed with an agent. The service's default: true. */
  parallelToolCalls?: boolean;
  /** The id of the response to continue. Not allowed with {@link conversation}. */
  previousResponseId?: string | undefined;
  /** The conversation, or its id. */
  conversation?: string | { id: string } | undefined;
  /** Metadata of the response: up to 16 pairs, with names of up to 64 and values of up to 512 characters. */
  metadata?: Record<string, string>;
  /** Says if the service stores the response. Continuing it and background mode need that. The service's default: true. */
  store?: boolean;
  /** The deployment of the image model. Default: that of the client. {@link model} names the text model. */
  imageDeployment?: string;
  /** Additional properties of the request body, in Azure's spelling. They override the ones above. */
  extraBody?: Record<string, unknown>;
}

/** An item of the input. Adjacent strings, images and files become one message of the user. */
export type ResponseInputItem =
  | ResponseInputPart
  | ResponseInputMessage
  | FunctionCallOutput
  | CustomToolCallOutput
  | McpApproval
  | ComputerCallOutput;

/** The output of a call. */
export interface ToolOutput {
  /** The {@link ToolCall.callId} of the call. */
  callId: string;
  /**
   * The output: a string, an image in any form, a list of parts such as `["The map:", { image }]`, or any other value, which is sent as
   * JSON.
   */
  output: unknown;
}

/** The output of a function. */
export interface FunctionCallOutput {
  /** The output. */
  functionCallOutput: ToolOutput;
}

/** The output of a custom tool. */
export interface CustomToolCallOutput {
  /** The output. */
  customToolCallOutput: ToolOutput;
}

/** The answer to an {@link ApprovalRequest}. */
export interface McpApproval {
  /** The answer. */
  mcpApproval: {
    /** The {@link ApprovalRequest.id} of the request. */
    requestId: string;
    /** True to allow the call. */
    approve: boolean;
    /** The reason, for the model. */
    reason?: string;
  };
}

/** The screen after the actions of a `computer_call`. */
export interface ComputerCallOutput {
  /** The screen. */
  computerCallOutput: {
    /** The {@link ToolCall.callId} of the call. */
    callId: string;
    /** A screenshot, in any form that an edit accepts, as an `http:` or `https:` URL that the service fetches, or as an uploaded file. */
    screenshot: ImageInput | { fileId: string };
    /** The {@link ToolCall.pendingSafetyChecks} that the user has accepted. */
    acknowledgedSafetyChecks?: readonly SafetyCheck[];
  };
}

/** A part of a message: a string, an image, an uploaded file, or a part in the service's own form. */
export type ResponseInputPart = string | ResponseInputText | ResponseInputImage | ResponseInputFile | ServiceItem;

/** A string as an object. */
export interface ResponseInputText {
  /** The string. */
  text: string;
}

/** An input image. */
export interface ResponseInputImage {
  /** The image, in any form that an edit accepts, or an `http:` or `https:` URL that the service fetches. */
  image: ImageInput | FileList;
  /** The level of detail that the text model sees. The service's default: `auto`. */
  detail?: "low" | "high" | "auto" | (string & {});
}

/** An uploaded image. Azure's documentation says that it is not supported; a Foundry project may support it. */
export interface ResponseInputFile {
  /** The id of the file. */
  fileId: string;
  /** See {@link ResponseInputImage.detail}. */
  detail?: "low" | "high" | "auto" | (string & {});
}

/** A message. */
export interface ResponseInputMessage {
  /** The author. */
  role: "user" | "assistant" | "system" | "developer" | (string & {});
  /** The content. */
  content: string | readonly ResponseInputPart[];
}

/**
 * An item or a part in the service's own form, which is passed on unchanged. An earlier image is
 * `{ type: "image_generation_call", id }`.
 */
export type ServiceItem =
  | { type: string; [member: string]: unknown }
  // Interfaces, such as the types of the openai package, have no index signature.
  | { type: string };

/** The options of the image generation tool. An omitted option has the service's default. */
export interface ImageGenToolOptions {
  /** The image model. Default: {@link ResponseRequest.imageDeployment}, which always decides on Azure. */
  model?: string;
  /** A higher quality takes more time and tokens. The service's default: `auto`. */
  quality?: "auto" | "low" | "medium" | "high" | "xhigh" | "max" | (string & {});
  /** Width × height in pixels. The model decides which sizes are valid. The service's default: `auto`. */
  size?: "auto" | "1024x1024" | "1536x1024" | "1024x1536" | (string & {});
  /** File format. The service's default: `png`. */
  outputFormat?: "png" | "jpeg" | "webp" | (string & {});
  /** 0 to 100, for JPEG and WebP. The service's default: 100. */
  outputCompression?: number;
  /** The strictness of the image model's content filter. The service's default: `auto`. */
  moderation?: "auto" | "low" | (string & {});
  /** `transparent` needs PNG or WebP. The service's default: `auto`. */
  background?: "auto" | "opaque" | "transparent" | (string & {});
  /** The fidelity of details such as faces. Not supported by every model. The service's default: `low`. */
  inputFidelity?: "low" | "high" | (string & {});
  /**
   * A PNG with the displayed size of the first input image. Transparent pixels mark the area to change. In any form that an edit accepts, as a
   * URL that the service fetches, or as the id of an uploaded file.
   */
  inputImageMask?: ImageInput | { fileId: string } | { imageUrl: string };
  /** Maximum number of partial images of each image, 0 to 3. Only for a streamed response. The service's default: 0. */
  partialImages?: 0 | 1 | 2 | 3 | (number & {});
  /** Selects generation or editing. The service's default is `auto`: the model decides. */
  action?: "auto" | "generate" | "edit" | (string & {});
  /** Additional properties of the tool, in Azure's spelling. They override the ones above. */
  extra?: Record<string, unknown>;
}

/** The parts of a request. Its images are placeholders for their URLs. */
interface ResponseParts {
  /** The properties that the engine reads unchanged. */
  request: Record<string, unknown>;
  input: unknown;
  /** `false` for a request without the image generation tool. */
  tool: Record<string, unknown> | false | undefined;
  images: RequestImages;
}

/** The images of a request. */
interface RequestImages {
  all: ReadInput[];
  /** The first image of the input. `unknown` if its bytes are not part of the request. */
  first: ReadInput | "unknown" | undefined;
}

/** The delivery of a response. */
export type Delivery = "whole" | "streamed" | "background";

/** A request that is ready to be sent. */
interface PreparedResponse {
  /** The form that the engine reads. */
  request: Record<string, unknown>;
  /** The images with their placeholders in the request. */
  images: (PreparedInput & { param: string; marker: string; base64: Blob; isMasked: boolean })[];
}

/** Prepares the engine's record of a call that creates a response. The request and the options are captured ones. */
export async function prepareResponse(client: Client, request: unknown, options: unknown, delivery: Delivery, signal: AbortSignal) {
  refuseUnknownInResponse(request, options, delivery !== "whole");
  return { ...(await prepare(client, partsOf(request), signal)), delivery, today: today() };
}

/** Takes a request apart. Throws if it is invalid. */
function partsOf(request: unknown): ResponseParts {
  refuseUnless(isObject(request), "request", 'must be an object, such as { model: "gpt-5.5", input: "draw a lighthouse at dawn" }');
  const images: RequestImages = { all: [], first: undefined };
  const { input, agent, tool, tools, toolChoice, conversation, metadata, extraBody, ...others } = members(request, "");
  return {
    input: convertItems(input, images),
    tool: isSet(tool) ? convertTool(tool, images) : undefined,
    request: {
      ...others,
      ...(isSet(tools) && { tools: convertTools(tools) }),
      ...(isSet(toolChoice) && { toolChoice: convertToolChoice(toolChoice) }),
      ...(isSet(agent) && { agent: convertAgent(agent) }),
      ...(isSet(conversation) && { conversation: convertConversation(conversation) }),
      ...(isSet(metadata) && { metadata: convertMetadata(metadata) }),
      ...(isSet(extraBody) && { extraBody: convertExtra(extraBody, "extraBody") }),
    },
    images,
  };
}

/** Encodes one image after the other to save memory. */
async function prepare(client: Client, parts: ResponseParts, signal: AbortSignal): Promise<PreparedResponse> {
  const urls = new Map<unknown, string>();
  const images: PreparedResponse["images"] = [];
  const request = own(parts.request);
  const { tool } = parts;
  const mask = tool ? tool["inputImageMask"] : undefined;
  // The mask can also apply to an image of an earlier response.
  const masked = isSet(request["previousResponseId"]) || isSet(request["conversation"]) ? undefined : parts.images.first;
  for (const image of parts.images.all) {
    const { param } = image;
    const prepared = await prepareInput(client, image, image === mask ? "mask" : "response", isSet(mask));
    const { blob, mediaType } = own(prepared);
    const marker = newMarker();
    // The engine refuses other files.
    const base64 = mediaType ? await encoded(client, blob, param, signal) : new Blob();
    images.push({ ...prepared, param, marker, base64, isMasked: image === masked });
    urls.set(image, `data:${mediaType};base64,${marker}`);
  }
  return {
    request: {
      ...request,
      input: read("input", () => stringify(parts.input, (value) => urls.get(value) ?? value)),
      tool: tool && { ...tool, inputImageMask: urls.has(mask) ? { imageUrl: urls.get(mask) } : mask },
    },
    images,
  };
}

function encoded(client: Client, blob: Blob, param: string, signal: AbortSignal): Promise<Blob> {
  return base64Of(client, blob, signal).catch((cause: unknown) => {
    throw unreadable(param, cause);
  });
}

/** A random placeholder. `randomUUID` is not available on plain http pages. */
function newMarker(): string {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Converts the input to the service's form. */
function convertItems(input: unknown, images: RequestImages): unknown {
  if (typeof input === "string") return input;
  if (!Array.isArray(input)) {
    const fault = isSet(input) ? "must be a string or a list of items" : "is missing";
    throw invalidRequest("input", `input ${fault}. Write a prompt, such as "a lighthouse at dawn", or ["like this", { image: file }].`);
  }
  const items: unknown[] = [];
  /** The parts of the current message of the user. */
  let parts: unknown[] | undefined;
  for (const [index, item] of list(input, "input").entries()) {
    const param = `input[${index}]`;
    const copy = membersOfItem(item, param, `${PARTS}, a message { role, content }, or an item in the service's own form, which has a type`);
    const answer = ANSWERS.find(([name]) => Object.hasOwn(copy, name));
    if (isService(copy)) {
      images.first ??= "unknown";
      parts = undefined;
      items.push(convertService(item, copy, param));
    } else if (answer) {
      parts = undefined;
      items.push(convertAnswer(copy, answer, param, images));
    } else if ("role" in copy || "content" in copy) {
      parts = undefined;
      items.push(convertMessage(copy, param, images));
    } else {
      if (!parts) items.push({ type: "message", role: "user", content: (parts = []) });
      parts.push(convertPart(copy, param, "input_text", images));
    }
  }
  return items;
}

type Convert = (answer: Record<string, unknown>, param: string, images: RequestImages) => unknown;

/** The answers to calls, with their known names and their forms for the service. */
const ANSWERS: [name: string, known: Known, convert: Convert][] = [
  ["functionCallOutput", outputNames, convertOutputAs("function_call_output")],
  ["customToolCallOutput", outputNames, convertOutputAs("custom_tool_call_output")],
  [
    "mcpApproval",
    approvalNames,
    ({ requestId, approve, reason }, param) => {
      refuseUnless(typeof requestId === "string" && requestId !== "", `${param}.requestId`, "must be a string, the id of the approval request");
      refuseUnless(typeof approve === "boolean", `${param}.approve`, "must be true or false");
      refuseUnless(!isSet(reason) || typeof reason === "string", `${param}.reason`, "must be a string, for the model");
      return { type: "mcp_approval_response", approval_request_id: requestId, approve, reason };
    },
  ],
  [
    "computerCallOutput",
    screenNames,
    ({ callId, screenshot, acknowledgedSafetyChecks: checks }, param, images) => {
      const place = `${param}.acknowledgedSafetyChecks`;
      refuseUnless(!isSet(checks) || Array.isArray(checks), place, "must be a list, such as pendingSafetyChecks of the call");
      return {
        type: "computer_call_output",
        call_id: convertCallId(callId, param),
        output: { type: "computer_screenshot", ...convertScreenshot(screenshot, `${param}.screenshot`, images) },
        ...(isSet(checks) && { acknowledged_safety_checks: JSON.parse(convertJson(checks, place)) }),
      };
    },
  ],
];

function convertAnswer(
  item: Record<string, unknown>,
  [name, known, convert]: (typeof ANSWERS)[number],
  param: string,
  images: RequestImages,
): unknown {
  refuseUnknown(item, { [name]: 1 }, param);
  const answer = item[name];
  const place = `${param}.${name}`;
  refuseUnless(isPlain(answer), place, `must be an object with ${Object.keys(known).join(", ")}`);
  refuseUnknown(answer, known, place);
  return convert(members(answer, place), place, images);
}

function convertCallId(callId: unknown, param: string): string {
  refuseUnless(typeof callId === "string" && callId !== "", `${param}.callId`, "must be a string, the callId of the call");
  return callId;
}

function convertOutputAs(type: string): Convert {
  return ({ callId, output }, param, images) => ({
    type,
    call_id: convertCallId(callId, param),
    output: convertOutput(output, `${param}.output`, images),
  });
}

/** The output of a call: a string, or parts. */
function convertOutput(output: unknown, param: string, images: RequestImages): unknown {
  if (typeof output === "string") return output;
  const parts = outputParts(output, param);
  if (!parts) return output === undefined ? "null" : convertJson(output, param);
  return parts.map((part, index) => {
    const place = `${param}[${index}]`;
    const copy = membersOfItem(part, place, PARTS);
    return isService(copy) ? convertService(part, copy, place) : convertPart(copy, place, "input_text", images);
  });
}

/** The parts of an output that is more than data. */
function outputParts(output: unknown, param: string): unknown[] | undefined {
  if (isImage(output)) return [{ image: output }];
  if (isImagePart(output)) return [output];
  if (!Array.isArray(output)) return undefined;
  const parts = list(output, param).map((part) => (isImage(part) ? { image: part } : part));
  return parts.some(isImagePart) ? parts : undefined;
}

/** Classes of images and their bytes. */
const IMAGES = new Set(
  "Blob File FileList ArrayBuffer SharedArrayBuffer Response HTMLCanvasElement OffscreenCanvas ImageBitmap ImageData HTMLImageElement HTMLVideoElement VideoFrame".split(
    " ",
  ),
);

function isImage(value: unknown): boolean {
  return value instanceof GeneratedImage || ArrayBuffer.isView(value) || IMAGES.has(classOf(value));
}

/** True for `{ image }` and `{ fileId }`, which the page's own data rarely looks like. */
function isImagePart(part: unknown): boolean {
  if (!isPlain(part)) return false;
  const names = Object.keys(part);
  return names.every((name) => Object.hasOwn(partNames, name)) && names.some((name) => name === "image" || name === "fileId");
}

function convertScreenshot(screenshot: unknown, param: string, images: RequestImages): object {
  refuseUnless(isSet(screenshot), param, "must be an image, in any form that an edit accepts, or { fileId }");
  if (!isPlain(screenshot)) return { image_url: convertImage(screenshot, param, images) };
  refuseUnknown(screenshot, { fileId: 1 }, param);
  const { fileId } = members(screenshot, param);
  refuseUnless(typeof fileId === "string", `${param}.fileId`, "must be a string, the id of an uploaded file");
  return { file_id: fileId };
}

function convertJson(value: unknown, param: string): string {
  return read(param, () => jsonText(value, param));
}

function convertMessage(message: Record<string, unknown>, param: string, images: RequestImages): unknown {
  refuseUnknown(message, messageNames, param);
  const { role, content } = message;
  refuseUnless(typeof role === "string", `${param}.role`, 'must be a string, such as "user"');
  if (typeof content === "string") return { type: "message", role, content };
  refuseUnless(Array.isArray(content), `${param}.content`, "must be a string or a list of parts");
  const textType = role === "assistant" ? "output_text" : "input_text";
  const parts = list(content, `${param}.content`).map((part, index) => {
    const place = `${param}.content[${index}]`;
    const copy = membersOfItem(part, place, `${PARTS}, or a part in the service's own form, which has a type`);
    if (isService(copy)) images.first ??= "unknown";
    return isService(copy) ? convertService(part, copy, place) : convertPart(copy, place, textType, images);
  });
  return { type: "message", role, content: parts };
}

const PARTS = "a string, { text }, { image }, { fileId }";

function convertPart(part: Record<string, unknown>, param: string, textType: string, images: RequestImages): unknown {
  const named = ["text", "image", "fileId"].filter((name) => Object.hasOwn(part, name));
  // An image that is `undefined` is reported, not ignored.
  const set = named.filter((name) => part[name] !== undefined);
  const [form, other] = set.length > 0 ? set : named;
  refuseUnless(other === undefined, param, `has both ${form} and ${other}. Make two parts of it`);
  refuseUnknown(part, form === "text" ? textNames : partNames, param);
  refuseUnless(form !== undefined, param, `must be ${PARTS}`);
  const { text, image, fileId, detail } = part;
  refuseUnless(detail === undefined || typeof detail === "string", `${param}.detail`, 'must be a string, such as "high"');
  if (form === "text") {
    refuseUnless(typeof text === "string", `${param}.text`, "must be a string");
    return { type: textType, text };
  }
  if (form === "fileId") {
    refuseUnless(typeof fileId === "string", `${param}.fileId`, "must be a string, the id of an uploaded file");
    images.first ??= "unknown";
    return { type: "input_image", file_id: fileId, detail };
  }
  const url = convertImage(image, `${param}.image`, images);
  images.first ??= typeof url === "string" ? "unknown" : url;
  return { type: "input_image", image_url: url, detail };
}

/** Returns a URL that the service fetches, or a placeholder for the bytes. */
function convertImage(image: unknown, param: string, images: RequestImages): string | ReadInput {
  const value = image instanceof GeneratedImage ? image.url : image;
  const url = typeof value === "string" || classOf(value) === "URL" ? String(value).trim() : "";
  if (/^https?:/i.test(url)) return url;
  const input = readInput(image, param);
  images.all.push(input);
  return input;
}

function convertService(item: unknown, { type }: Record<string, unknown>, param: string): unknown {
  refuseUnless(typeof type === "string", `${param}.type`, "must be a string, the type of the item");
  // A copy of the JSON that will be sent.
  return JSON.parse(convertJson(item, param));
}

function convertTool(tool: unknown, images: RequestImages): Record<string, unknown> | false {
  if (tool === false) return false;
  refuseUnless(isObject(tool), "tool", 'must be an object, such as { size: "1024x1024" }, or false');
  refuseUnknown(tool, toolNames, "tool");
  const { inputImageMask, extra, ...others } = members(tool, "tool");
  return own({
    ...others,
    ...(isSet(inputImageMask) && { inputImageMask: convertMask(inputImageMask, images) }),
    ...(isSet(extra) && { extra: convertExtra(extra, "tool.extra") }),
  });
}

const maskForms = Object.keys(maskNames);

function convertMask(mask: unknown, images: RequestImages): unknown {
  const param = "tool.inputImageMask";
  if (isPlain(mask) && maskForms.some((name) => read(param, () => member(mask, name)) !== undefined)) {
    refuseUnknown(mask, maskNames, param);
    return members(mask, param);
  }
  const input = convertImage(mask, param, images);
  return typeof input === "string" ? { imageUrl: input } : input;
}

function convertAgent(agent: unknown): unknown {
  if (typeof agent === "string") return { name: agent };
  const copy = isPlain(agent) ? members(agent, "agent") : {};
  refuseUnless(typeof copy["name"] === "string", "agent", "must be the name of an agent, or { name, version }");
  return copy;
}

function convertConversation(conversation: unknown): string {
  const id = isPlain(conversation) ? members(conversation, "conversation")["id"] : conversation;
  refuseUnless(typeof id === "string", "conversation", "must be the id of a conversation, or { id }");
  return id;
}

function convertMetadata(metadata: unknown): unknown {
  refuseUnless(isPlain(metadata), "metadata", "must be a plain object with texts");
  const pairs = Object.entries(members(metadata, "metadata"));
  for (const [name, value] of pairs) {
    refuseUnless(typeof value === "string", "metadata", `has a value that is not a string, ${JSON.stringify(name)}. Convert it to a string`);
  }
  return pairs;
}

function convertExtra(extra: unknown, param: string): string {
  return read(param, () => json(extra, param));
}

/** The properties of an item or a part. A string counts as `{ text }`. */
function membersOfItem(item: unknown, param: string, forms: string): Record<string, unknown> {
  if (typeof item === "string") return own({ text: item });
  refuseUnless(isPlain(item), param, `must be ${forms}`);
  return members(item, param);
}

function isService(item: Record<string, unknown>): boolean {
  return item["type"] !== undefined;
}

function refuseUnless(right: boolean, param: string, fault: string): asserts right {
  if (!right) throw invalidRequest(param, `${param} ${fault}.`);
}

/** Copies an object of the page. Each getter may throw. */
function members(value: object, path: string): Record<string, unknown> {
  const names = read(path || "request", () => Object.keys(value));
  const part = (name: string) => read(path ? `${path}.${name}` : name, () => (value as Record<string, unknown>)[name]);
  return own(Object.fromEntries(names.map((name) => [name, part(name)])));
}

/** Copies a list of the page. */
function list(value: unknown[], path: string): unknown[] {
  return Array.from({ length: value.length }, (_, index) => read(`${path}[${index}]`, () => value[index]));
}

/** True for plain objects of any realm: not for bytes, lists or browser objects. */
function isPlain(value: unknown): value is object {
  return classOf(value) === "Object" && !(value instanceof GeneratedImage);
}
