/** Reads the input of a response: messages, replies to calls, and images. */

import type { FormFile } from "../http/form.js";
import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import { pictureFile } from "../service/files.js";
import { newId } from "../service/ids.js";
import { invalidType, missingParameter } from "../service/validation.js";
import { checkCall } from "./calls.js";
import { invalidValue, readContent, textOf, type PictureSources } from "./content.js";
import { readReply, type Reply } from "./replies.js";

/** An item of the input, once it is read. */
export interface InputItem {
  /** The item itself, or the referenced item of an earlier response. */
  readonly item: JsonObject;
  /** The content of a reply; absent for any other item. */
  readonly reply?: Reply | undefined;
}

/** What came in. */
export interface ResponseInput {
  /** The items as they are kept, each with an id. */
  readonly items: readonly JsonObject[];
  /** The items as they are understood. */
  readonly read: readonly InputItem[];
  /** The pictures of the last item that shows any. */
  readonly pictures: readonly FormFile[];
}

const ROLES = ["user", "assistant", "system", "developer"];
const PARTS = ["input_text", "input_image", "input_file", "output_text", "refusal"];

function readMessage(item: JsonObject, path: string, sources: PictureSources): FormFile[] {
  if (!ROLES.includes(String(item["role"]))) throw invalidValue(item["role"], ROLES, `${path}.role`);
  return readContent(item["content"], PARTS, `${path}.content`, sources);
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

/** Returns the images that an item shows. */
async function readPictures(item: JsonObject, path: string, sources: PictureSources): Promise<readonly FormFile[]> {
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
  if (input === undefined) throw missingParameter("input");
  if (!Array.isArray(input)) throw invalidType("input", "a string or an array", typeof input);
  return input.map((item) => Object(item) as JsonObject);
}

/** Returns an item with its type and an ID. */
function kept(item: JsonObject): JsonObject {
  const type = item["type"] ?? "message";
  return { type, ...item, id: item["id"] ?? newId(type === "message" ? "msg_" : "item_") };
}

/** Reads the input, or throws its refusal. */
export async function readInput(input: unknown, sources: PictureSources): Promise<ResponseInput> {
  const items = itemsOf(input);
  const read: InputItem[] = [];
  const pictures: (readonly FormFile[])[] = [];
  for (const [index, item] of items.entries()) {
    const path = `input[${index}]`;
    checkCall(item, path);
    const reply = await readReply(item, path, sources);
    pictures.push(reply?.pictures ?? (await readPictures(item, path, sources)));
    const referenced = item["type"] === "item_reference" ? sources.item(String(item["id"])) : undefined;
    read.push({ item: referenced ?? item, reply });
  }
  return { items: items.map(kept), read, pictures: pictures.findLast((shown) => shown.length > 0) ?? [] };
}

/** What the user said last; of an input that is malformed, as much as can be read. */
export function lastWords(input: unknown): string {
  if (typeof input === "string") return input;
  if (!Array.isArray(input)) return "";
  const message = input.findLast((item) => (Object(item) as JsonObject)["role"] === "user");
  return textOf((Object(message) as JsonObject)["content"]);
}
