import { invalidRequest } from "./error.js";
import { isSet, member } from "./own.js";
import { kindOf, read } from "./snapshot.js";

/** Reads a listener from the options of the page. */
export function listener<News extends unknown[]>(options: unknown, name: string): ((...news: News) => void) | undefined {
  const value = read(name, () => member(options, name));
  if (!isSet(value)) return undefined;
  if (typeof value !== "function") throw invalidRequest(name, `${name} must be a function. It is ${kindOf(value)}.`);
  return value as (...news: News) => void;
}

/** Calls a listener. Its exception is reported to the console but does not end the call, which may be billed. */
export function tell<Arguments extends unknown[]>(listener: (...news: Arguments) => void, ...news: Arguments): void {
  try {
    listener(...news);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
