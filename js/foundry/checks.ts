import { AzureImageError, invalidRequest } from "../core/error.js";
import { own } from "../core/own.js";
import { isObject, kindOf, read, type Members } from "../core/snapshot.js";

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
