import { base64Of } from "./base64.js";
import { invalidRequest } from "../core/error.js";
import { GeneratedImage } from "../core/image.js";
import { captureInput, conversion, prepareInput, unreadable, type CapturedInput, type ImageInput, type PreparedInput } from "../images/input.js";
import { maskNames, messageNames, partNames, refuseUnknown, textNames, toolNames } from "../core/members.js";
import { isObject, isSet, json, jsonText, read } from "../core/snapshot.js";
import type { ValidationProblem } from "../core/types.js";
import type { Client } from "../wasm/azure_image_client.js";

/** What a text model, or an agent made of one, is asked for. What is left out is left to the service's default. */
export interface ResponseRequest {
  /** Name of the deployment of a text model, such as one of gpt-4.1. Either this or {@link agent}. */
  model?: string;
  /** An agent of a Foundry project: its name, or its name with a version. Without a version, the latest answers. */
  agent?: string | { name: string; version?: string };
  /** What is said to it: a text of the user, or texts, pictures, messages and items of the service in their order. */
  input: string | readonly ResponseInputItem[];
  /** How it is to behave. */
  instructions?: string;
  /** The options of the tool that draws. A model is given the tool in any case. Not next to an agent, which has its own. */
  tool?: ImageGenToolOptions;
  /**
   * Whether a tool is used: as the model sees fit (`auto`, the service's default), never, in any case, or in any case the one
   * of this name. Not next to an agent.
   */
  toolChoice?: "auto" | "none" | "required" | "image_generation" | (string & {});
  /** The id of the response that this one goes on from. Not together with {@link conversation}. */
  previousResponseId?: string | undefined;
  /** The conversation that this belongs to, or its id. */
  conversation?: string | { id: string } | undefined;
  /** To find the response by: at most 16 pairs, with names of at most 64 and values of at most 512 characters. */
  metadata?: Record<string, string>;
  /** Whether the service keeps the response, which going on from it and the background need. The service's default: true. */
  store?: boolean;
  /** Name of the deployment of the image model; not set: that of the client. It is not {@link model}, which only writes. */
  imageDeployment?: string;
  /** More members for the body of the request, as Azure spells them. They win over the ones above. */
  extraBody?: Record<string, unknown>;
}

/** Something that is said. Texts, pictures and files that stand side by side become one message of the user. */
export type ResponseInputItem = ResponseInputPart | ResponseInputMessage;

/** A part of a message: a text, with or without its name, a picture, an uploaded file, or what the service knows beside them. */
export type ResponseInputPart = string | ResponseInputText | ResponseInputImage | ResponseInputFile | ServiceItem;

/** A text. */
export interface ResponseInputText {
  /** What is said. */
  text: string;
}

/** A picture to look at or to work from. */
export interface ResponseInputImage {
  /** In any form that an edit takes, or an `http:` or `https:` URL, which the service fetches, as is a picture that is only a URL. */
  image: ImageInput;
  /** How closely the text model looks at it. The service's default: `auto`. */
  detail?: "low" | "high" | "auto" | (string & {});
}

/** A picture that was uploaded. Azure's documentation says that it accepts none; a Foundry project may. */
export interface ResponseInputFile {
  /** The id of the file. */
  fileId: string;
  /** As for {@link ResponseInputImage.detail}. */
  detail?: "low" | "high" | "auto" | (string & {});
}

/** What somebody says. */
export interface ResponseInputMessage {
  /** Who says it. */
  role: "user" | "assistant" | "system" | "developer" | (string & {});
  /** What is said. */
  content: string | readonly ResponseInputPart[];
}

/**
 * An item of the input, or a part of a message, in the service's own form, which is passed on as it is. An earlier picture to
 * work from is `{ type: "image_generation_call", id }`.
 */
export type ServiceItem =
  | { type: string; [member: string]: unknown }
  // What is declared as an interface, such as the types of the openai package, has no index.
  | { type: string };

