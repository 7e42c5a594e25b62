import { AzureImageError, invalidRequest } from "./error.js";
import { GeneratedImage } from "./image.js";
import { isSet, member, own } from "./own.js";
import type { ClientOptions } from "./types.js";

/** Copies a request of the page, so that later changes have no effect. A throwing getter throws here. */
export function snapshotRequest(request: object): Record<string, unknown> {
  if (typeof request !== "object" || request === null) {
    throw invalidRequest("request", 'The request must be an object, such as { prompt: "a lighthouse at dawn" }.');
  }
  return read("request", () => {
    const copy = own(request as Members);
    replace(copy, "extraBody", json);
    return copy;
  });
}

/** Copies the options of a client. */
export function snapshotOptions(options: ClientOptions): Record<string, unknown> {
  const copy = read("options", () => own(options as Members));
  // `null` means no version, as an empty string does.
  if (copy["apiVersion"] === null) copy["apiVersion"] = "";
  replace(copy, "scopes", (scopes) => (Array.isArray(scopes) ? [...scopes] : scopes));
  replace(copy, "extraHeaders", pairs);
  replace(copy, "extraQuery", pairs);
  replace(copy, "catalog", json);
  replace(copy, "rates", microDollars);
  replace(copy, "retryOptions", (value) => (isObject(value) ? own(value) : value));
  return copy;
}

/** Replaces a property that is set. */
function replace(copy: Record<string, unknown>, name: string, form: (value: unknown, name: string) => unknown): void {
  const value = copy[name];
  if (isSet(value)) copy[name] = read(name, () => form(value, name));
}

/** Reads an argument of the page. An exception becomes an error about `param`. */
export function read<Value>(param: string, reading: () => Value): Value {
  try {
    return reading();
  } catch (cause) {
    if (cause instanceof AzureImageError) throw cause;
    throw invalidRequest(param, `${param} could not be read; the cause of this error says why.`, cause);
  }
}

/**
 * Refuses an object of the browser behind a Proxy, such as one in a state object of Valtio: no API can read it, and `member` throws.
 * @param kind The kind of object, for the message.
 */
export function refuseProxy<Value extends object>(value: Value, member: keyof Value, param: string, kind: string): Value {
  try {
    Reflect.get(value, member);
    return value;
  } catch (cause) {
    const message = `${param} is a Proxy around ${kind}, which browsers cannot read. Pass the original. In Valtio, keep it in ref().`;
    throw invalidRequest(param, message, cause);
  }
}

/** Returns the JSON string of additional body properties. */
export function json(value: unknown, param: string): string {
  if (!isObject(value)) throw invalidRequest(param, `${param} must be a plain object.`);
  return jsonText(value, param);
}

/** The properties of an object. */
export type Members = Record<string, unknown>;

/** True for objects other than arrays. */
export function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Describes the type of a value. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "undefined" ? "missing" : `of type ${typeof value}`;
}

/** Returns the JSON string of a value of the page. */
export function jsonText(value: unknown, param: string): string {
  const text: string | undefined = stringify(value, (part) => {
    // JSON would turn it into an empty object, and the service's error would not say why.
    if (part instanceof Blob || part instanceof GeneratedImage || part instanceof ArrayBuffer || ArrayBuffer.isView(part)) {
      throw invalidRequest(param, `${param} is sent as JSON, which cannot hold a Blob, bytes or a GeneratedImage.`);
    }
    return part;
  });
  if (text === undefined) throw invalidRequest(param, `${param} is nothing that JSON can hold.`);
  return text;
}

/** Returns the JSON string of a value. `replace` is called with each value in it. */
export function stringify(value: unknown, replace = (part: unknown) => part): string {
  return JSON.stringify(value, function (this: Members, name: string, converted: unknown) {
    // Old libraries add a `toJSON` to every object, which quotes lists.
    const original = this[name];
    return replace(typeof original === "object" && member(original, "toJSON") === undefined ? original : converted);
  });
}

/** Converts dollars to the engine's unit, millionths of a dollar. The engine refuses values that are not numbers. */
function microDollars(rates: unknown): unknown {
  if (typeof rates !== "object" || rates === null) return rates;
  return Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, typeof rate === "number" ? Math.round(rate * 1e6) : rate]));
}

/** Returns the pairs of an object or of an iterable such as `Headers`. */
function pairs(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const all = Symbol.iterator in value ? [...(value as Iterable<unknown>)] : Object.entries(value);
  return all.map((pair) => (Array.isArray(pair) ? [...pair] : pair));
}
