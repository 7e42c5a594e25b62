import { AzureImageError, invalidRequest } from "./errors.js";
import type { ClientOptions } from "./types.js";

/**
 * What the engine reads, copied when the page hands it over: what the page changes afterwards changes nothing, and what throws
 * when it is read throws here.
 */
export function snapshotRequest(request: object): Record<string, unknown> {
  if (typeof request !== "object" || request === null) {
    throw invalidRequest("request", 'The request must be an object, such as { prompt: "a lighthouse at dawn" }.');
  }
  return read("request", () => {
    const copy: Record<string, unknown> = { ...request };
    if (copy["extraBody"] !== undefined && copy["extraBody"] !== null) copy["extraBody"] = json("extraBody", copy["extraBody"]);
    return copy;
  });
}

/** The same for the options of a client. */
export function snapshotOptions(options: ClientOptions): Record<string, unknown> {
  const copy: Record<string, unknown> = read("options", () => ({ ...options }));
  for (const name of ["extraHeaders", "extraQuery"]) {
    if (copy[name] !== undefined && copy[name] !== null) copy[name] = read(name, () => pairs(copy[name]));
  }
  if (copy["catalogue"] !== undefined && copy["catalogue"] !== null) copy["catalogue"] = read("catalogue", () => json("catalogue", copy["catalogue"]));
  if (copy["rates"] !== undefined && copy["rates"] !== null) copy["rates"] = read("rates", () => microDollars(copy["rates"]));
  const { fetch } = copy;
  if (typeof fetch === "function") copy["fetch"] = guardFetch(fetch as NonNullable<ClientOptions["fetch"]>);
  return copy;
}

function read<Value>(param: string, reading: () => Value): Value {
  try {
    return reading();
  } catch (cause) {
    if (cause instanceof AzureImageError) throw cause;
    throw invalidRequest(param, `${param} could not be read; the cause of this error says why.`, cause);
  }
}

function json(param: string, value: unknown): string {
  if (typeof value !== "object" || Array.isArray(value)) throw invalidRequest(param, `${param} must be a plain object.`);
  return JSON.stringify(value);
}

/** The engine counts in millionths of a dollar, and so in whole numbers. What is no number is for it to refuse. */
function microDollars(rates: unknown): unknown {
  if (typeof rates !== "object" || rates === null) return rates;
  return Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, typeof rate === "number" ? Math.round(rate * 1e6) : rate]));
}

/** The pairs of an object, or of anything that is made of pairs, such as `Headers`. */
function pairs(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Symbol.iterator in value ? [...(value as Iterable<unknown>)] : Object.entries(value);
}

/** Known by what only a real Response has, of whatever realm it is. */
const statusOf = Object.getOwnPropertyDescriptor(globalThis.Response?.prototype ?? {}, "status")?.get;

/** Makes sure that the engine gets a Response, or hears that it did not. */
function guardFetch(fetch: (request: Request) => Promise<Response>) {
  return async (request: Request): Promise<Response> => {
    const response: unknown = await fetch(request);
    try {
      statusOf?.call(response);
    } catch {
      throw { unusable: "fetch returned something that is not a Response." };
    }
    return response as Response;
  };
}
