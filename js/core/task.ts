import { Connection } from "./connection.js";
import { enter, type EngineClient } from "./engine.js";
import { invalidRequest, type AzureImageError, type AzureImageErrorFields } from "./error.js";
import { listener, tell } from "./listener.js";
import { read, refuseProxy } from "./snapshot.js";
import { after, Alarm } from "./timer.js";
import type { OperationOptions, Progress, RetryInfo } from "./types.js";
import type { CallHandle, Client } from "../wasm/azure_image_client.js";

/** What a call of the engine does, and what becomes of what it reports. */
export interface Work<Result> {
  /** As the engine names it. */
  kind: "images" | "response" | "follow" | "retrieve" | "resource" | "probe";
  /** Whether it is never billed. */
  isFree?: boolean;
  /** Reads the arguments of the page at once. Returns a function that prepares the engine's record of the call. */
  begin(): (client: Client, signal: AbortSignal) => unknown;
  /** An event of the engine. */
  event?(record: unknown): void;
  /** The service has given the response an id. */
  identify?(id: string): void;
  /** The call has succeeded. Returns its result, and what to do before the result is given. */
  succeed(record: unknown): { result: Result; deliver?: () => void };
  /** Makes an error of what the engine reports, or of what else went wrong. */
  fail(reason: unknown): AzureImageError;
}

/** The options of every call. */
export interface TaskOptions extends OperationOptions {
  onProgress?: (progress: Progress) => void;
}

/** The timeouts of a call, as the page gave them. The engine refuses those that are not whole numbers. */
type Timeouts = Pick<OperationOptions, "timeoutInMs" | "idleTimeoutInMs" | "totalTimeoutInMs">;

