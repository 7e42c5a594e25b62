import { invalidRequest } from "../core/error.js";
import { operationNames, responseOptionNames, type Names } from "../core/members.js";
import { isSet, own } from "../core/own.js";
import { isObject, read, refuseProxy } from "../core/snapshot.js";
import { classOf } from "../images/held.js";
import { checkReadable, inspect, readInput, unreadable } from "../images/input.js";
import { onlyFile } from "../images/source.js";
import type { Client } from "../wasm/azure_image_client.js";
import { count, text } from "./checks.js";
import type { FileContentOptions, FileListOptions, FileReference, UploadOptions } from "./files.js";
import { DELETION, type Call, type DocumentRecord, type Operation, type Order } from "./operation.js";
import { listing, listNames } from "./page.js";
import { fromWire } from "./wire.js";

const uploadNames: Names<UploadOptions> = { ...responseOptionNames, purpose: 1, fileName: 1, expiresAfterInSeconds: 1 };
const fileListNames: Names<FileListOptions> = { ...listNames, purpose: 1 };
const contentNames: Names<FileContentOptions> = { ...operationNames, containerId: 1 };

export const FILE_OPERATIONS = {
  uploadFile: { known: uploadNames, order: uploading, result: fromWire },
  getFile: { order: fileOf, result: fromWire },
  listFiles: listing(fromWire, fileListNames, ({ options: { purpose } }) =>
    isSet(purpose) ? { query: [["purpose", text(purpose, "purpose")]] } : {},
  ),
  getFileContent: { known: contentNames, order: contentOf, read: download },
  deleteFile: { order: fileOf, ...DELETION },
} satisfies Record<string, Operation>;

function fileOf({ parameters: { id } }: Call): Order {
  return { id: text(id, "id") };
}

async function uploading({ parameters, options: { purpose, fileName, expiresAfterInSeconds }, client }: Call): Promise<Order> {
  const input = onlyFile(parameters["file"], "file");
  const fields: [string, string][] = [["purpose", isSet(purpose) ? text(purpose, "purpose") : "assistants"]];
  if (isSet(expiresAfterInSeconds)) {
    fields.push(["expires_after[anchor]", "created_at"], ["expires_after[seconds]", String(count(expiresAfterInSeconds, "expiresAfterInSeconds"))]);
  }
  const name = isSet(fileName) ? text(fileName, "fileName") : nameOf(input);
  const { blob, param } = readInput(input, "file");
  const file = await typed(client, await blob, param);
  const [mediaType = ""] = file.type.split(";");
  return { fields, file, fileName: name || `file.${EXTENSIONS.get(mediaType) ?? "bin"}` };
}

/** Returns the content with the type that the bytes reveal. */
async function download({ client }: Call, { blob, contentType = "" }: DocumentRecord): Promise<Blob> {
  const { displayType } = await inspect(client, blob, "edit", false);
  return blob.slice(0, blob.size, displayType ?? contentType);
}

function contentOf({ parameters: { file }, options: { containerId: given } }: Call): Order {
  const reference = isObject(file) ? read("file", () => own(file)) : { fileId: file };
  const { fileId, containerId: named } = own(reference as FileReference);
  const containerId = named ?? given;
  if (typeof fileId !== "string" || fileId === "") {
    throw invalidRequest("file", "file must be the id of a file, or a citation or search result with a fileId.");
  }
  if (fileId.startsWith("cfile_") && !isSet(containerId)) {
    throw invalidRequest("containerId", `${fileId} is a file in a container. Pass the citation instead of its fileId, or set containerId.`);
  }
  return { id: fileId, ...(isSet(containerId) && { containerId: text(containerId, "containerId") }) };
}

function nameOf(input: unknown): string {
  return classOf(input) === "File" ? refuseProxy(input as File, "name", "file", "a Blob").name : "";
}

/** Adds the type that the bytes reveal. A file that was deleted or changed after it was picked is refused here. */
async function typed(client: Client, blob: Blob, param: string): Promise<Blob> {
  try {
    if (blob.type !== "") {
      await checkReadable(blob);
      return blob;
    }
    const { displayType } = await inspect(client, blob, "edit", false);
    return displayType === undefined ? blob : blob.slice(0, blob.size, displayType);
  } catch (cause) {
    throw unreadable(param, cause);
  }
}

/** Services rely on the file extension. */
const EXTENSIONS = new Map([
  ["image/png", "png"],
  ["image/jpeg", "jpg"],
  ["image/webp", "webp"],
  ["image/gif", "gif"],
  ["application/json", "json"],
  ["application/jsonl", "jsonl"],
  ["application/pdf", "pdf"],
  ["text/csv", "csv"],
  ["text/plain", "txt"],
]);
