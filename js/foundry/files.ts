import type { EngineClient } from "../core/engine.js";
import { captureInput, checkReadable, inspect, unreadable, type ImageInput } from "../images/input.js";
import { classOf, onlyFile } from "../images/source.js";
import { count, deleted, download, manage, text } from "./resource.js";
import type { OperationOptions } from "../core/types.js";
import { list, type ListOptions, type PagedList } from "./paging.js";
import { invalidRequest } from "../core/error.js";
import { own } from "../core/own.js";
import { makeProxySafe, rememberSelf } from "../core/proxy-safe.js";
import { contentNames, fileListNames, uploadNames } from "../core/members.js";
import type { Progress } from "../core/types.js";
import { isObject, isSet, read, refuseProxy, type Members } from "../core/snapshot.js";
import { fromWire } from "./wire.js";
import type { Client } from "../wasm/azure_image_client.js";

/** The purpose of a file. Azure's specifications list these; others are sent and may be refused. */
export type FilePurpose = "assistants" | "batch" | "fine-tune" | "evals" | (string & {});

/** Options of an upload. */
export interface UploadOptions extends OperationOptions {
  /** Default: `assistants`. */
  purpose?: FilePurpose;
  /** The name of the stored file. Default: the name of a `File`, or `file` with an extension by its type. */
  fileName?: string;
  /** Lifetime in seconds. Default: the lifetime that Azure gives files. */
  expiresAfterInSeconds?: number;
  /**
   * Called with the stages. The number of uploaded bytes is not available: `fetch` does not report it, and XMLHttpRequest would follow
   * a redirect with the key.
   */
  onProgress?: (progress: Progress) => void;
}

/** A stored file. */
export interface StoredFile {
  /** The id, for {@link ResponseInputFile.fileId}. */
  id: string;
  /** The name of the file. */
  fileName: string;
  /** The size in bytes, if reported. */
  bytes?: number | null;
  /** The purpose of the upload. */
  purpose: FilePurpose;
  /** When it was uploaded. */
  createdOn: Date;
  /** When Azure deletes it. */
  expiresOn?: Date | null;
  /** The status in Azure's words. */
  status?: "uploaded" | "pending" | "running" | "processed" | "error" | "deleting" | "deleted" | (string & {});
  /** The service's id of the request, if the browser may read it. */
  requestId?: string;
  /** Other properties of the service, in camelCase. */
  [member: string]: unknown;
}

/** Options of {@link Files.content}. */
export interface FileContentOptions extends OperationOptions {
  /** The container of a file that the code interpreter made. Not needed with a citation, which names it. */
  containerId?: string;
}

/** A reference to a file, such as a {@link Citation} or a {@link FileSearchResult}. */
export interface FileReference {
  /** The id of the file. */
  fileId?: string;
  /** The container of a file that the code interpreter made. */
  containerId?: string;
}

/** Options of a list of files. */
export interface FileListOptions extends ListOptions {
  /** Only files with this purpose. Default: all purposes. */
  purpose?: FilePurpose;
}

/** The files of a resource or a Foundry project. Calls reject with an `AzureImageError` and are free. */
export class Files {
  readonly #engine: EngineClient;

  /** @internal */
  constructor(engine: EngineClient) {
    rememberSelf(this);
    this.#engine = engine;
  }

  /**
   * Uploads a file unchanged. Image bytes without a type get their type, because Azure refuses images of unknown type.
   *
   * @param file Any file or bytes, or any form of an image. Up to 512 MB (Azure's limit).
   */
  upload(file: ImageInput | FileList, options: UploadOptions = {}): Promise<StoredFile> {
    return manage(this.#engine, options, (given) => uploading(file, given), storedFile, uploadNames);
  }

  /** Returns the properties of a file. */
  get(id: string, options: OperationOptions = {}): Promise<StoredFile> {
    return manage(this.#engine, options, () => ({ operation: "getFile", id: text(id, "id") }), storedFile);
  }

  /** Lists all files. Pages are fetched as needed; each loop starts over. */
  list(options: FileListOptions = {}): PagedList<StoredFile> {
    return list(
      this.#engine,
      options,
      ({ purpose }, query) => ({
        operation: "listFiles",
        query: isSet(purpose) ? [...query, ["purpose", text(purpose, "purpose")]] : query,
      }),
      storedFile,
      fileListNames,
    );
  }

  /**
   * Downloads a file. Its type is the one that the bytes reveal, or else the one that the service sends.
   *
   * @param file The id, or what refers to it: a citation of a response, or a result of a file search.
   */
  content(file: string | FileReference, options: FileContentOptions = {}): Promise<Blob> {
    return download(this.#engine, options, ({ containerId }) => contentOf(file, containerId), contentNames);
  }

  /** Deletes a file. */
  delete(id: string, options: OperationOptions = {}): Promise<void> {
    return manage(this.#engine, options, () => ({ operation: "deleteFile", id: text(id, "id") }), deleted);
  }
}

makeProxySafe(Files.prototype, "Files");

/** Captures the file and prepares its order. */
function uploading(given: unknown, { purpose, fileName, expiresAfterInSeconds }: Members) {
  const input = onlyFile(given, "file");
  const fields: [string, string][] = [["purpose", isSet(purpose) ? text(purpose, "purpose") : "assistants"]];
  if (isSet(expiresAfterInSeconds)) {
    fields.push(["expires_after[anchor]", "created_at"], ["expires_after[seconds]", String(count(expiresAfterInSeconds, "expiresAfterInSeconds"))]);
  }
  const name = isSet(fileName) ? text(fileName, "fileName") : nameOf(input);
  const { blob, param } = captureInput(input, "file");
  return async (client: Client) => {
    const file = await typed(client, await blob, param);
    const [mediaType = ""] = file.type.split(";");
    return { operation: "uploadFile", fields, file, fileName: name || `file.${EXTENSIONS.get(mediaType) ?? "bin"}` };
  };
}

function contentOf(file: unknown, given: unknown) {
  const reference = isObject(file) ? read("file", () => own(file)) : { fileId: file };
  const { fileId, containerId: named } = own(reference as FileReference);
  const containerId = named ?? given;
  if (typeof fileId !== "string" || fileId === "") {
    throw invalidRequest("file", "file must be the id of a file, or a citation or search result with a fileId.");
  }
  if (fileId.startsWith("cfile_") && !isSet(containerId)) {
    throw invalidRequest("containerId", `${fileId} is a file in a container. Pass the citation instead of its fileId, or set containerId.`);
  }
  return { operation: "getFileContent", id: fileId, ...(isSet(containerId) && { containerId: text(containerId, "containerId") }) };
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

function storedFile(document: Members): StoredFile {
  return fromWire(document) as StoredFile;
}
