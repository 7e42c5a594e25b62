import type { EngineClient } from "../core/engine.js";
import { AzureImageError, free, invalidRequest } from "../core/error.js";
import { operationNames, refuseUnknown, type Known } from "../core/members.js";
import { isObject, kindOf, read, type Members } from "../core/snapshot.js";
import { Task, type TaskOptions } from "../core/task.js";
import type { Client } from "../wasm/azure_image_client.js";

/** What the engine is told to do. */
export interface Order {
  operation: string;
  /** The name or id of what it is about. */
  id?: string;
  version?: string;
  /** The text of a JSON object. */
  body?: string;
  /** The text of what stands in the body as `metadata`, where the engine does not look for it by itself. */
  metadata?: string;
  query?: [name: string, value: string][];
  fields?: [name: string, value: string][];
  file?: Blob;
  fileName?: string;
}

/** An order, or what makes it as soon as the engine is there. */
type Ordering = Order | ((client: Client) => Promise<Order>);

/** A document, as the engine hands it over. */
interface DocumentRecord {
  blob: Blob;
  requestId?: string;
}

/**
 * Does something that costs nothing. The options, and what `order` reads of them and of what else the page handed over, are read
 * before this returns; a failure of it is that of the call.
 */
export async function manage<Result>(
  engine: EngineClient,
  given: unknown,
  order: (options: Members) => Ordering,
  result: (answer: Members) => Result,
  known: Known = operationNames,
): Promise<Result> {
  const options = snapshot(given, "options");
  refuseUnknown(options, known);
  const fail = (reason: unknown) => free(AzureImageError.from(reason));
  let isDeletion = false;
  const task = new Task<DocumentRecord>(engine, options as TaskOptions, {
    kind: "resource",
    isFree: true,
    begin() {
      const ordering = order(options);
      return async (client) => {
        const ordered = typeof ordering === "function" ? await ordering(client) : ordering;
        isDeletion = ordered.operation.startsWith("delete");
        return ordered;
      };
    },
    succeed: (document) => ({ result: document as DocumentRecord }),
    fail,
  });
  const document = await task.result;
  try {
    return result(await parse(document, isDeletion));
  } catch (reason) {
    throw fail(reason);
  }
}

/** Parses a document. A deletion needs none. */
async function parse({ blob, requestId }: DocumentRecord, isDeletion: boolean): Promise<Members> {
  const text = await blob.text().catch((cause: unknown) => {
    const message = "The browser has no room left for the answer. Close what else needs memory, or ask for less at once.";
    throw new AzureImageError({ code: "too_large", message, billed: "no", retryable: false, cause, ...(requestId && { requestId }) });
  });
  const document = isDeletion && text.trim() === "" ? {} : parseObject(text);
  if (!document) throw malformed("The answer is not a JSON object", requestId);
  return { ...document, ...(requestId && { requestId }) };
}

/** Without the cause, which quotes the document. */
function parseObject(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A text, such as the name of something. What is wrong with its letters is for the engine to say. */
export function text(value: unknown, param: string): string {
  if (typeof value === "string") return value;
  throw invalidRequest(param, `${param} must be a string. It is ${kindOf(value)}.`);
}

/** A whole number from 1 on. */
export function count(value: unknown, param: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  const found = typeof value === "number" ? String(value) : kindOf(value);
  throw invalidRequest(param, `${param} must be a whole number, 1 or more. It is ${found}.`);
}

/** The members of an object, as they are now. Nothing in the place of one that may be left out is an empty one. */
export function snapshot(value: unknown, param: string): Members {
  const given = value ?? {};
  if (!isObject(given)) throw invalidRequest(param, `${param} must be an object. It is ${kindOf(value)}.`);
  return read(param, () => ({ ...given }));
}

/** Makes sure that what was to be deleted was. */
export function deleted({ deleted: isDeleted }: Members): void {
  if (isDeleted !== false) return;
  const message = "The service says that it did not delete it, and not why. See whether it is still there, and try again.";
  throw new AzureImageError({ code: "service", message, billed: "no", retryable: true });
}

export function malformed(what: string, requestId?: string): AzureImageError {
  const message = `${what}. Check that the endpoint is Azure's.`;
  return new AzureImageError({ code: "stream_malformed", message, billed: "no", retryable: false, ...(requestId && { requestId }) });
}
