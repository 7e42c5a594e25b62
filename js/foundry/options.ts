/** Settings of a call that reads or changes something small. */
export interface OperationOptions {
  /** Aborting it ends the call at once, with an error whose `code` is `cancelled` and whose `name` is `AbortError`. */
  abortSignal?: AbortSignal;
}

/** Settings of a list. */
export interface ListOptions extends OperationOptions {
  /** By the time at which they were made. Not set: `desc`, the newest first, on Azure. */
  order?: "asc" | "desc" | (string & {});
  /** How many are fetched with one request, at least 1. Not set: 20 on Azure, which allows up to 100. */
  pageSize?: number;
}
