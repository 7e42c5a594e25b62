/** Reads the input of a response: what is said, and the pictures that are shown. */

import type { FormFile } from "../http/form.js";
import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import { decodeBase64 } from "../service/base64.js";
import { pictureFile } from "../service/files.js";
import { newId } from "../service/ids.js";
import { invalidType, list } from "../service/validation.js";

/** Where the pictures are found that an input only names. */
export interface PictureSources {
  /** An uploaded file, or the refusal of its id. */
  file(id: string, param: string): FormFile;
  /** The picture of an image generation call. */
  call(id: string): Promise<FormFile | undefined>;
}

/** What came in. */
export interface ResponseInput {
  /** The items as they are kept, each with an id. */
  readonly items: readonly JsonObject[];
  /** The pictures of the last item that shows any. */
  readonly pictures: readonly FormFile[];
}

const ROLES = ["user", "assistant", "system", "developer"];
const PARTS = ["input_text", "input_image", "input_file", "output_text", "refusal"];

const DATA_URL = /^data:([^;,]*);base64,/;

/** Long enough for any description; a data URL itself would fill the error. */
const SHOWN_LENGTH = 80;

function invalidValue(value: unknown, values: readonly string[], param: string): AzureError {
  return AzureError.invalidRequest("invalid_value", `Invalid value: '${String(value)}'. Supported values are: ${list(values)}.`, param);
}

function readDataUrl(url: string, field: string, param: string): FormFile {
  const mediaType = DATA_URL.exec(url.slice(0, 200))?.[1];
  if (mediaType === undefined) {
    const shown = url.slice(0, SHOWN_LENGTH);
    throw /^https?:/i.test(url)
      ? AzureError.invalidRequest("failed_to_download_image", `Error while downloading ${shown}.`, param)
      : AzureError.invalidRequest(
          "invalid_value",
          `Invalid '${param}'. Expected a valid URL, but got a value with an invalid format: '${shown}'.`,
          param,
        );
  }
  const bytes = decodeBase64(url.slice(url.indexOf(",") + 1));
  if (bytes === undefined) {
    throw AzureError.invalidRequest("invalid_base64_image", `Invalid '${param}': the data is not valid base64.`, param);
  }
  return pictureFile(field, mediaType.toLowerCase(), bytes);
}

/** The picture of an object that has either `image_url` or `file_id`. */
export function readPicture(reference: JsonObject, field: string, path: string, sources: PictureSources): FormFile {
  const { image_url: url, file_id: id } = reference;
  const both = [url, id].filter((value) => value !== undefined && value !== null);
  if (both.length !== 1) {
    throw AzureError.invalidRequest("missing_required_parameter", `Invalid '${path}': exactly one of 'image_url' and 'file_id' is required.`, path);
  }
  if (typeof url === "string") return readDataUrl(url, field, `${path}.image_url`);
  if (typeof id === "string") return { ...sources.file(id, `${path}.file_id`), field };
  throw invalidType(path, "a string", typeof both[0]);
}

function partsOf(content: unknown, param: string): readonly JsonObject[] {
  if (typeof content === "string") return [{ type: "input_text", text: content }];
  if (!Array.isArray(content)) throw invalidType(param, "an array or a string", typeof content);
  return content.map((part) => Object(part) as JsonObject);
}

function readMessage(item: JsonObject, path: string, sources: PictureSources): FormFile[] {
  if (!ROLES.includes(String(item["role"]))) throw invalidValue(item["role"], ROLES, `${path}.role`);
  return partsOf(item["content"], `${path}.content`).flatMap((part, index) => {
    const place = `${path}.content[${index}]`;
    const type = String(part["type"]);
    if (!PARTS.includes(type)) throw invalidValue(part["type"], PARTS, `${place}.type`);
    if (type.endsWith("_text") && typeof part["text"] !== "string") throw invalidType(`${place}.text`, "a string", typeof part["text"]);
    return type === "input_image" ? [readPicture(part, "image[]", place, sources)] : [];
  });
}

async function readCall({ id, result }: JsonObject, path: string, sources: PictureSources): Promise<FormFile> {
  if (typeof result === "string" && result !== "") return pictureFile("image[]", "image/png", Buffer.from(result, "base64"));
  const picture = typeof id === "string" ? await sources.call(id) : undefined;
  if (picture !== undefined) return picture;
  throw new AzureError({
    status: 404,
    body: { error: { message: `Item with id '${String(id)}' not found.`, type: "invalid_request_error", param: path, code: null } },
  });
}

async function readItem(item: JsonObject, path: string, sources: PictureSources): Promise<FormFile[]> {
  switch (item["type"] ?? "message") {
    case "message":
      return readMessage(item, path, sources);
    case "image_generation_call":
      return [await readCall(item, path, sources)];
    case "item_reference":
      return String(item["id"]).startsWith("ig_") ? [await readCall(item, path, sources)] : [];
    default:
      return [];
  }
}

function itemsOf(input: unknown): readonly JsonObject[] {
  if (typeof input === "string") {
    return [{ type: "message", role: "user", content: [{ type: "input_text", text: input }] }];
  }
  if (input === undefined) {
    throw AzureError.invalidRequest("missing_required_parameter", "Missing required parameter: 'input'.", "input");
  }
  if (!Array.isArray(input)) throw invalidType("input", "a string or an array", typeof input);
  return input.map((item) => Object(item) as JsonObject);
}

/** Reads the input, or throws its refusal. */
export async function readInput(input: unknown, sources: PictureSources): Promise<ResponseInput> {
  const items = itemsOf(input);
  const pictures: FormFile[][] = [];
  for (const [index, item] of items.entries()) pictures.push(await readItem(item, `input[${index}]`, sources));
  return {
    items: items.map((item) => ({ type: "message", ...item, id: item["id"] ?? newId("msg_") })),
    pictures: pictures.findLast((shown) => shown.length > 0) ?? [],
  };
}

/** What the user said last; of an input that is malformed, as much as can be read. */
export function lastWords(input: unknown): string {
  if (typeof input === "string") return input;
  if (!Array.isArray(input)) return "";
  const message = input.findLast((item) => (Object(item) as JsonObject)["role"] === "user");
  const { content } = Object(message) as JsonObject;
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part) => (Object(part) as JsonObject)["text"])
    .filter((text) => typeof text === "string")
    .join("\n");
}
