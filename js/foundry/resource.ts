import type { EngineClient } from "../core/engine.js";
import { AzureImageError, free, invalidRequest } from "../core/error.js";
import { operationNames, refuseUnknown, type Known } from "../core/members.js";
import { inspect } from "../images/input.js";
import { own } from "../core/own.js";
import { isObject, kindOf, read, type Members } from "../core/snapshot.js";
import { Task, type TaskOptions } from "../core/task.js";
import type { Client } from "../wasm/azure_image_client.js";

/** An order for the engine. */
export interface Order {
  operation: string;
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

/** An order, or a function that creates it once the engine is loaded. */
type Ordering = Order | ((client: Client) => Promise<Order>);

/** A document as the engine returns it. */
interface DocumentRecord {
  blob: Blob;
  contentType?: string;
  requestId?: string;
}

/**
 * Runs a free call. The options and all arguments that `order` captures are read before this function returns. Their errors reject the
 * call.
 */
export async function manage<Result>(
  engine: EngineClient,
  given: unknown,
  order: (options: Members) => Ordering,
  result: (document: Members) => Result,
  known: Known = operationNames,
): Promise<Result> {
  const { document, operation } = await run(engine, given, order, known);
  try {
    return result(await parse(document, operation.startsWith("delete")));
  } catch (reason) {
    throw free(AzureImageError.from(reason));
  }
}

/** As {@link manage}, for the content of a file. */
export async function download(engine: EngineClient, given: unknown, order: (options: Members) => Ordering, known: Known): Promise<Blob> {
  let client: Client | undefined;
  const { document } = await run(
    engine,
    given,
    (options) => {
      const ordering = order(options);
      return (loaded) => {
        client = loaded;
        return Promise.resolve(typeof ordering === "function" ? ordering(loaded) : ordering);
      };
    },
    known,
  );
  const { blob, contentType = "" } = own(document);
  const { displayType } = client ? await inspect(client, blob, "edit", false) : {};
  return blob.slice(0, blob.size, displayType ?? contentType);
}

async function run(
  engine: EngineClient,
  given: unknown,
  order: (options: Members) => Ordering,
  known: Known,
): Promise<{ document: DocumentRecord; operation: string }> {
  const options = snapshot(given, "options");
  refuseUnknown(options, known);
  let operation = "";
  const task = new Task<DocumentRecord>(engine, options as TaskOptions, {
    kind: "resource",
    isFree: true,
    begin() {
      const ordering = order(options);
      return async (client) => {
        const ordered = typeof ordering === "function" ? await ordering(client) : ordering;
        operation = ordered.operation;
        return ordered;
      };
    },
    succeed: (document) => ({ result: document as DocumentRecord }),
    fail: (reason) => free(AzureImageError.from(reason)),
  });
  return { document: await task.result, operation };
}

/** Parses a document. A deletion may have none. */
async function parse(record: DocumentRecord, isDeletion: boolean): Promise<Members> {
  const { blob, requestId } = own(record);
  const text = await blob.text().catch((cause: unknown) => {
    const message = "The browser has no memory left for the response. Close other tabs, or fetch smaller pages.";
    throw new AzureImageError({ code: "too_large", message, billed: "no", retryable: false, cause, ...(requestId && { requestId }) });
  });
  const document = isDeletion && text.trim() === "" ? {} : parseObject(text);
  if (!document) throw malformed("The response is not a JSON object", requestId);
  return own({ ...document, ...(requestId && { requestId }) });
}

/** Omits the cause, which quotes the document. */
function parseObject(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Checks a string, such as a name. The engine checks its characters. */
export function text(value: unknown, param: string): string {
  if (typeof value === "string") return value;
  throw invalidRequest(param, `${param} must be a string. It is ${kindOf(value)}.`);
}

/** Checks a whole number of 1 or more. */
export function count(value: unknown, param: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  const found = typeof value === "number" ? String(value) : kindOf(value);
  throw invalidRequest(param, `${param} must be a whole number, 1 or more. It is ${found}.`);
}

/** Copies an object of the page. A missing one is empty. */
export function snapshot(value: unknown, param: string): Members {
  const given = value ?? {};
  if (!isObject(given)) throw invalidRequest(param, `${param} must be an object. It is ${kindOf(value)}.`);
  return read(param, () => own(given));
}

/** Checks that the service has deleted the resource. */
export function deleted({ deleted: isDeleted }: Members): void {
  if (isDeleted !== false) return;
  const message = "The service says that it did not delete it, and not why. See whether it is still there, and try again.";
  throw new AzureImageError({ code: "service", message, billed: "no", retryable: true });
}

export function malformed(what: string, requestId?: string): AzureImageError {
  const message = `${what}. Check that the endpoint is the one of your Azure resource.`;
  return new AzureImageError({ code: "stream_malformed", message, billed: "no", retryable: false, ...(requestId && { requestId }) });
}
