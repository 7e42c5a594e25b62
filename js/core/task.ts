import { runtime } from "./chunks.js";
import type { Connection } from "./connection.js";
import { enter, type EngineClient } from "./engine.js";
import { invalidRequest, type AzureImageError, type AzureImageErrorFields } from "./error.js";
import { listener, tell } from "./listener.js";
import { member, own } from "./own.js";
import { read, refuseProxy } from "./snapshot.js";
import { after } from "./timer.js";
import type { OperationOptions, Progress, RetryInfo } from "./types.js";
import type { CallHandle, Client } from "../wasm/azure_image_client.js";

/** The work of a call: its arguments for the engine and the handling of its reports. */
export interface Work<Result> {
  /** The engine's name of the capability. */
  kind: "generate" | "edit" | "response" | "follow" | "retrieve" | "resource" | "probe";
  /** True if the call is never billed. */
  isFree?: boolean;
  /** Captures the arguments of the page at once. Returns a function that prepares the engine's record of the call. */
  begin(): (client: Client, signal: AbortSignal) => unknown;
  /** Handles an event of the engine. */
  event?(record: unknown): void;
  /** Handles the id of the response. */
  identify?(id: string): void;
  /** Handles the success of the call. `deliver` runs before the result is returned. */
  succeed(record: unknown): { result: Result; deliver?: () => void };
  /** Converts a record of the engine, or any other reason, to an error. */
  fail(reason: unknown): AzureImageError;
}

/** Timeout for loading the code that judges errors. After that, an error has only its status and the words of the service. */
const JUDGE_TIMEOUT_MS = 10_000;

/** The options of every call. */
export interface TaskOptions extends OperationOptions {
  onProgress?: (progress: Progress) => void;
}

/** The timeouts of a call. The engine refuses invalid ones. */
type Timeouts = Pick<OperationOptions, "timeoutInMs" | "idleTimeoutInMs" | "totalTimeoutInMs">;

/** Why a call ends early. */
interface Interruption {
  code: "cancelled" | "timeout";
  what: string;
  advice?: string;
  cause?: unknown;
}

/** One call, from its start to its only end: a result, an error or an abort. An abort takes effect at once. */
export class Task<Result> {
  /** Settles exactly once. A rejection counts as handled, so methods of the package return another promise. */
  readonly result: Promise<Result>;
  readonly #work: Work<Result>;
  readonly #startedAt = performance.now();
  readonly #preparation = new AbortController();
  readonly #connections = new Set<Connection>();
  /** True if anything that was sent may be billed. */
  #mayBeBilled = false;
  #handle: CallHandle | undefined;
  #onProgress: ((progress: Progress) => void) | undefined;
  #retry: { id: number; error: AzureImageError } | undefined;
  #isOver = false;
  #resolve!: (result: Result) => void;
  #reject!: (error: AzureImageError) => void;
  #leave: () => void = () => {};
  /** The timer of the total timeout until the engine has the call, then the engine's timer. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: EngineClient, options: TaskOptions | undefined, work: Work<Result>) {
    this.#work = own(work);
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Zone.js reports a rejection without a handler before an `await` attaches one. The caller's promise is another one, and still reports.
    this.result.catch(() => {});
    let timeouts: Timeouts = {};
    try {
      timeouts = read("options", () => timeoutsOf(options));
      read("abortSignal", () => this.#follow(member(options, "abortSignal")));
    } catch (reason) {
      this.#fail(work.fail(reason));
    }
    const totalTimeoutInMs = numberOf(timeouts.totalTimeoutInMs) ?? engine.totalTimeoutInMs;
    if (totalTimeoutInMs > 0 && !this.#isOver) {
      // Until the engine has the call and its timeouts.
      this.#timer = after(totalTimeoutInMs, () => {
        const what = `The call took longer than ${totalTimeoutInMs / 1000} s (totalTimeoutInMs)`;
        const advice = " Raise totalTimeoutInMs, or request a lower quality, a smaller size or fewer images.";
        this.#interrupt(undefined, { code: "timeout", what, advice });
      });
    }
    this.#run(engine, options, timeouts).catch((reason: unknown) => this.#fail(work.fail(reason)));
  }

  /** True after the end of the call. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Aborts the call and its connections. Has no effect after the end. */
  cancel(cause?: unknown): void {
    this.#interrupt((handle) => handle.abort(), { code: "cancelled", what: "The call was cancelled", cause });
  }

