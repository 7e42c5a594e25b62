import { invalidRequest } from "./error.js";
import { isSet, kindOf, read } from "./snapshot.js";

/** A function that `options` of the page name, to be told of something. */
export function listener<News extends unknown[]>(options: object, name: string): ((...news: News) => void) | undefined {
  const value = read(name, () => (options as Record<string, unknown> | null)?.[name]);
  if (!isSet(value)) return undefined;
  if (typeof value !== "function") throw invalidRequest(name, `${name} must be a function. It is ${kindOf(value)}.`);
  return value as (...news: News) => void;
}

/** Calls a function of the page. A mistake in it must be seen, but must not cost a picture that is being paid for. */
export function tell<Arguments extends unknown[]>(listener: (...news: Arguments) => void, ...news: Arguments): void {
  try {
    listener(...news);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