/** One call, from its start to its only end: a result, an error, or an abort, which waits for nothing. */
export class Task<Result> {
  /** Settles exactly once, whatever happens. */
  readonly result: Promise<Result>;
  readonly #work: Work<Result>;
  readonly #startedAt = performance.now();
  readonly #preparation = new AbortController();
  readonly #connections = new Set<Connection>();
  readonly #alarms: Alarm[] = [];
  /** Whether a closed connection, or an open one, may be billed. */
  #mayBeBilled = false;
  #handle: CallHandle | undefined;
  #onProgress: ((progress: Progress) => void) | undefined;
  #retry: { id: number; error: AzureImageError } | undefined;
  #isOver = false;
  #resolve!: (result: Result) => void;
  #reject!: (error: AzureImageError) => void;
  #leave: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: EngineClient, options: TaskOptions | undefined, work: Work<Result>) {
    this.#work = work;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    let timeouts: Timeouts = {};
    try {
      timeouts = read("options", () => timeoutsOf(options));
      this.#follow(read("abortSignal", () => options?.abortSignal));
    } catch (reason) {
      this.#fail(work.fail(reason));
    }
    const totalTimeoutInMs = numberOf(timeouts.totalTimeoutInMs) ?? engine.totalTimeoutInMs;
    if (totalTimeoutInMs > 0 && !this.#isOver) {
      this.#timer = after(totalTimeoutInMs, () => {
        const late = `The call took longer than ${totalTimeoutInMs / 1000} s (totalTimeoutInMs). Raise totalTimeoutInMs, or ask for less. It was ended`;
        this.#interrupt((handle) => handle.expire(totalTimeoutInMs), { code: "timeout", what: late });
      });
    }
    this.#run(engine, options, timeouts).catch((reason: unknown) => this.#fail(work.fail(reason)));
  }

  /** Whether the call has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends the call and its connections. Does nothing if it has ended. */
  cancel(cause?: unknown): void {
    this.#interrupt((handle) => handle.abort(), { code: "cancelled", what: "The call was cancelled", cause });
  }

  /** Ends the call because its response was cancelled. */
  responseCancelled(): void {
    this.#interrupt((handle) => handle.responseCancelled(), { code: "cancelled", what: "The response was cancelled" });
  }

  /** Closes the connections, and opens no others until the returned function is called. */
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
    this.#onProgress = listener(options ?? {}, "onProgress");
    const prepare = this.#work.begin();
    const client = await engine.get(numberOf(timeouts.timeoutInMs));
    if (this.#isOver) return;
    const call = await prepare(client, this.#preparation.signal);
    if (this.#isOver) return;
    this.#handle = client.start(this.#work.kind, call, timeouts, this.#observer());
  }

  /** What the engine reports to. */
  #observer() {
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
          const { result, deliver } = this.#work.succeed(record);
          // Before the listeners run, so that one that aborts does not turn the success into an error.
          this.#end();
          deliver?.();
          this.#resolve(result);
        } catch (reason) {
          this.#fail(this.#work.fail(reason));
        }
      },
      fail: (record: unknown) => this.#fail(this.#work.fail(record)),
      connect: (mayBeBilled: boolean) => {
        const connection = new Connection((closed, billed) => {
          this.#connections.delete(closed);
          this.#mayBeBilled = billed;
        });
        this.#mayBeBilled ||= mayBeBilled;
        this.#connections.add(connection);
        return connection;
      },
      alarm: (handler: () => void) => {
        const alarm = new Alarm(handler);
        this.#alarms.push(alarm);
        return alarm;
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

  /** Ends the call before its time. Before the engine has it, nothing was sent. */
  #interrupt(ask: (handle: CallHandle) => unknown, { code, what, cause }: { code: "cancelled" | "timeout"; what: string; cause?: unknown }): void {
    if (this.#isOver) return;
    const unsent = { code, message: `${what} before anything was sent.`, billed: "no", retryable: code === "timeout" };
    const record = this.#handle ? ask(this.#handle) : unsent;
    // The engine is done, and is about to say how.
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
    for (const alarm of this.#alarms) alarm.clear();
    this.#leave();
    this.#handle?.free();
    this.#handle = undefined;
  }

  #closeAll(mayBeBilled: boolean, reason?: unknown): void {
    for (const connection of this.#connections) connection.close(mayBeBilled, reason);
  }

  /** Ends when the page's signal or the engine says so. */
  #follow(signal: unknown): void {
    const abortSignal = checkSignal(signal);
    const onAbort = () => this.cancel(abortSignal?.reason);
    abortSignal?.addEventListener("abort", onAbort, { once: true });
    const leaveEngine = enter({ die: (what) => this.#die(what) });
    this.#leave = () => {
      leaveEngine();
      try {
        abortSignal?.removeEventListener("abort", onAbort);
      } catch {
        // A signal that is none of the browser's: what it makes of that must not keep the call from its end.
      }
    };
    if (abortSignal?.aborted) onAbort();
  }

  /** The engine has crashed, and with it everything that it knew of the call. */
  #die(what: string): void {
    // It belongs to an instance that is gone.
    this.#handle = undefined;
    const billed = this.#mayBeBilled && !this.#work.isFree ? "unknown" : "no";
    const message = `A defect of azure-image-client (${what}) ended the call. Please report it. The next call starts afresh.`;
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

function timeoutsOf(options: OperationOptions | undefined): Timeouts {
  return { timeoutInMs: options?.timeoutInMs, idleTimeoutInMs: options?.idleTimeoutInMs, totalTimeoutInMs: options?.totalTimeoutInMs } as Timeouts;
}

/** A timeout; `undefined` if it cannot be one. */
function numberOf(timeout: unknown): number | undefined {
  return typeof timeout === "number" && timeout >= 0 ? timeout : undefined;
}

/** Refuses what cannot be listened to. */
function checkSignal(abortSignal: unknown): AbortSignal | undefined {
  if (abortSignal === undefined || abortSignal === null) return undefined;
  const members = ["aborted", "addEventListener", "removeEventListener"];
  const isSignal = typeof abortSignal === "object" && members.every((member) => member in abortSignal);
  if (!isSignal) throw invalidRequest("abortSignal", "abortSignal must be an AbortSignal.");
  return refuseProxy(abortSignal as AbortSignal, "aborted", "abortSignal", "an AbortSignal");
}