/** The options of the tool with which a model draws. What is left out is left to the service's default. */
export interface ImageGenToolOptions {
  /** The image model. Not set: {@link ResponseRequest.imageDeployment}, which decides on Azure in any case. */
  model?: string;
  /** More quality takes more time and tokens. The service's default: `auto`. */
  quality?: "auto" | "low" | "medium" | "high" | (string & {});
  /** Width × height in pixels. What is legal depends on the model. The service's default: `auto`. */
  size?: "auto" | "1024x1024" | "1536x1024" | "1024x1536" | (string & {});
  /** File format. The service's default: `png`. */
  outputFormat?: "png" | "jpeg" | "webp" | (string & {});
  /** 0 to 100, for JPEG and WebP. The service's default: 100. */
  outputCompression?: number;
  /** How strict the content filter of the image model is. The service's default: `auto`. */
  moderation?: "auto" | "low" | (string & {});
  /** `transparent` needs PNG or WebP. The service's default: `auto`. */
  background?: "auto" | "opaque" | "transparent" | (string & {});
  /** How closely details such as faces are kept. Not every model knows it. The service's default: `low`. */
  inputFidelity?: "low" | "high" | (string & {});
  /**
   * A PNG of the size of the input's first picture, which is changed where this is transparent: in any form that an edit takes,
   * as a URL that the service fetches, or as the id of an uploaded file.
   */
  inputImageMask?: ImageInput | { fileId: string } | { imageUrl: string };
  /** How many partialImages of each picture at most, 0 to 3; only of a streamed response. The service's default: 0. */
  partialImages?: 0 | 1 | 2 | 3 | (number & {});
  /** Whether it makes a new picture or works on one of the input. The service's default, `auto`: as the model sees fit. */
  action?: "auto" | "generate" | "edit" | (string & {});
  /** More members of the tool, as Azure spells them. They win over the ones above. */
  extra?: Record<string, unknown>;
}

/** A request as it was when the page handed it over. Its pictures stand where their URLs will. */
export interface CapturedResponse {
  /** What the engine reads as it is. */
  request: Record<string, unknown>;
  input: unknown;
  tool: Record<string, unknown> | undefined;
  pictures: CapturedInput[];
}

/** A request that is ready to be sent. */
export interface PreparedResponse {
  /** In the form in which the engine reads it. */
  request: Record<string, unknown>;
  /** What stands in the request for the base64 of each picture. */
  images: (PreparedInput & { param: string; marker: string; base64: Blob })[];
  /** What was changed about the pictures on the way. */
  warnings: ValidationProblem[];
}

/** Takes hold of a request at once: what the page does to it afterwards changes nothing. Throws what is wrong with it. */
export function captureResponse(request: unknown): CapturedResponse {
  refuseUnless(isObject(request), "request", 'must be an object, such as { model: "gpt-4.1", input: "draw a lighthouse at dawn" }');
  const pictures: CapturedInput[] = [];
  const { input, agent, tool, conversation, metadata, extraBody, ...others } = members(request, "");
  return {
    input: captureItems(input, pictures),
    tool: isSet(tool) ? captureTool(tool, pictures) : undefined,
    request: {
      ...others,
      ...(isSet(agent) && { agent: captureAgent(agent) }),
      ...(isSet(conversation) && { conversation: captureConversation(conversation) }),
      ...(isSet(metadata) && { metadata: captureMetadata(metadata) }),
      ...(isSet(extraBody) && { extraBody: captureExtra(extraBody, "extraBody") }),
    },
    pictures,
  };
}

/** Makes a request ready: one picture after the other, so that the memory of the page holds a piece of one at most. */
export async function prepareResponse(client: Client, captured: CapturedResponse, signal: AbortSignal): Promise<PreparedResponse> {
  const urls = new Map<unknown, string>();
  const images: PreparedResponse["images"] = [];
  const warnings: ValidationProblem[] = [];
  for (const picture of captured.pictures) {
    const { param } = picture;
    const prepared = await prepareInput(client, picture);
    const { blob, mediaType } = prepared;
    if (!mediaType) throw invalidRequest(param, `${param} is not a picture that Azure takes. Use PNG or JPEG.`);
    const marker = newMarker();
    const base64 = await base64Of(blob, signal).catch((cause: unknown) => {
      throw unreadable(param, cause);
    });
    images.push({ ...prepared, param, marker, base64 });
    urls.set(picture, `data:${mediaType};base64,${marker}`);
    warnings.push(...conversion(prepared, param));
  }
  const { request, tool } = captured;
  const mask = tool?.["inputImageMask"];
  return {
    request: {
      ...request,
      input: JSON.stringify(captured.input, (_, value: unknown) => urls.get(value) ?? value),
      tool: tool && { ...tool, inputImageMask: urls.has(mask) ? { imageUrl: urls.get(mask) } : mask },
    },
    images,
    warnings,
  };
}

