import type { EngineClient } from "../core/engine.js";
import type { ImageInput } from "../images/input.js";
import type { OperationOptions, Progress } from "../core/types.js";
import { list, type ListOptions, type PagedList } from "./paging.js";
import { makeProxySafe, rememberSelf } from "../core/proxy-safe.js";
import { manage } from "./resource.js";

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
    return manage(this.#engine, "uploadFile", { file }, options);
  }

  /** Returns the properties of a file. */
  get(id: string, options: OperationOptions = {}): Promise<StoredFile> {
    return manage(this.#engine, "getFile", { id }, options);
  }

  /** Lists all files. Pages are fetched as needed; each loop starts over. */
  list(options: FileListOptions = {}): PagedList<StoredFile> {
    return list(this.#engine, "listFiles", {}, options);
  }

  /**
   * Downloads a file. Its type is the one that the bytes reveal, or else the one that the service sends.
   *
   * @param file The id, or what refers to it: a citation of a response, or a result of a file search.
   */
  content(file: string | FileReference, options: FileContentOptions = {}): Promise<Blob> {
    return manage(this.#engine, "getFileContent", { file }, options);
  }

  /** Deletes a file. */
  delete(id: string, options: OperationOptions = {}): Promise<void> {
    return manage(this.#engine, "deleteFile", { id }, options);
  }
}

makeProxySafe(Files.prototype, "Files");
