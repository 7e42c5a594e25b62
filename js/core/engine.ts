import { AzureImageError } from "./error.js";
import { refuseUnknownInClient, refuseUnknownInInit } from "./members.js";
import { load, loadMore, type WasmSource } from "../load/load.js";
import { more, runtime } from "./chunks.js";
import { member, own } from "./own.js";
import type { SharedQuestion } from "./single-flight.js";
import { snapshotOptions } from "./snapshot.js";
import { after } from "./timer.js";
import type { ClientOptions } from "./types.js";
import type { Client } from "../wasm/azure_image_client.js";

/** A running call. It is notified if the engine crashes. */
export interface InFlight {
  /** `what`: the location and message of the crash. */
  die(what: string): void;
}

/** Running calls. A crash rejects all of them. */
const inFlight = new Set<InFlight>();

/** Same as for a response. */
const TIMEOUT_MS = 600_000;

let loading: Promise<void> | undefined;
/** The second module, for the present instance. */
let loadingMore: Promise<void> | undefined;
/** The URL that the page passed to `init`. */
let place: string | URL | undefined;
/** The source of the second module that the page passed to `init`. */
let placeOfMore: WasmSource | undefined;
let broken = false;
/** Instance number. Objects of earlier instances are invalid. */
let generation = 0;
let isLoaded = false;
/** The number of the instance that the second module was linked to. */
let extendedGeneration = -1;

/** Options of `init`. */
export interface InitOptions {
  /**
   * True: also loads `azure_image_client_more.wasm`, which everything but `generate` and `generateStream` needs, and which explains the errors
   * of the service. Default: `false`, and the first call or error that needs the file loads it.
   */
  more?: boolean;
  /** The source of `azure_image_client_more.wasm`. Default: the file beside a given `azure_image_client_bg.wasm`, or that of the package. */
  moreSource?: WasmSource;
}

/**
 * Loads the WebAssembly. Optional: the first call does it. Call it early to save that time later, or to set the URL of the `.wasm`
 * file. After a failure it can be called again and uses the last URL. The first successful call counts.
 */
export async function init(source?: WasmSource, options: InitOptions = {}): Promise<void> {
  refuseUnknownInInit(options);
  if (typeof source === "string" || source instanceof URL) place = source;
  const [more, moreSource] = [member(options, "more"), member(options, "moreSource") as WasmSource | undefined];
  placeOfMore = moreSource ?? placeOfMore;
  await start(source ?? place);
  if (more) await startMore();
}

/** Loads the first module, and the code for it. */
function start(source: WasmSource | undefined): Promise<void> {
  loading ??= Promise.all([load(source), runtime.load()])
    .then(([, { onPanic, onTrap }]) => {
      onTrap(die);
      onPanic(die);
      isLoaded = true;
    })
    .catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
  return loading;
}

/** Loads the second module, after the first one, and the code for it. */
function startMore(): Promise<void> {
  const instance = generation;
  loadingMore ??= Promise.all([loadMore(placeOfMore, place), more.load()])
    .then(() => {
      extendedGeneration = instance;
    })
    .catch((error: unknown) => {
      loadingMore = undefined;
      throw error;
    });
  return loadingMore;
}

/** Loads what a call needs. A load that began earlier, such as a preload, may fail without consequence: the call tries again. */
async function ready(needsMore: boolean): Promise<void> {
  // The code loads beside the first module. The second step reports a failure.
  if (needsMore) more.load().catch(() => {});
  const steps: (() => Promise<unknown>)[] = needsMore ? [() => start(place), startMore] : [() => start(place)];
  for (const step of steps) {
    const isOwn = step === startMore ? !loadingMore : !loading;
    await step().catch((error: unknown) => {
      if (isOwn) throw error;
      return step();
    });
  }
}

/** Rejects all running calls after a panic or a trap, because the instance will not settle them. */
function die(what: string): void {
  broken = true;
  for (const call of inFlight) call.die(what);
  inFlight.clear();
}

/** The engine's client for some settings. It is created again after a crash of the engine. */
export class EngineClient {
  readonly #make: () => Client;
  /** Timeout for loading the WebAssembly, in milliseconds. 0 disables it. */
  readonly #timeout: number;
  /** Timeout of a whole call, in milliseconds. 0 disables it. */
  readonly totalTimeoutInMs: number;
  #client: Client | undefined;
  #generation = -1;

