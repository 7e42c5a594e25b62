/** The options of a simulator. */

import { constants } from "node:buffer";

/** How a simulator behaves; everything has a default. */
export interface SimulatorOptions {
  /** The port to listen on; 0, the default, takes any that is free. */
  readonly port?: number | undefined;
  /** The address to listen on; `127.0.0.1` by default, which only this machine reaches. */
  readonly host?: string | undefined;
  /** The key that is accepted; `simulator-key` by default. */
  readonly apiKey?: string | undefined;
  /** The token that is accepted, or a function that judges one; `simulator-token` by default. */
  readonly bearerToken?: string | ((token: string) => boolean) | undefined;
  /** The audience that the refusal of a token names; `https://cognitiveservices.azure.com` by default. */
  readonly audience?: string | undefined;
  /** Deployments besides those named like the models: the name of each with its model. */
  readonly deployments?: Readonly<Record<string, string>> | undefined;
  /**
   * Refuses other deployments, and a `model` on a classic route that is not the base model, as Azure does; `false` by default. By default
   * any name is a deployment: of the model that it contains, such as `my-gpt-image-1.5`, or else of `gpt-image-2.5-flare`,
   * `MAI-Image-2.7`, `gpt-5.5` or the FLUX model of the route.
   */
  readonly strictDeployments?: boolean | undefined;
  /** How long a picture takes, with the previews spread over that time; 0 by default. */
  readonly latencyInMs?: number | undefined;
  /**
   * Scenario words for every request that may carry some, such as `["stall=before-completed", "chunk=16384"]`; none by default.
   * Those of the deployment's name and of the prompt come on top.
   */
  readonly scenario?: readonly string[] | undefined;
  /**
   * Another seed makes other pictures from the same prompts; empty by default. A function gives one for each request: with
   * `crypto.randomUUID`, the same prompt never makes the same picture twice, as on Azure.
   */
  readonly seed?: string | (() => string) | undefined;
  /** Whether the id of an uploaded file may stand for a picture in the input of a response; not by default, as on Azure. */
  readonly acceptFileIds?: boolean | undefined;
  /**
   * The largest body of a request, in bytes; 943,718,400 (900 MiB) by default, for sixteen images and a mask of 50 MiB each. A larger
   * one is refused with 413 as soon as its length is known.
   */
  readonly bodyLimitInBytes?: number | undefined;
  /** How many requests the log keeps, the newest, with their pictures; 10,000 by default, `Infinity` for all. */
  readonly logLimit?: number | undefined;
}

/** The options with every default filled in. */
export type ResolvedOptions = { readonly [Name in keyof SimulatorOptions]-?: Exclude<SimulatorOptions[Name], undefined> };

export const MOST_PORT = 65_535;

/** Sixteen images and a mask of 50 MiB each, with room for the texts. The examples of proxies have the same limit. */
export const DEFAULT_BODY_LIMIT = 900 * 1024 * 1024;

/** Node has no larger buffers. */
export const MOST_BODY_LIMIT = constants.MAX_LENGTH;

/** An hour: a picture that takes longer tells a test no more, and Node's timers end at 24 days. */
export const MOST_LATENCY_IN_MS = 3_600_000;

/** Reads a whole number, or throws a `RangeError` that names it by `what`. */
export function wholeNumber(what: string, value: number | string, most: number): number {
  const number = /^\d+$/.test(String(value)) ? Number(value) : Number.NaN;
  if (!(number <= most)) throw new RangeError(`${what} takes a whole number from 0 to ${most}, not '${value}'.`);
  return number;
}

/** The seed of a request. */
export function seedOf({ seed }: ResolvedOptions): string {
  return typeof seed === "function" ? seed() : seed;
}

/** Fills in the defaults, or throws a `RangeError` that says what is wrong with a number. */
export function resolveOptions(options: SimulatorOptions): ResolvedOptions {
  // Whoever passes `undefined` on means the default.
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved: ResolvedOptions = {
    port: 0,
    host: "127.0.0.1",
    apiKey: "simulator-key",
    bearerToken: "simulator-token",
    audience: "https://cognitiveservices.azure.com",
    deployments: {},
    strictDeployments: false,
    latencyInMs: 0,
    scenario: [],
    seed: "",
    acceptFileIds: false,
    bodyLimitInBytes: DEFAULT_BODY_LIMIT,
    logLimit: 10_000,
    ...given,
  };
  wholeNumber("The option port", resolved.port, MOST_PORT);
  wholeNumber("The option latencyInMs", resolved.latencyInMs, MOST_LATENCY_IN_MS);
  wholeNumber("The option bodyLimitInBytes", resolved.bodyLimitInBytes, MOST_BODY_LIMIT);
  if (resolved.logLimit !== Number.POSITIVE_INFINITY) wholeNumber("The option logLimit", resolved.logLimit, Number.MAX_SAFE_INTEGER);
  return resolved;
}
