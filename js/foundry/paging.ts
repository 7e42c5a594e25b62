import { outcome, type EngineClient } from "../core/engine.js";
import type { AzureImageError } from "../core/error.js";
import { listNames, pageNames, refuseUnknown, type Known } from "../core/members.js";
import { define, member } from "../core/own.js";
import { isObject, isSet, type Members } from "../core/snapshot.js";
import type { OperationOptions } from "../core/types.js";
import { count, malformed, manage, snapshot, text, type Order } from "./resource.js";

/** Options of a list. */
export interface ListOptions extends OperationOptions {
  /** The order by creation time. Azure's default: `desc`, newest first. */
  order?: "asc" | "desc" | (string & {});
}

/** Selects the pages of a list. */
export interface PageSettings {
  /** Maximum number of items of a page, 1 or more. Azure's default: 20; its maximum: 100. */
  maxPageSize?: number;
  /** Starts after the page with this token. */
  continuationToken?: string;
}

/** A page of a list. */
export interface ListPage<Item> extends Array<Item> {
  /** The token of the next page; `undefined` on the last one. */
  continuationToken?: string;
}

/** A list that is fetched page by page. Each loop starts over; a loop that is left early fetches no more pages. */
export interface PagedList<Item> extends AsyncIterable<Item, undefined> {
  /** Iterates over whole pages. */
  byPage(settings?: PageSettings): AsyncIterable<ListPage<Item>, undefined>;
}

/** Maximum number of consecutive empty pages. A filtered list can have some. */
const MAX_EMPTY_PAGES = 10;
/** Maximum length of a continuation token, in characters. */
const MAX_TOKEN_LENGTH = 2048;

/**
 * Creates a list. The options are read at once; each loop throws the error of invalid ones.
 *
 * @param order Builds the order from the options and the query.
 */
export function list<Item>(
  engine: EngineClient,
  given: unknown,
  order: (options: Members, query: [name: string, value: string][]) => Order,
  item: (document: Members) => Item,
  known: Known = listNames,
): PagedList<Item> {
  const asked = outcome(() => {
    const options = snapshot(given, "options");
    refuseUnknown(options, known);
    const { abortSignal, timeoutInMs, idleTimeoutInMs, totalTimeoutInMs } = options;
    return { first: order(options, orderQuery(options)), options: { abortSignal, timeoutInMs, idleTimeoutInMs, totalTimeoutInMs } };
  });
  async function* pages(readSettings: () => Settings): AsyncGenerator<ListPage<Item>, undefined, undefined> {
    const { first, options } = asked();
    const { limit, start } = readSettings();
    let after = start;
    /** An earlier token, for Brent's cycle detection. */
    let earlier: string | undefined;
    let emptyPages = 0;
    for (let fetched = 1; ; fetched += 1) {
      const query: [string, string][] = [...(first.query ?? []), ...limit];
      if (after !== undefined) query.push(["after", after]);
      const { data, next } = await manage(engine, options, () => ({ ...first, query }), readPage);
      if (next !== undefined && (next === after || next === earlier)) throw malformed("The service repeats a page of the list");
      emptyPages = data.length === 0 && next !== undefined ? emptyPages + 1 : 0;
      if (emptyPages > MAX_EMPTY_PAGES) throw malformed(`The service returned more than ${MAX_EMPTY_PAGES} empty pages in a row`);
      const page: ListPage<Item> = data.map(item);
      if (next !== undefined) define(page, { continuationToken: next });
      yield page;
      if (next === undefined) return;
      after = next;
      const isPowerOfTwo = (fetched & (fetched - 1)) === 0;
      if (isPowerOfTwo) earlier = next;
    }
  }
  async function* items(): AsyncGenerator<Item, undefined, undefined> {
    for await (const page of pages(() => ({ limit: [], start: undefined }))) yield* page;
  }
  return {
    [Symbol.asyncIterator]: items,
    byPage(settings = {}) {
      const read = outcome(() => readSettings(settings));
      return { [Symbol.asyncIterator]: () => pages(read) };
    },
  };
}

interface Settings {
  limit: [string, string][];
  start: string | undefined;
}

function readSettings(given: unknown): Settings {
  const settings = snapshot(given, "settings");
  refuseUnknown(settings, pageNames);
  const { maxPageSize, continuationToken } = settings;
  return {
    limit: isSet(maxPageSize) ? [["limit", String(count(maxPageSize, "maxPageSize"))]] : [],
    start: isSet(continuationToken) ? text(continuationToken, "continuationToken") : undefined,
  };
}

function orderQuery({ order }: Members): [string, string][] {
  return isSet(order) ? [["order", text(order, "order")]] : [];
}

function readPage({ data, has_more: hasMore, last_id: lastId }: Members): { data: Members[]; next: string | undefined } {
  if (!Array.isArray(data) || !data.every(isObject)) throw malformed("The response is not a list");
  if (hasMore !== true) return { data, next: undefined };
  const next = lastId ?? member(data.at(-1), "id");
  if (typeof next !== "string" || next === "") throw malformed("The service has more items but sent no continuation token");
  if (next.length > MAX_TOKEN_LENGTH) throw tooLong(next.length);
  return { data, next };
}

function tooLong(length: number): AzureImageError {
  return malformed(`The service sent a continuation token of ${length} characters, more than the maximum of ${MAX_TOKEN_LENGTH}`);
}
