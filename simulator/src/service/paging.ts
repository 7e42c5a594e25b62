/** Lists that are read page by page. */

import { AzureError } from "./azure-error.js";

const DEFAULT_LIMIT = 20;
const MAXIMUM_LIMIT = 100;

/** A page of a list. */
export interface Page<Item> {
  readonly object: "list";
  readonly data: readonly Item[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAXIMUM_LIMIT) return limit;
  throw AzureError.invalidRequest(
    "invalid_value",
    `Invalid 'limit': expected an integer between 1 and ${MAXIMUM_LIMIT}, but got '${text}' instead.`,
    "limit",
  );
}

function checkOrder(order: string | undefined): void {
  if (order === undefined || order === "asc" || order === "desc") return;
  throw AzureError.invalidRequest("invalid_value", `Invalid value: '${order}'. Supported values are: 'asc' and 'desc'.`, "order");
}

/** The page that a query asks for; `oldestFirst` are all items, and the newest come first unless `order` says otherwise. */
export function page<Item>(oldestFirst: readonly Item[], query: Readonly<Record<string, string>>, idOf: (item: Item) => string): Page<Item> {
  const limit = readLimit(query["limit"]);
  checkOrder(query["order"]);
  const ordered = query["order"] === "asc" ? oldestFirst : oldestFirst.toReversed();
  const after = ordered.findIndex((item) => idOf(item) === query["after"]);
  const before = ordered.findIndex((item) => idOf(item) === query["before"]);
  const between = ordered.slice(after + 1, before < 0 ? undefined : before);
  // The page before an item ends with its neighbour.
  const data = before >= 0 && after < 0 ? between.slice(-limit) : between.slice(0, limit);
  const [first] = data;
  const last = data.at(-1);
  return {
    object: "list",
    data,
    first_id: first === undefined ? null : idOf(first),
    last_id: last === undefined ? null : idOf(last),
    has_more: data.length < between.length,
  };
}
