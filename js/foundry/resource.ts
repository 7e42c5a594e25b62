import { outcome, type EngineClient } from "../core/engine.js";
import { AzureImageError, free, invalidRequest } from "../core/error.js";
import { listNames, manageNames, refuseUnknown, type Known } from "../core/members.js";
import { isObject, isSet, kindOf, read, type Members } from "../core/snapshot.js";
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
  known: Known = manageNames,
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

/**
 * A list that fetches a page when the loop needs it. Each loop begins anew; one that is left fetches nothing more. What `order` reads
 * is read now; a failure of it is told by each loop.
 */
export function list<Item>(
  engine: EngineClient,
  given: unknown,
  order: (options: Members, query: [name: string, value: string][]) => Order,
  item: (document: Members) => Item,
  known: Known = listNames,
): AsyncIterable<Item> {
  const asked = outcome(() => {
    const options = snapshot(given, "options");
    refuseUnknown(options, known);
    return { ...order(options, pageQuery(options)), abortSignal: options["abortSignal"] };
  });
  async function* items(): AsyncGenerator<Item, void, undefined> {
    const { abortSignal, ...first } = asked();
    let after: string | undefined;
    /** A cursor of before, later and later ones, so that a circle of any length comes to it. */
    let earlier: string | undefined;
    let emptyPages = 0;
    for (let pages = 1; ; pages += 1) {
      const behind: [string, string][] = after === undefined ? [] : [["after", after]];
      const query = [...(first.query ?? []), ...behind];
      const { data, next } = await manage(engine, { abortSignal }, () => ({ ...first, query }), readPage);
      // It would be asked for the same for ever.
      if (next !== undefined && (next === after || next === earlier)) throw malformed("The service begins its list anew");
      emptyPages = data.length === 0 && next !== undefined ? emptyPages + 1 : 0;
      // Nor could a loop of the page's own leave a list of them.
      if (emptyPages > MOST_EMPTY_PAGES) throw malformed(`The service has more, and answers with more than ${MOST_EMPTY_PAGES} empty pages`);
      for (const document of data) yield item(document);
      if (next === undefined) return;
      after = next;
      const isPowerOfTwo = (pages & (pages - 1)) === 0;
      if (isPowerOfTwo) earlier = next;
    }
  }
  return { [Symbol.asyncIterator]: items };
}

/** What a list that is filtered may come to, in a row. */
const MOST_EMPTY_PAGES = 10;
/** Far more than any id that was seen, in characters. */
const MOST_CURSOR_LENGTH = 2048;

/** A page of a list. */
interface Page {
  data: Members[];
  /** Behind what the next page begins, if there is one. */
  next: string | undefined;
}

function readPage({ data, has_more: hasMore, last_id: lastId }: Members): Page {
  if (!Array.isArray(data) || !data.every(isObject)) throw malformed("The answer is no list");
  if (hasMore !== true) return { data, next: undefined };
  const next = lastId ?? data.at(-1)?.["id"];
  if (typeof next !== "string" || next === "") throw malformed("The service has more, and does not say behind what");
  if (next.length > MOST_CURSOR_LENGTH) {
    throw malformed(`The service has more behind an id of ${next.length} letters, of which no more than ${MOST_CURSOR_LENGTH} are taken`);
  }
  return { data, next };
}

function pageQuery({ order, pageSize }: Members): [string, string][] {
  const query: [string, string][] = [];
  if (isSet(pageSize)) query.push(["limit", String(count(pageSize, "pageSize"))]);
  if (isSet(order)) query.push(["order", text(order, "order")]);
  return query;
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

function malformed(what: string, requestId?: string): AzureImageError {
  const message = `${what}. Check that the endpoint is Azure's.`;
  return new AzureImageError({ code: "stream_malformed", message, billed: "no", retryable: false, ...(requestId && { requestId }) });
}
