import type { EngineClient } from "../core/engine.js";
import { captureInput, inspect, unreadable, type ImageInput } from "../images/input.js";
import { count, deleted, manage, text } from "./resource.js";
import type { OperationOptions } from "../core/types.js";
import { list, type ListOptions, type PagedList } from "./paging.js";
import { makeProxySafe, rememberSelf } from "../core/proxy-safe.js";
import { fileListNames, uploadNames } from "../core/members.js";
import type { Progress } from "../core/types.js";
import { isSet, refuseProxy, type Members } from "../core/snapshot.js";
import { fromWire } from "./wire.js";
import type { Client } from "../wasm/azure_image_client.js";

/** What a file is for. Azure's specifications know these; others are sent, and may be refused. */
export type FilePurpose = "assistants" | "batch" | "fine-tune" | "evals" | (string & {});

/** Settings of an upload. */
export interface UploadOptions extends OperationOptions {
  /** Not set: `assistants`. */
  purpose?: FilePurpose;
  /** What the file is called there. Not set: the name of a `File`, else `file` with an ending by its type. */
  fileName?: string;
  /** Lifetime in seconds. Default: the lifetime that Azure gives files. */
  expiresAfterInSeconds?: number;
  /**
   * Is told the stages. How much has been uploaded it is not told: `fetch` does not say, and XMLHttpRequest, which does, would follow a
   * redirect with the key.
   */
  onProgress?: (progress: Progress) => void;
}

/** What is known of a file. */
export interface StoredFile {
  /** Names it, for {@link ResponseInputFile.fileId}. */
  id: string;
  /** The name of the file. */
  fileName: string;
  /** Its size in bytes, where Azure says it. */
  bytes?: number | null;
  /** What it was uploaded for. */
  purpose: FilePurpose;
  /** When it was uploaded. */
  createdOn: Date;
  /** When Azure deletes it. */
  expiresOn?: Date | null;
  /** Azure's words. */
  status?: "uploaded" | "pending" | "running" | "processed" | "error" | "deleting" | "deleted" | (string & {});
  /** The service's name for the request, where the browser may read it. */
  requestId?: string;
  /** What else the service says, its names in camelCase. */
  [member: string]: unknown;
}

/** Settings of a list of files. */
export interface FileListOptions extends ListOptions {
  /** Only files for this purpose. Not set: for every purpose. */
  purpose?: FilePurpose;
}

/** The files of a resource or of a Foundry project. Each call rejects with an `AzureImageError`; none costs. */
export class Files {
  readonly #engine: EngineClient;

  /** @internal */
  constructor(engine: EngineClient) {
    rememberSelf(this);
    this.#engine = engine;
  }

  /**
   * Uploads a file as it is: nothing is converted or checked. Bytes without a type that are a picture are given its type, since Azure
   * refuses pictures of an unknown one.
   *
   * @param file Any file or bytes, and whatever else a picture may be given as. At most 512 MB, by Azure's rule.
   */
  upload(file: ImageInput, options: UploadOptions = {}): Promise<StoredFile> {
    return manage(this.#engine, options, (given) => uploading(file, given), storedFile, uploadNames);
  }

  /** What is known of a file. */
  get(id: string, options: OperationOptions = {}): Promise<StoredFile> {
    return manage(this.#engine, options, () => ({ operation: "getFile", id: text(id, "id") }), storedFile);
  }

  /** All files. Fetches a page when the loop needs it; each loop begins anew. */
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

  /** Deletes a file. */
  delete(id: string, options: OperationOptions = {}): Promise<void> {
    return manage(this.#engine, options, () => ({ operation: "deleteFile", id: text(id, "id") }), deleted);
  }
}

makeProxySafe(Files.prototype, "Files");

/** Takes hold of the file, and makes the order of it. */
function uploading(input: unknown, { purpose, fileName, expiresAfterInSeconds }: Members) {
  const fields: [string, string][] = [["purpose", isSet(purpose) ? text(purpose, "purpose") : "assistants"]];
  if (isSet(expiresAfterInSeconds)) {
    fields.push(["expires_after[anchor]", "created_at"], ["expires_after[seconds]", String(count(expiresAfterInSeconds, "expiresAfterInSeconds"))]);
  }
  const given = isSet(fileName) ? text(fileName, "fileName") : nameOf(input);
  const { blob, param } = captureInput(input, "file");
  return async (client: Client) => {
    const file = await typed(client, await blob, param);
    return { operation: "uploadFile", fields, file, fileName: given || `file.${EXTENSIONS.get(file.type) ?? "bin"}` };
  };
}

function nameOf(input: unknown): string {
  return typeof File !== "undefined" && input instanceof File ? refuseProxy(input, "name", "file", "a Blob").name : "";
}

/** The file with a type, where its bytes tell it. */
async function typed(client: Client, blob: Blob, param: string): Promise<Blob> {
  if (blob.type !== "") return blob;
  try {
    const { mediaType } = await inspect(client, blob);
    return mediaType === undefined ? blob : blob.slice(0, blob.size, mediaType);
  } catch (cause) {
    throw unreadable(param, cause);
  }
}

/** Services go by the ending of a name. */
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
