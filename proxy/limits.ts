// Limits of requests and dollars, per user and in total.

import { Refusal } from "./refusal.js";

/** A limit within a window of time. */
export interface ProxyLimit {
  /** Length of the window in milliseconds. Windows begin at multiples of it since 1970, so that all servers agree. */
  windowInMs: number;
  /** Maximum number of POST requests. Requests that only read do not count. */
  requests?: number;
  /** Maximum cost in US dollars, as estimated from the catalog's prices. */
  dollars?: number;
}

/** Limits of the proxy. */
export interface ProxyLimits {
  /** Limits of each user whom `authorize` names. Without `authorize`, all visitors are one user. */
  perUser?: ProxyLimit | readonly ProxyLimit[];
  /** Limits of all users together. */
  total?: ProxyLimit | readonly ProxyLimit[];
  /** Cost of an image whose price the catalog does not know, in US dollars. Default: 0.25. */
  assumedDollars?: number;
  /** Storage of the counters. Default: the memory of this process, which other processes do not share. */
  store?: ProxyLimitStore;
  /** Maximum size of a JSON body in bytes. Default: 1 MiB. */
  jsonBytes?: number;
  /** Maximum size of a JSON body that may contain images: FLUX, responses and conversations. It is held in memory. Default: 32 MiB. */
  imageJsonBytes?: number;
  /** Maximum size of a form with files, which streams through. Default: 900 MiB, for 16 images and a mask of 50 MiB each. */
  uploadBytes?: number;
}

/** Keeps counters that several servers may share. */
export interface ProxyLimitStore {
  /**
   * Adds `amount` to a counter, and returns true; or returns false and leaves the counter as it is if it would exceed `limit`. No other
   * call may come between. Amounts are whole numbers; a negative amount takes back an earlier one.
   */
  add(
    key: string,
    amount: number,
    options: {
      /** Maximum of the counter. */
      limit: number;
      /** The counter may be deleted after this time, in milliseconds. */
      expiresInMs: number;
    },
  ): boolean | Promise<boolean>;
}

/** Resolved limits of body sizes, in bytes. */
export type BodyLimits = Required<Pick<ProxyLimits, "jsonBytes" | "imageJsonBytes" | "uploadBytes">>;

/** The reserved dollars of a request. */
export interface Reservation {
  /** Returns the dollars of a request that was not billed. */
  release(): Promise<void>;
}

/** Counts requests and dollars. */
export interface LimitPolicy {
  bodies: BodyLimits;
  assumedMicroDollars: number;
  /** Counts a request. Refuses it if a limit is reached. */
  countRequest(user: string): Promise<void>;
  /** Reserves the estimated cost. Refuses the request if a limit would be exceeded. */
  reserve(user: string, microDollars: number): Promise<Reservation>;
}

const MIB = 1024 * 1024;
const MICRO = 1_000_000;
const NUMBERS = ["assumedDollars", "jsonBytes", "imageJsonBytes", "uploadBytes"] as const;
const NAMES = ["perUser", "total", "store", ...NUMBERS];

/** A limit of one counter. */
interface Counter {
  scope: "user" | "total";
  unit: "requests" | "dollars";
  windowInMs: number;
  limit: number;
}

/**
 * Creates the policy.
 *
 * @throws TypeError if a property is unknown or has a wrong type.
 */
export function createLimitPolicy(limits: ProxyLimits = {}): LimitPolicy {
  checkTypes(limits);
  const { perUser, total, assumedDollars = 0.25, store = createMemoryStore() } = limits;
  const { jsonBytes = MIB, imageJsonBytes = 32 * MIB, uploadBytes = 900 * MIB } = limits;
  const counters = [...countersOf("user", perUser), ...countersOf("total", total)];

  const reserve = async (user: string, unit: Counter["unit"], amount: number): Promise<Reservation> => {
    const now = Date.now();
    const taken: (() => unknown)[] = [];
    const release = async () => void (await Promise.all(taken.splice(0).map((undo) => undo())));
    for (const { scope, windowInMs, limit } of counters.filter((counter) => counter.unit === unit)) {
      const index = Math.floor(now / windowInMs);
      const key = ["azure-image-proxy", scope, scope === "user" ? encodeURIComponent(user) : "", unit, windowInMs, index].join(":");
      const expiresInMs = (index + 1) * windowInMs - now;
      const isAdded = await Promise.resolve(store.add(key, amount, { limit, expiresInMs })).catch((cause: unknown) => {
        throw new Refusal(503, "proxy_internal", "The limits cannot be checked at the moment. Try again later.", { cause });
      });
      if (!isAdded) {
        await release();
        throw exceeded({ scope, unit, windowInMs, limit }, expiresInMs);
      }
      taken.push(() => store.add(key, -amount, { limit: Number.MAX_SAFE_INTEGER, expiresInMs }));
    }
    return { release };
  };

  return {
    bodies: { jsonBytes, imageJsonBytes, uploadBytes },
    assumedMicroDollars: Math.round(assumedDollars * MICRO),
    countRequest: async (user) => void (await reserve(user, "requests", 1)),
    reserve: (user, microDollars) => reserve(user, "dollars", microDollars),
  };
}