/** A text that stands nowhere else, whatever a user writes. Not by `randomUUID`, which a page without https lacks. */
function newMarker(): string {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The input in the service's form. */
function captureItems(input: unknown, pictures: CapturedInput[]): unknown {
  if (typeof input === "string") return input;
  if (!Array.isArray(input)) {
    const fault = isSet(input) ? "must be a text or a list of items" : "is missing";
    throw invalidRequest("input", `input ${fault}. Say what to draw: "a lighthouse at dawn", or ["like this", { image: file }].`);
  }
  const items: unknown[] = [];
  /** Of the message of the user that goes on. */
  let parts: unknown[] | undefined;
  for (const [index, item] of list(input, "input").entries()) {
    const param = `input[${index}]`;
    const copy = membersOfItem(item, param, `${PARTS}, a message { role, content }, or an item in the service's own form, which has a type`);
    if (isService(copy)) {
      parts = undefined;
      items.push(captureService(item, copy, param));
    } else if ("role" in copy || "content" in copy) {
      parts = undefined;
      items.push(captureMessage(copy, param, pictures));
    } else {
      if (!parts) items.push({ type: "message", role: "user", content: (parts = []) });
      parts.push(capturePart(copy, param, "input_text", pictures));
    }
  }
  return items;
}

function captureMessage(message: Record<string, unknown>, param: string, pictures: CapturedInput[]): unknown {
  refuseUnknown(message, messageNames, param);
  const { role, content } = message;
  refuseUnless(typeof role === "string", `${param}.role`, 'must be a text, such as "user"');
  if (typeof content === "string") return { type: "message", role, content };
  refuseUnless(Array.isArray(content), `${param}.content`, "must be a text or a list of parts");
  const textType = role === "assistant" ? "output_text" : "input_text";
  const parts = list(content, `${param}.content`).map((part, index) => {
    const place = `${param}.content[${index}]`;
    const copy = membersOfItem(part, place, `${PARTS}, or a part in the service's own form, which has a type`);
    return isService(copy) ? captureService(part, copy, place) : capturePart(copy, place, textType, pictures);
  });
  return { type: "message", role, content: parts };
}

const PARTS = "a text, { text }, { image }, { fileId }";

function capturePart(part: Record<string, unknown>, param: string, textType: string, pictures: CapturedInput[]): unknown {
  const named = ["text", "image", "fileId"].filter((name) => Object.hasOwn(part, name));
  // A picture that the page has not got is better named than overlooked.
  const set = named.filter((name) => part[name] !== undefined);
  const [form, other] = set.length > 0 ? set : named;
  refuseUnless(other === undefined, param, `has both ${form} and ${other}. Make two parts of it`);
  refuseUnknown(part, form === "text" ? textNames : partNames, param);
  refuseUnless(form !== undefined, param, `must be ${PARTS}`);
  const { text, image, fileId, detail } = part;
  refuseUnless(detail === undefined || typeof detail === "string", `${param}.detail`, 'must be a text, such as "high"');
  if (form === "text") {
    refuseUnless(typeof text === "string", `${param}.text`, "must be a text");
    return { type: textType, text };
  }
  if (form === "fileId") {
    refuseUnless(typeof fileId === "string", `${param}.fileId`, "must be a text, the id of an uploaded file");
    return { type: "input_image", file_id: fileId, detail };
  }
  return { type: "input_image", image_url: captureImage(image, `${param}.image`, pictures), detail };
}

/** A URL that the service fetches, or what the URL of the picture's bytes will take the place of. */
function captureImage(image: unknown, param: string, pictures: CapturedInput[]): string | CapturedInput {
  const url = image instanceof GeneratedImage ? image.url : image;
  if (typeof url === "string" && /^https?:/i.test(url)) return url;
  const captured = captureInput(image, param);
  pictures.push(captured);
  return captured;
}

function captureService(item: unknown, { type }: Record<string, unknown>, param: string): unknown {
  refuseUnless(typeof type === "string", `${param}.type`, "must be a text, the name that the service has for it");
  // A copy of what would be sent.
  return JSON.parse(read(param, () => jsonText(item, param)));
}

function captureTool(tool: unknown, pictures: CapturedInput[]): Record<string, unknown> {
  refuseUnless(isObject(tool), "tool", 'must be an object, such as { size: "1024x1024" }');
  refuseUnknown(tool, toolNames, "tool");
  const { inputImageMask, extra, ...others } = members(tool, "tool");
  return {
    ...others,
    ...(isSet(inputImageMask) && { inputImageMask: captureMask(inputImageMask, pictures) }),
    ...(isSet(extra) && { extra: captureExtra(extra, "tool.extra") }),
  };
}

function captureMask(mask: unknown, pictures: CapturedInput[]): unknown {
  const param = "tool.inputImageMask";
  if (isPlain(mask) && ("fileId" in mask || "imageUrl" in mask)) {
    refuseUnknown(mask, maskNames, param);
    return members(mask, param);
  }
  const captured = captureImage(mask, param, pictures);
  return typeof captured === "string" ? { imageUrl: captured } : captured;
}

function captureAgent(agent: unknown): unknown {
  if (typeof agent === "string") return { name: agent };
  const copy = isPlain(agent) ? members(agent, "agent") : {};
  refuseUnless(typeof copy["name"] === "string", "agent", "must be the name of an agent, or { name, version }");
  return copy;
}

function captureConversation(conversation: unknown): string {
  const id = isPlain(conversation) ? members(conversation, "conversation")["id"] : conversation;
  refuseUnless(typeof id === "string", "conversation", "must be the id of a conversation, or { id }");
  return id;
}

function captureMetadata(metadata: unknown): unknown {
  refuseUnless(isPlain(metadata), "metadata", "must be a plain object with texts");
  const pairs = Object.entries(members(metadata, "metadata"));
  for (const [name, value] of pairs) {
    refuseUnless(typeof value === "string", "metadata", `has a value that is no text, ${JSON.stringify(name)}. Write it as a text`);
  }
  return pairs;
}

function captureExtra(extra: unknown, param: string): string {
  return read(param, () => json(extra, param));
}

/** The members of an item or a part; a text is one, too. */
function membersOfItem(item: unknown, param: string, forms: string): Record<string, unknown> {
  if (typeof item === "string") return { text: item };
  refuseUnless(isPlain(item), param, `must be ${forms}`);
  return members(item, param);
}

function isService(item: Record<string, unknown>): boolean {
  return item["type"] !== undefined;
}

function refuseUnless(right: boolean, param: string, fault: string): asserts right {
  if (!right) throw invalidRequest(param, `${param} ${fault}.`);
}

/** A copy of an object of the page's, each of whose getters may throw. */
function members(value: object, path: string): Record<string, unknown> {
  const names = read(path || "request", () => Object.keys(value));
  const member = (name: string) => read(path ? `${path}.${name}` : name, () => (value as Record<string, unknown>)[name]);
  return Object.fromEntries(names.map((name) => [name, member(name)]));
}

/** The same of a list. */
function list(value: unknown[], path: string): unknown[] {
  return Array.from({ length: value.length }, (_, index) => read(`${path}[${index}]`, () => value[index]));
}

/** Whether it is an object of names and values, of whatever realm: neither bytes, nor a list, nor anything of the browser's. */
function isPlain(value: unknown): value is object {
  return Object.prototype.toString.call(value) === "[object Object]" && !(value instanceof GeneratedImage);
}