  /** Does not throw: the first call reports invalid options. */
  constructor(endpoint: unknown, credential: unknown, options: ClientOptions) {
    const settings = outcome(() => refuseUnknownInClient(snapshotOptions(options), credential));
    this.#timeout = limit(settings, "timeoutInMs") ?? TIMEOUT_MS;
    this.totalTimeoutInMs = limit(settings, "totalTimeoutInMs") ?? 0;
    this.#make = () => new runtime.code.Client(endpoint, credential, settings(), platform);
    if (!isLoaded && isPreloading(settings)) whenIdle(() => init().catch(() => {}));
  }

  /**
   * @param needsMore True for everything but a generation.
   * @param timeoutInMs Timeout for loading the WebAssembly. Default: that of the client. 0 disables it.
   */
  async get(needsMore: boolean, timeoutInMs = this.#timeout): Promise<Client> {
    if (broken) restart();
    const before = generation;
    const isReady = isLoaded && (!needsMore || extendedGeneration === generation);
    if (!isReady) await within(ready(needsMore), timeoutInMs);
    // Another call may have crashed meanwhile.
    if (broken || generation !== before) return this.get(needsMore, timeoutInMs);
    if (!this.#client || this.#generation !== generation) {
      this.#client = this.#make();
      this.#generation = generation;
    }
    return this.#client;
  }
}

/** Starts a new instance of the engine after a crash. */
function restart(): void {
  runtime.code.reset();
  runtime.code.onPanic(die);
  broken = false;
  generation += 1;
  loadingMore = undefined;
}

/** A timeout of the options. The engine refuses an invalid one once it is loaded. */
function limit(settings: () => Record<string, unknown>, name: string): number | undefined {
  try {
    const value = settings()[name];
    return typeof value === "number" && value >= 0 ? value : undefined;
  } catch {
    return undefined;
  }
}

/** True unless the page opts out, or its user saves data. */
function isPreloading(settings: () => Record<string, unknown>): boolean {
  try {
    const { connection } = globalThis.navigator as { connection?: { saveData?: boolean } };
    return settings()["preload"] !== false && connection?.saveData !== true;
  } catch {
    // Node before 21 has no navigator. The first call reports invalid options.
    return false;
  }
}

/** Maximum delay of the preload after the construction of a client, in milliseconds. */
const IDLE_MS = 2000;

/** Calls a function when a window has nothing else to do. Workers and servers have no such time: their first call loads. */
function whenIdle(work: () => void): void {
  if (typeof document === "undefined") return;
  // Safari has no requestIdleCallback.
  if (typeof requestIdleCallback === "function") requestIdleCallback(work, own({ timeout: IDLE_MS }));
  else after(0, work);
}

/** Waits for the WebAssembly with a timeout in milliseconds. 0 disables it. Loading continues after a timeout. */
function within(loading: Promise<void>, milliseconds: number): Promise<void> {
  if (milliseconds === 0) return loading;
  return new Promise((resolve, reject) => {
    const late = () =>
      reject(
        new AzureImageError({
          code: "timeout",
          message:
            `The WebAssembly of azure-image-client did not load within ${milliseconds / 1000} s (timeoutInMs), and nothing was sent. ` +
            "Loading continues. Try again, and check what delays the .wasm files.",
          billed: "no",
          retryable: true,
        }),
      );
    const timer = after(milliseconds, late);
    loading.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

/** Runs a function now and returns or throws its outcome later. */
function outcome<Value>(work: () => Value): () => Value {
  try {
    const value = work();
    return () => value;
  } catch (reason) {
    return () => {
      throw reason;
    };
  }
}

/** Registers a running call. Returns a function that removes it. */
export function enter(call: InFlight): () => void {
  inFlight.add(call);
  return () => inFlight.delete(call);
}

/** The functions that the engine needs from this side. */
const platform = {
  share: (...parameters: ConstructorParameters<typeof SharedQuestion>) => new runtime.code.SharedQuestion(...parameters),
};
