import type { Known } from "../core/members.js";
import type { Members } from "../core/snapshot.js";
import type { Client } from "../wasm/azure_image_client.js";
import { deleted } from "./checks.js";

/** The captured arguments of a call. */
export interface Call {
  parameters: Members;
  options: Members;
  /** Settings that do not come from the page. */
  settings: unknown;
  client: Client;
}

/** An order for the engine. */
export interface Order {
  /** The name or id of the resource. */
  id?: string;
  version?: string;
  /** The container of a file. */
  containerId?: string;
  /** The JSON string of the body. */
  body?: string;
  /** The JSON string of `metadata`, if the engine must validate it. */
  metadata?: string;
  query?: [name: string, value: string][];
  fields?: [name: string, value: string][];
  file?: Blob;
  fileName?: string;
}

/** A document as the engine returns it. */
export interface DocumentRecord {
  blob: Blob;
  contentType?: string;
  requestId?: string;
}

/** An operation on a resource. */
export interface Operation {
  /** The known options. Default: those of every call. */
  known?: Known;
  /** Builds the order from the arguments, which it checks. */
  order(call: Call): Order | Promise<Order>;
  /** Converts the document. */
  result?(document: Members, call: Call): unknown;
  /** Converts a response that is not a document. */
  read?(call: Call, record: DocumentRecord): Promise<unknown>;
  /** True if the response can be empty. */
  isDeletion?: boolean;
}

/** The end of a deletion. */
export const DELETION = { result: deleted, isDeletion: true };
