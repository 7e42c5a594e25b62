import { capture } from "../core/capture.js";
import type { EngineClient } from "../core/engine.js";
import type { Members } from "../core/snapshot.js";
import type { OperationOptions } from "../core/types.js";
import type { OperationName } from "./operations.js";
import type { Fetched, Place } from "./page.js";
import { manage } from "./resource.js";

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

/** Creates a list. Captures the arguments and options at once; each loop throws the error of invalid ones. */
export function list<Item>(engine: EngineClient, operation: OperationName, parameters: Members, options: unknown): PagedList<Item> {
  const copy = capture({ parameters, options });
  async function* pages(settings: unknown): AsyncGenerator<ListPage<Item>, undefined, undefined> {
    let place: Place | undefined;
    do {
      const { page, next }: Fetched<Item> = await manage(engine, operation, copy.parameters, copy.options, { settings, place });
      yield page;
      place = next;
    } while (place);
  }
  async function* items(): AsyncGenerator<Item, undefined, undefined> {
    for await (const page of pages({})) yield* page;
  }
  return {
    [Symbol.asyncIterator]: items,
    byPage(settings = {}) {
      const captured = capture(settings);
      return { [Symbol.asyncIterator]: () => pages(captured) };
    },
  };
}
