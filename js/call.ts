import { enter, type EngineClient } from "./engine.js";
import { AzureImageError } from "./errors.js";
import { GeneratedImage, type ImageRecord } from "./image.js";
import type { CallOptions, GenerateResult, Progress } from "./types.js";

/** What a call tells while it runs. */
export interface CallObserver {
  partialImage?(image: GeneratedImage, index: number): void;
  image?(image: GeneratedImage): void;
}

/** One call from its start to its only end: a result, a failure, or an abort, which does not wait for anything. */
export class Call {
  /** Settles exactly once, whatever happens. */
  readonly result: Promise<GenerateResult>;
  readonly #abortEngine = new AbortController();
  readonly #startedAt = performance.now();
  readonly #images: GeneratedImage[] = [];
  readonly #observer: CallObserver;
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  #stage: Progress["stage"] = "authenticating";
  #receivedBytes = 0;
  #previews = 0;
  #lastPreview: GeneratedImage | undefined;
  #settled = false;
  #resolve!: (result: GenerateResult) => void;
  #reject!: (error: AzureImageError) => void;
  #leave: () => void = () => {};

  constructor(engine: EngineClient, request: unknown, streamed: boolean, options: CallOptions, observer: CallObserver = {}) {
    this.#observer = observer;
    this.#onProgress = options.onProgress;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { abortSignal } = options;
    const onAbort = () => this.cancel(abortSignal?.reason);
    const leaveEngine = enter({ reject: (error) => this.#fail(error) });
    abortSignal?.addEventListener("abort", onAbort, { once: true });
    this.#leave = () => {
      leaveEngine();
      abortSignal?.removeEventListener("abort", onAbort);
    };
    if (abortSignal?.aborted) onAbort();
    else void this.#run(engine, request, streamed);
  }

  /** Ends the call and its connection. Does nothing when it has ended. */
  cancel(reason?: unknown): void {
    this.#fail(
      new AzureImageError(
        {
          code: "cancelled",
          message:
            this.#stage === "authenticating"
              ? "The call was cancelled before anything was sent."
              : "The call was cancelled. Whether a picture was made, and billed, cannot be told from here.",
          billed: this.#stage === "authenticating" ? "no" : "unknown",
          retryable: false,
          cause: reason,
        },
        this.#lastPreview,
      ),
    );
  }

  async #run(engine: EngineClient, request: unknown, streamed: boolean): Promise<void> {
    try {
      const client = await engine.get();
      if (this.#settled) return;
      const summary = (await client.generate(
        request,
        streamed,
        this.#abortEngine.signal,
        (record: ImageRecord) => this.#receive(record),
        (stage: Progress["stage"], receivedBytes: number) => this.#report(stage, receivedBytes),
      )) as Omit<GenerateResult, "images">;
      if (this.#settled) return;
      this.#report("completed", this.#receivedBytes);
      this.#settle();
      this.#resolve({ images: this.#images, ...summary });
    } catch (reason) {
      this.#fail(AzureImageError.from(reason, this.#lastPreview));
    }
  }

  #receive(record: ImageRecord): void {
    if (this.#settled) return;
    const image = new GeneratedImage(record);
    if (record.kind === "partialImage") {
      this.#previews += 1;
      this.#lastPreview = image;
      this.#observer.partialImage?.(image, record.index ?? 0);
    } else {
      this.#images.push(image);
      this.#observer.image?.(image);
    }
    this.#report(this.#stage, this.#receivedBytes);
  }

  #report(stage: Progress["stage"], receivedBytes: number): void {
    this.#stage = stage;
    this.#receivedBytes = receivedBytes;
    if (this.#settled || !this.#onProgress) return;
    try {
      this.#onProgress({
        stage,
        receivedBytes,
        previews: this.#previews,
        images: this.#images.length,
        elapsedInMs: performance.now() - this.#startedAt,
      });
    } catch (error) {
      // A mistake in the page's function must be seen, but must not cost a picture that is being paid for.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #fail(error: AzureImageError): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error);
    this.#abortEngine.abort(error);
  }

  #settle(): void {
    this.#settled = true;
    this.#leave();
  }
}
