import { AzureImageError } from "./error.js";
import { onTrap } from "./guard.js";
import { refuseUnknownInClient } from "./members.js";
import { load, type WasmSource } from "../load/load.js";
import { pause } from "./pause.js";
import { SharedQuestion } from "./single-flight.js";
import { snapshotOptions } from "./snapshot.js";
import { after } from "./timer.js";
import type { ClientOptions } from "./types.js";
import { __wbg_reset_state, Client, onPanic } from "../wasm/azure_image_client.js";

/** What a call is to the engine: something to be told when the engine dies. */
export interface InFlight {
  /** `what`: the place and text of the defect. */
  die(what: string): void;
}

/** Calls that run, so that none waits for ever after a defect. */
const inFlight = new Set<InFlight>();

/** As for an answer. */
const TIMEOUT_MS = 600_000;

let loading: Promise<void> | undefined;
/** Where the page said that the WebAssembly is. */
let place: string | URL | undefined;
let broken = false;
/** Counts the instances: an object of one is of no use to the next. */
let generation = 0;

/**
 * Loads the WebAssembly. Not needed, since the first call does it; call it early to save that time later, or to say where
 * the `.wasm` file is. After a failure it can be called again; where nothing else is said, the file is looked for where it was.
 * The first that succeeds counts.
 */
export function init(source: WasmSource | undefined = place): Promise<void> {
  if (typeof source === "string" || source instanceof URL) place = source;
  loading ??= load(source)
    .then(() => onPanic(die))
    .catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
  return loading;
}

/** A panic or a trap has left the instance in an unknown state: nothing that waits for it would ever hear from it. */
function die(what: string): void {
  broken = true;
  for (const call of inFlight) call.die(what);
  inFlight.clear();
}
onTrap(die);

/** The engine's client for some settings. It is created again after a crash of the engine. */
export class EngineClient {
  readonly #make: () => Client;
  /** How long the WebAssembly may take to load, in milliseconds; 0: for ever. */
  readonly #timeout: number;
  /** How long a whole call may take, in milliseconds; 0: as long as it needs. */
  readonly totalTimeoutInMs: number;
  #client: Client | undefined;
  #generation = -1;

  /** Throws nothing: what is wrong is said by the first call. */
  constructor(endpoint: unknown, credential: unknown, options: ClientOptions) {
    const settings = outcome(() => refuseUnknownInClient(snapshotOptions(options), credential));
    this.#timeout = limit(settings, "timeoutInMs") ?? TIMEOUT_MS;
    this.totalTimeoutInMs = limit(settings, "totalTimeoutInMs") ?? 0;
    this.#make = () => new Client(endpoint, credential, settings(), platform);
  }

  /** @param timeoutInMs How long the WebAssembly may take to load; not set: the client's timeout; 0: forever. */
  async get(timeoutInMs = this.#timeout): Promise<Client> {
    await within(init(), timeoutInMs);
    if (broken) {
      __wbg_reset_state();
      onPanic(die);
      broken = false;
      generation += 1;
    }
    if (!this.#client || this.#generation !== generation) {
      this.#client = this.#make();
      this.#generation = generation;
    }
    return this.#client;
  }
}

/** A limit among the options, in milliseconds. What cannot be one the engine refuses, as soon as it is there. */
function limit(settings: () => Record<string, unknown>, name: string): number | undefined {
  try {
    const value = settings()[name];
    return typeof value === "number" && value >= 0 ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Waits for the WebAssembly, but not longer than so many milliseconds; 0: for ever. It goes on to load. */
function within(loading: Promise<void>, milliseconds: number): Promise<void> {
  if (milliseconds === 0) return loading;
  return new Promise((resolve, reject) => {
    const late = () =>
      reject(
        new AzureImageError({
          code: "timeout",
          message:
            `The WebAssembly of azure-image-client did not load within ${milliseconds / 1000} s (timeoutInMs), and nothing was sent. ` +
            "Try again: it goes on to load. See what holds back azure_image_client_bg.wasm.",
          billed: "no",
          retryable: true,
        }),
      );
    const timer = after(milliseconds, late);
    loading.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

/** Does something now, and tells later what came of it, a failure too. */
export function outcome<Value>(work: () => Value): () => Value {
  try {
    const value = work();
    return () => value;
  } catch (reason) {
    return () => {
      throw reason;
    };
  }
}

/** Registers a call for as long as it runs. */
export function enter(call: InFlight): () => void {
  inFlight.add(call);
  return () => inFlight.delete(call);
}

/** What the engine needs of the platform. */
const platform = {
  pause,
  share: (...parameters: ConstructorParameters<typeof SharedQuestion>) => new SharedQuestion(...parameters),
};
