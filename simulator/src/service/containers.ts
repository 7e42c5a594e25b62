/** The containers of the code interpreter, and the files that it has written. */

import { AzureError } from "./azure-error.js";
import { newId, secondsNow } from "./ids.js";

/** A file in a container. */
export interface ContainerFile {
  readonly id: string;
  readonly containerId: string;
  readonly createdAt: number;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** Old containers make room beyond this number; on Azure they expire after 20 minutes without use. */
const CAPACITY = 100;

function notFound(message: string, param: string): AzureError {
  return new AzureError({ status: 404, body: { error: { message, type: "invalid_request_error", param, code: null } } });
}

/** The containers of a resource or project. */
export class Containers {
  readonly #containers = new Map<string, Map<string, ContainerFile>>();

  /** Returns true if the container exists. */
  has(id: string): boolean {
    return this.#containers.has(id);
  }

  /** Creates a container and returns its ID. */
  create(): string {
    const id = newId("cntr_");
    this.#containers.set(id, new Map());
    const [oldest] = this.#containers.keys();
    if (this.#containers.size > CAPACITY && oldest !== undefined) this.#containers.delete(oldest);
    return id;
  }

  #filesOf(id: string): Map<string, ContainerFile> {
    const files = this.#containers.get(id);
    if (files === undefined) throw notFound(`Container with id '${id}' not found.`, "container_id");
    return files;
  }

  /** Writes a file. Throws the error of an unknown container. */
  write(containerId: string, file: Pick<ContainerFile, "name" | "contentType" | "bytes">): ContainerFile {
    const written = { ...file, id: newId("cfile_"), containerId, createdAt: secondsNow() };
    this.#filesOf(containerId).set(written.id, written);
    return written;
  }

  /** Returns a file. Throws the error of an unknown container or file. */
  find(containerId: string, id: string): ContainerFile {
    const file = this.#filesOf(containerId).get(id);
    if (file === undefined) throw notFound(`Container file with id '${id}' not found.`, "file_id");
    return file;
  }
}

/** Returns the path of a file in its container. */
export function containerPath(name: string): string {
  return `/mnt/data/${name}`;
}

/** The JSON of a file in a container. */
export function containerFileDocument({ id, containerId, createdAt, name, bytes }: ContainerFile): object {
  return {
    id,
    object: "container.file",
    created_at: createdAt,
    bytes: bytes.byteLength,
    container_id: containerId,
    path: containerPath(name),
    source: "assistant",
  };
}
