// Checks the query of a request.

import { badRequest, quote } from "./refusal.js";

const PARAMETERS = new Set([
  "api-version",
  // A response.
  "stream",
  "starting_after",
  "include",
  "include[]",
  "include_obfuscation",
  // Lists.
  "after",
  "before",
  "limit",
  "order",
  "purpose",
  "kind",
  "include_drafts",
  // Deletes an agent with its versions.
  "force",
]);
/** May occur more than once. */
const LISTS = new Set(["include", "include[]"]);
const VALUE = /^[\w.~:,+-]{0,512}$/;

/** Checks that each parameter is known and occurs once, and that no value is encoded. */
export function checkQuery(search: string): void {
  const seen = new Set<string>();
  for (const pair of search.slice(1).split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = (at < 0 ? pair : pair.slice(0, at)).replace("%5B%5D", "[]");
    if (!PARAMETERS.has(name)) throw badRequest(`The query parameter ${quote(name)} is not passed on.`, "query");
    if (seen.has(name) && !LISTS.has(name)) throw badRequest(`The query parameter ${quote(name)} occurs twice.`, name);
    seen.add(name);
    if (at >= 0 && !VALUE.test(pair.slice(at + 1))) throw badRequest(`The query parameter ${quote(name)} has an invalid value.`, name);
  }
}
