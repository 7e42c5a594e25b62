/** The routes of files. */

import type { Answer } from "../http/answer.js";
import { AzureError } from "../service/azure-error.js";
import { checkContentType } from "../service/content-type.js";
import { fileDocument, storedFile, type StoredFile } from "../service/files.js";
import { jsonAnswer } from "../service/json-answer.js";
import { page } from "../service/paging.js";
import { list, missingParameter } from "../service/validation.js";
import type { ResponseRoute } from "./route.js";

const PURPOSES = ["assistants", "batch", "fine-tune", "evals"];

/** Purposes of OpenAI that go with the ids of files as pictures. */
const PICTURE_PURPOSES = ["vision", "user_data"];

const LARGEST_FILE = 512 * 1024 * 1024;

function findFile({ workspace }: ResponseRoute, id: string): StoredFile {
  const file = workspace.files.get(id);
  if (file !== undefined) return file;
  throw new AzureError({
    status: 404,
    body: { error: { message: `No such File object: ${id}`, type: "invalid_request_error", param: "id", code: null } },
  });
}

/** Keeps a file. */
export function uploadFile({ exchange, service, workspace }: ResponseRoute): Answer {
  checkContentType(exchange, "multipart/form-data");
  const { fields, files } = exchange.form ?? { fields: {}, files: [] };
  const file = files.find(({ field }) => field === "file");
  const { purpose } = fields;
  if (file === undefined) throw missingParameter("file");
  if (typeof purpose !== "string") throw missingParameter("purpose");
  const purposes = service.options.acceptFileIds ? [...PURPOSES, ...PICTURE_PURPOSES] : PURPOSES;
  if (!purposes.includes(purpose)) {
    throw AzureError.invalidRequest("invalid_value", `Invalid value: '${purpose}'. Supported values are: ${list(purposes)}.`, "purpose");
  }
  if (file.bytes.byteLength > LARGEST_FILE) throw AzureError.sample("413-too-large");
  const seconds = fields["expires_after[seconds]"];
  const stored = storedFile(file, purpose, typeof seconds === "string" ? Number(seconds) : undefined);
  workspace.files.set(stored.id, stored);
  return jsonAnswer(fileDocument(stored));
}

/** Lists the files, of one purpose if the query names it. */
export function listFiles({ exchange, workspace }: ResponseRoute): Answer {
  const { query } = exchange.entry;
  const files = [...workspace.files.values()].filter(({ purpose }) => purpose === (query["purpose"] ?? purpose));
  const { data, ...ends } = page(files, query, ({ id }) => id);
  return jsonAnswer({ ...ends, data: data.map(fileDocument) });
}

/** Answers with what is known of a file. */
export function getFile(route: ResponseRoute, id: string): Answer {
  return jsonAnswer(fileDocument(findFile(route, id)));
}

/** Answers with the bytes of a file. */
export function getFileContent(route: ResponseRoute, id: string): Answer {
  const { bytes, contentType } = findFile(route, id).file;
  return { status: 200, headers: { "content-type": contentType }, frames: [{ kind: "other", segments: [{ bytes }] }] };
}

/** Deletes a file. */
export function deleteFile(route: ResponseRoute, id: string): Answer {
  route.workspace.files.delete(findFile(route, id).id);
  return jsonAnswer({ id, object: "file", deleted: true });
}
