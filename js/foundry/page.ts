import type { AzureImageError } from "../core/error.js";
import { operationNames, refuseUnknown, type Known, type Names } from "../core/members.js";
import { define, isSet, member, own } from "../core/own.js";
import { isObject, type Members } from "../core/snapshot.js";
import { count, malformed, snapshot, text } from "./checks.js";
import type { Call, Operation, Order } from "./operation.js";
import type { ListOptions, ListPage, PageSettings } from "./paging.js";

/** Maximum number of consecutive empty pages. A filtered list can have some. */
const MAX_EMPTY_PAGES = 10;
/** Maximum length of a continuation token, in characters. */
const MAX_TOKEN_LENGTH = 2048;

export const listNames: Names<ListOptions> = { ...operationNames, order: 1 };
const pageNames: Names<PageSettings> = { maxPageSize: 1, continuationToken: 1 };

/** The place of a page in its list. */
export interface Place {
  /** The token of the page before it. */
  after: string;
  /** An earlier token, for Brent's cycle detection. */
  earlier: string | undefined;
  /** The number of empty pages right before it. */
  emptyPages: number;
  /** The number of pages before it. */
  fetched: number;
}

/** A page, and the place of the next one. */
export interface Fetched<Item> {
  page: ListPage<Item>;
  next: Place | undefined;
}

/** The settings that the page has given, and the place unless it is the first one. */
interface PageCall {
  settings: unknown;
  place: Place | undefined;
}

/**
 * An operation that fetches a page of a list.
 *
 * @param item Converts an item.
 * @param known The known options.
 * @param order Builds the order without the settings of the page.
 */
export function listing<Item>(item: (document: Members) => Item, known: Known, order: (call: Call) => Order): Operation {
  return {
    known,
    order(call) {
      const { query = [], ...rest } = own(order(call));
      const { limit, start } = readSettings(call);
      return { ...rest, query: [...orderQuery(call.options), ...query, ...limit, ...start] };
    },
    result(document, call): Fetched<Item> {
      const { data, next } = readPage(document);
      const [[, after] = []] = readSettings(call).start;
      const { earlier, emptyPages = 0, fetched = 0 }: Partial<Place> = own({ ...(call.settings as PageCall).place });
      if (next !== undefined && (next === after || next === earlier)) throw malformed("The service repeats a page of the list");
      const empty = data.length === 0 && next !== undefined ? emptyPages + 1 : 0;
      if (empty > MAX_EMPTY_PAGES) throw malformed(`The service returned more than ${MAX_EMPTY_PAGES} empty pages in a row`);
      const page: ListPage<Item> = data.map(item);
      if (next === undefined) return { page, next };
      define(page, { continuationToken: next });
      const count = fetched + 1;
      const isPowerOfTwo = (count & (count - 1)) === 0;
      return { page, next: { after: next, earlier: isPowerOfTwo ? next : earlier, emptyPages: empty, fetched: count } };
    },
  };
}

type Pair = [name: string, value: string];

/** The query of the page settings and of the place. */
function readSettings(call: Call): { limit: Pair[]; start: Pair[] } {
  const { settings: given, place } = call.settings as PageCall;
  const settings = snapshot(given, "settings");
  refuseUnknown(settings, pageNames);
  const { maxPageSize, continuationToken } = settings;
  const after = place?.after ?? (isSet(continuationToken) ? text(continuationToken, "continuationToken") : undefined);
  return {
    limit: isSet(maxPageSize) ? [["limit", String(count(maxPageSize, "maxPageSize"))]] : [],
    start: after === undefined ? [] : [["after", after]],
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