function exceeded({ scope, unit, limit, windowInMs }: Counter, expiresInMs: number): Refusal {
  const seconds = Math.max(Math.ceil(expiresInMs / 1000), 1);
  const whose = scope === "user" ? "Your" : "The";
  const amount = unit === "dollars" ? `$${limit / MICRO}` : `${limit} requests`;
  const message = `${whose} limit of ${amount} in ${Math.round(windowInMs / 1000)} seconds is reached. Try again in ${seconds} seconds.`;
  return new Refusal(429, "proxy_limit", message, { headers: { "retry-after": String(seconds) } });
}

function countersOf(scope: Counter["scope"], limits: ProxyLimits["perUser"] = []): Counter[] {
  const list = Array.isArray(limits) ? (limits as readonly ProxyLimit[]) : [limits as ProxyLimit];
  return list.flatMap(({ windowInMs, requests, dollars }): Counter[] => [
    ...(requests === undefined ? [] : [{ scope, unit: "requests" as const, windowInMs, limit: requests }]),
    ...(dollars === undefined ? [] : [{ scope, unit: "dollars" as const, windowInMs, limit: Math.round(dollars * MICRO) }]),
  ]);
}

/**
 * Creates a store in the memory of this process. Another process and a restart begin at zero. For several servers, implement
 * {@link ProxyLimitStore} on a shared database, such as Redis.
 */
export function createMemoryStore(): ProxyLimitStore {
  const counters = new Map<string, { sum: number; expiresAt: number }>();
  let sweepAt = 0;
  return {
    add(key, amount, { limit, expiresInMs }) {
      const now = Date.now();
      if (now >= sweepAt) {
        for (const [key, { expiresAt }] of counters) if (expiresAt <= now) counters.delete(key);
        sweepAt = now + SWEEP_IN_MS;
      }
      const sum = (counters.get(key)?.sum ?? 0) + amount;
      if (sum > limit) return false;
      counters.set(key, { sum, expiresAt: now + expiresInMs });
      return true;
    },
  };
}

/** Time between two deletions of expired counters. */
const SWEEP_IN_MS = 60_000;

function checkTypes(limits: ProxyLimits): void {
  for (const name of Object.keys(limits)) {
    if (!NAMES.includes(name)) throw new TypeError(`limits.${name} is unknown. It has ${NAMES.join(", ")}.`);
  }
  for (const name of NUMBERS) checkNumber(`limits.${name}`, limits[name]);
  if (limits.store !== undefined && typeof limits.store?.add !== "function") throw new TypeError("limits.store must have a method add.");
  for (const name of ["perUser", "total"] as const) {
    for (const limit of [limits[name] ?? []].flat() as ProxyLimit[]) checkLimit(`limits.${name}`, limit);
  }
}

function checkLimit(name: string, { windowInMs, requests, dollars, ...others }: ProxyLimit): void {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new TypeError(`${name}.${unknown} is unknown. It has windowInMs, requests, dollars.`);
  if (!(Number.isSafeInteger(windowInMs) && windowInMs > 0)) throw new TypeError(`${name}.windowInMs must be a positive whole number.`);
  if (requests === undefined && dollars === undefined) throw new TypeError(`${name} needs requests or dollars.`);
  checkNumber(`${name}.requests`, requests);
  checkNumber(`${name}.dollars`, dollars);
}

function checkNumber(name: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isFinite(value) && value >= 0)) throw new TypeError(`${name} must be a number from 0.`);
}
