/** Reads the content of input items: texts, files and images. */

import type { FormFile } from "../http/form.js";
import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import { decodeBase64 } from "../service/base64.js";
import { pictureFile } from "../service/files.js";
import { invalidType, list, missingParameter, typeOf } from "../service/validation.js";

/** Resolves the images that an input only names. */
export interface PictureSources {
  /** Returns an uploaded file as an image of a message. Throws the error of its ID. */
  readonly file: (id: string, param: string) => FormFile;
  /** Returns an uploaded file as a screenshot. Throws the error of its ID. */
  readonly screenshot: (id: string, param: string) => FormFile;
  /** Returns the image of an image generation call. */
  call(id: string): Promise<FormFile | undefined>;
  /** Returns the output item of an earlier response. */
  item(id: string): JsonObject | undefined;
}

const DATA_URL = /^data:([^;,]*);base64,/;

/** Long enough for any description; a data URL itself would fill the error. */
const SHOWN_LENGTH = 80;

/** The error for a value outside a list. */
export function invalidValue(value: unknown, values: readonly string[], param: string): AzureError {
  return AzureError.invalidRequest("invalid_value", `Invalid value: '${String(value)}'. Supported values are: ${list(values)}.`, param);
}

/** Checks a required string of an item. */
export function checkString(item: JsonObject, name: string, path: string): void {
  const value = item[name];
  if (value === undefined || value === null) throw missingParameter(`${path}.${name}`);
  if (typeof value !== "string") throw invalidType(`${path}.${name}`, "a string", typeOf(value));
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

/** Reads the image of an object that has either `image_url` or `file_id`. */
export function readPicture(reference: JsonObject, field: string, path: string, findFile: PictureSources["file"]): FormFile {
  const { image_url: url, file_id: id } = reference;
  const both = [url, id].filter((value) => value !== undefined && value !== null);
  if (both.length !== 1) {
    throw AzureError.invalidRequest("missing_required_parameter", `Invalid '${path}': exactly one of 'image_url' and 'file_id' is required.`, path);
  }
  if (typeof url === "string") return readDataUrl(url, field, `${path}.image_url`);
  if (typeof id === "string") return { ...findFile(id, `${path}.file_id`), field };
  throw invalidType(path, "a string", typeOf(both[0]));
}

/** Checks content and returns its images. `types` are the supported types of its parts. */
export function readContent(content: unknown, types: readonly string[], path: string, sources: PictureSources): FormFile[] {
  if (typeof content === "string") return [];
  if (!Array.isArray(content)) throw invalidType(path, "an array or a string", typeOf(content));
  return content.map(Object).flatMap((part: JsonObject, index) => {
    const place = `${path}[${index}]`;
    const type = String(part["type"]);
    if (!types.includes(type)) throw invalidValue(part["type"], types, `${place}.type`);
    if (type.endsWith("_text") && typeof part["text"] !== "string") throw invalidType(`${place}.text`, "a string", typeOf(part["text"]));
    return type === "input_image" ? [readPicture(part, "image[]", place, sources.file)] : [];
  });
}

/** Joins the texts of content. Ignores malformed parts. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part) => (Object(part) as JsonObject)["text"])
    .filter((text) => typeof text === "string")
    .join("\n");
}
