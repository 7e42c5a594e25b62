// The parameters of a request that the proxy decides about, and their form in JSON and in multipart forms.

import { type JsonObject, isObject } from "./json.js";
import type { FieldReader } from "./multipart.js";
import { badRequest, quote } from "./refusal.js";

/** Types of the parameters of an image request. All else passes unread. */
const IMAGE_TYPES = {
  model: "string",
  size: "string",
  quality: "string",
  aspect_ratio: "string",
  n: "integer",
  width: "integer",
  height: "integer",
  partial_images: "integer",
  stream: "boolean",
} as const;

/** Parameters of a response, besides those of its tools. */
const RESPONSE_TYPES = { model: "string", stream: "boolean" } as const;
/** Parameters of a response that the proxy reads itself. */
const RESPONSE_OBJECTS = ["tools", "agent", "agent_reference"];
/** Parameters of a tool. */
const TOOL_TYPES = { type: "string", model: "string", size: "string", quality: "string", partial_images: "integer" } as const;

type Types = Record<string, "string" | "integer" | "boolean">;

/** Parameters that cost money or select a deployment. `undefined`: the service chooses the value. */
export interface ImageParameters {
  /** Deployment, in the body or the path. */
  deployments: string[];
  n: number;
  /** Size as `WxH`, `auto`, or an aspect ratio. */
  size: string | undefined;
  quality: string | undefined;
  /** Partial images that the service sends. */
  partialImages: number;
  /** Input images of a FLUX request. */
  inputs: number;
}

/** An image tool of a response. */
export type ImageTool = Pick<ImageParameters, "size" | "quality" | "partialImages"> & { model: string | undefined };

/** Parameters of a response. */
export interface ResponseParameters {
  model: string | undefined;
  agent: string | undefined;
  /** Types of all tools. */
  tools: string[];
  imageTools: ImageTool[];
}

/** Reads the parameters of an image request. */
export function readImage(body: JsonObject, pathDeployment: string | undefined): ImageParameters {
  checkNames(body, Object.keys(IMAGE_TYPES));
  const values = readValues(body, IMAGE_TYPES);
  const { model, size, width, height, aspect_ratio: ratio, quality, n, stream, partial_images: partialImages } = values;
  if ((width === undefined) !== (height === undefined)) throw badRequest("Pass width and height together.", "width");
  const sizes = [size, width === undefined ? undefined : `${width}x${height}`, ratio].filter((one) => one !== undefined);
  if (sizes.length > 1) throw badRequest("The size is given in more than one way.", "size");
  return {
    deployments: [model, pathDeployment].filter((name): name is string => name !== undefined),
    n: typeof n === "number" ? n : 1,
    size: sizes[0] as string | undefined,
    quality: quality as string | undefined,
    partialImages: stream === true && typeof partialImages === "number" ? partialImages : 0,
    inputs: Object.keys(body).filter((name) => name.startsWith("input_image")).length,
  };
}

/** Reads the parameters of a response. */
export function readResponse(body: JsonObject): ResponseParameters {
  checkNames(body, [...Object.keys(RESPONSE_TYPES), ...RESPONSE_OBJECTS]);
  const { model, stream } = readValues(body, RESPONSE_TYPES);
  const tools = readTools(body["tools"]);
  return {
    model: model as string | undefined,
    agent: readAgent(body),
    tools: tools.map(({ type }) => type as string),
    imageTools: tools
      .filter(({ type }) => type === "image_generation")
      .map(({ model, size, quality, partial_images: partialImages }) => ({
        model: model as string | undefined,
        size: size as string | undefined,
        quality: quality as string | undefined,
        partialImages: stream === true && typeof partialImages === "number" ? partialImages : 0,
      })),
  };
}

function readTools(tools: unknown): Values[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw badRequest("tools must be a list.", "tools");
  return tools.map((tool: unknown) => {
    if (!isObject(tool)) throw badRequest("Each entry of tools must be an object.", "tools");
    checkNames(tool, Object.keys(TOOL_TYPES));
    const values = readValues(tool, TOOL_TYPES);
    if (values["type"] === undefined) throw badRequest("Each entry of tools must have a type.", "tools");
    return values;
  });
}

function readAgent({ agent, agent_reference: reference }: JsonObject): string | undefined {
  const given = [agent, reference].filter((one) => one !== undefined && one !== null);
  if (given.length === 0) return undefined;
  const [only] = given;
  if (given.length > 1 || !isObject(only) || typeof only["name"] !== "string") {
    throw badRequest("Pass one agent, as an object with a name.", "agent_reference");
  }
  const unknown = Object.keys(only).find((name) => !["name", "type", "version"].includes(name));
  if (unknown !== undefined) throw badRequest(`The agent has the unknown property ${unknown.slice(0, 40)}.`, "agent_reference");
  return only["name"];
}

type Values = Record<string, string | number | boolean | undefined>;

/** Reads values of known types. `null` is the same as absent. */
function readValues(body: JsonObject, types: Types): Values {
  return Object.fromEntries(
    Object.entries(types).map(([name, type]) => {
      const value = Object.hasOwn(body, name) ? body[name] : undefined;
      if (value === undefined || value === null) return [name, undefined];
      const isRight = type === "integer" ? Number.isSafeInteger(value) && (value as number) >= 0 : typeof value === type;
      if (!isRight) throw badRequest(`${name} must be a ${type === "integer" ? "whole number" : type}, not ${quote(value)}.`, name);
      return [name, value as string | number | boolean];
    }),
  );
}

/**
 * Refuses names that another parser could take for one of `read`: `Model`, `n[]`, or with a letter outside ASCII that some parsers treat as
 * equal to one inside.
 */
function checkNames(body: JsonObject, read: string[]): void {
  for (const name of Object.keys(body)) checkName(name, read);
}

function checkName(name: string, read: readonly string[]): void {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9_]/g, "");
  const isPlain = /^[\w.$:[\]-]*$/.test(name);
  if (!isPlain || (read.includes(plain) && !read.includes(name))) throw badRequest(`The name ${quote(name)} is ambiguous.`, name);
}

/** Longest value of a parameter in a form, in bytes. */
const MAX_FIELD_BYTES = 256;

/** Collects the parameters of a form, as the JSON of the same request would have them. */
export class FormParameters implements FieldReader {
  readonly #values: JsonObject = {};

  limit(name: string, isFile: boolean): number | undefined {
    const names = Object.keys(IMAGE_TYPES);
    checkName(name, names);
    if (!names.includes(name)) return undefined;
    if (isFile) throw badRequest(`${name} must not be a file.`, name);
    if (Object.hasOwn(this.#values, name)) throw badRequest(`The field ${quote(name)} occurs twice.`, name);
    return MAX_FIELD_BYTES;
  }

  read(name: string, text: string): void {
    const type = IMAGE_TYPES[name as keyof typeof IMAGE_TYPES];
    this.#values[name] = type === "string" ? text : convert(name, type, text);
  }

  /** Returns the collected values. */
  get values(): JsonObject {
    return this.#values;
  }
}

function convert(name: string, type: "integer" | "boolean", text: string): number | boolean {
  if (type === "integer" && /^\d{1,9}$/.test(text)) return Number(text);
  // Azure's parser of forms wants "True".
  if (type === "boolean" && /^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  throw badRequest(`${name} must be a ${type === "integer" ? "whole number" : type}, not ${quote(text)}.`, name);
}