  /** Ends the call because its response was cancelled. */
  responseCancelled(): void {
    this.#interrupt((handle) => handle.responseCancelled(), { code: "cancelled", what: "The response was cancelled" });
  }

  /** Closes the connections until the returned function is called. */
  suspend(): () => void {
    const handle = this.#handle;
    if (this.#isOver) return () => {};
    handle?.suspend();
    this.#closeAll(true);
    return () => {
      if (!this.#isOver) handle?.resume();
    };
  }

  async #run(engine: EngineClient, options: TaskOptions | undefined, timeouts: Timeouts): Promise<void> {
    if (this.#isOver) return;
    this.#onProgress = listener(options, "onProgress");
    const prepare = this.#work.begin();
    const { kind } = this.#work;
    const client = await engine.get(kind !== "generate", numberOf(timeouts.timeoutInMs));
    if (this.#isOver) return;
    const call = await prepare(client, this.#preparation.signal);
    if (this.#isOver) return;
    const observer = this.#observer(engine);
    this.#handle = kind === "generate" ? client.generate(call, timeouts, observer) : client.start(kind, call, timeouts, observer);
    clearTimeout(this.#timer);
  }

  /** The object that the engine reports to. */
  #observer(engine: EngineClient) {
    return {
      reportsProgress: this.#onProgress !== undefined,
      startedAt: this.#startedAt,
      event: (record: unknown) => {
        if (!this.#isOver) this.#work.event?.(record);
      },
      identify: (id: string) => {
        if (!this.#isOver) this.#work.identify?.(id);
      },
      progress: (...report: ProgressReport) => {
        if (this.#onProgress && !this.#isOver) tell(this.#onProgress, this.#progress(...report));
      },
      succeed: (record: unknown) => {
        if (this.#isOver) return;
        try {
          const { result, deliver } = own(this.#work.succeed(record));
          // Called before the listeners, so that a listener that aborts cannot turn the success into an error.
          this.#end();
          deliver?.();
          this.#resolve(result);
        } catch (reason) {
          this.#fail(this.#work.fail(reason));
        }
      },
      fail: (record: unknown) => this.#fail(this.#work.fail(record)),
      connect: (mayBeBilled: boolean) => {
        const onClose = (closed: Connection, billed: boolean) => {
          this.#connections.delete(closed);
          this.#mayBeBilled = billed;
        };
        const connection = new runtime.code.Connection(() => this.#handle?.wake(), onClose);
        this.#mayBeBilled ||= mayBeBilled;
        this.#connections.add(connection);
        return connection;
      },
      loadJudge: () =>
        new Promise<void>((resolve, reject) => {
          if (this.#isOver) return reject(new Error("The call is over."));
          // After a crash, the promise must settle before the engine restarts, because it belongs to the old instance.
          this.#preparation.signal.addEventListener("abort", () => reject(new Error("The call is over.")));
          engine.get(true, JUDGE_TIMEOUT_MS).then((client) => {
            if (this.#isOver) return;
            client.provideJudge();
            resolve();
          }, reject);
        }),
      setTimer: (milliseconds: number) => {
        if (this.#isOver) return;
        clearTimeout(this.#timer);
        this.#timer = after(milliseconds, () => this.#handle?.onTimer());
      },
    };
  }

  #progress(...[stage, receivedBytes, partialImages, images, elapsedInMs, retry]: ProgressReport): Progress {
    return {
      stage,
      receivedBytes,
      partialImages,
      images,
      elapsedInMs,
      ...(retry && { retry: this.#retryOf(retry) }),
    };
  }

  #retryOf({ id, retries, waitInMs, error }: RetryRecord): RetryInfo {
    if (this.#retry?.id !== id) this.#retry = { id, error: this.#work.fail(error) };
    return { retries, waitInMs, error: this.#retry.error };
  }

  /** Ends the call early. Nothing was sent before the engine has the call. */
  #interrupt(ask: ((handle: CallHandle) => unknown) | undefined, interruption: Interruption): void {
    if (this.#isOver) return;
    const { code, what, advice = "", cause } = own(interruption);
    const unsent = { code, message: `${what} before anything was sent.${advice}`, billed: "no", retryable: code === "timeout" };
    const record = this.#handle && ask ? ask(this.#handle) : unsent;
    // The engine has finished and will report the outcome.
    if (record === undefined) return;
    this.#fail(this.#work.fail({ ...(record as AzureImageErrorFields), ...(cause !== undefined && { cause }) }));
  }

  #fail(error: AzureImageError): void {
    if (this.#isOver) return;
    this.#end();
    this.#reject(error);
    this.#preparation.abort(error);
    this.#closeAll(this.#mayBeBilled, error);
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#leave();
    this.#handle?.free();
    this.#handle = undefined;
  }

  #closeAll(mayBeBilled: boolean, reason?: unknown): void {
    for (const connection of this.#connections) connection.close(mayBeBilled, reason);
  }

  /** Ends the call on an abort or on a crash of the engine. */
  #follow(signal: unknown): void {
    const abortSignal = checkSignal(signal);
    const onAbort = () => this.cancel(abortSignal?.reason);
    abortSignal?.addEventListener("abort", onAbort);
    const leaveEngine = enter({ die: (what) => this.#die(what) });
    this.#leave = () => {
      leaveEngine();
      try {
        abortSignal?.removeEventListener("abort", onAbort);
      } catch {
        // A signal that is not the browser's own may throw. The call must end all the same.
      }
    };
    if (abortSignal?.aborted) onAbort();
  }

  /** Rejects after a crash of the engine, which has lost the state of the call. */
  #die(what: string): void {
    // The handle belongs to an instance that no longer exists.
    this.#handle = undefined;
    const billed = this.#mayBeBilled && !this.#work.isFree ? "unknown" : "no";
    const message = `A bug in azure-image-client (${what}) ended the call. Please report it. The next call restarts the engine.`;
    this.#fail(this.#work.fail({ code: "internal", message, billed, retryable: false }));
  }
}

type RetryRecord = { id: number; retries: number; waitInMs: number; error: unknown };

type ProgressReport = [
  stage: Progress["stage"],
  receivedBytes: number,
  partialImages: number,
  images: number,
  elapsedInMs: number,
  retry: RetryRecord | undefined,
];

function timeoutsOf(options: unknown): Timeouts {
  const [timeoutInMs, idleTimeoutInMs, totalTimeoutInMs] = ["timeoutInMs", "idleTimeoutInMs", "totalTimeoutInMs"].map((name) =>
    member(options, name),
  );
  return { timeoutInMs, idleTimeoutInMs, totalTimeoutInMs } as Timeouts;
}

/** A valid timeout, or `undefined`. */
function numberOf(timeout: unknown): number | undefined {
  return typeof timeout === "number" && timeout >= 0 ? timeout : undefined;
}

/** Refuses values that are not abort signals. */
export function checkSignal(abortSignal: unknown): AbortSignal | undefined {
  if (abortSignal === undefined || abortSignal === null) return undefined;
  const members = ["aborted", "addEventListener", "removeEventListener"];
  const isSignal = typeof abortSignal === "object" && members.every((member) => member in abortSignal);
  if (!isSignal) throw invalidRequest("abortSignal", "abortSignal must be an AbortSignal.");
  return refuseProxy(abortSignal as AbortSignal, "aborted", "abortSignal", "an AbortSignal");
}
