import { countDown } from "./count-down.js";
import { enter, type EngineClient } from "./engine.js";
import { AzureImageError, invalidRequest, worst, type AzureImageErrorFields } from "./errors.js";
import { GeneratedImage, type ImageRecord } from "./image.js";
import { captureInputs, conversions, prepareInputs, type CapturedInputs } from "./inputs.js";
import { combine, RequestProgress } from "./progress.js";
import { question, type Operation, type Question } from "./question.js";
import { snapshotRequest } from "./snapshot.js";
import { after } from "./timer.js";
import type { CallOptions, EditRequest, GenerateRequest, GenerateResult, Problem, Progress } from "./types.js";
import { merge, type Summary } from "./usage.js";
import type { Client } from "./wasm/azure_image_client.js";

/** What a call tells while it runs. `imageIndex` counts the pictures that were asked for. */
export interface CallObserver {
  partialImage?(image: GeneratedImage, index: number, imageIndex: number): void;
  image?(image: GeneratedImage, imageIndex: number, summary: Summary): void;
}

/** What a call is about. */
export interface CallSubject {
  operation: Operation;
  request: GenerateRequest | EditRequest;
  streamed: boolean;
}

/** How the engine divides a call: the number of pictures of each request, and what it has to say about it. */
interface Plan {
  requests: number[];
  problems: Problem[];
  maxParallelRequests: number;
}

/** One of the requests of a call. */
interface Part {
  index: number;
  count: number;
  offset: number;
}

/** One call from its start to its only end: a result, a failure, or an abort, which does not wait for anything. */
export class Call {
  /** Settles exactly once, whatever happens. */
  readonly result: Promise<GenerateResult>;
  readonly #abortEngine = new AbortController();
  readonly #startedAt = performance.now();
  readonly #subject: CallSubject;
  readonly #observer: CallObserver;
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  /** How far each request is. */
  readonly #requests: RequestProgress[] = [];
  /** By index; with gaps where one has not come or failed. */
  readonly #images: GeneratedImage[] = [];
  /** Why pictures did not come, by index. */
  readonly #failures = new Map<number, AzureImageError>();
  /** Requests that have not ended. */
  #outstanding = 0;
  /** Hands over the pictures of the request that ended last. */
  readonly #lastDeliveries: (() => void)[] = [];
  #previews = 0;
  #lastPreview: GeneratedImage | undefined;
  #settled = false;
  #resolve!: (result: GenerateResult) => void;
  #reject!: (error: AzureImageError) => void;
  #leave: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: EngineClient, subject: CallSubject, options: CallOptions, observer: CallObserver = {}) {
    this.#subject = subject;
    this.#observer = observer;
    this.#onProgress = options?.onProgress;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    try {
      this.#follow(options?.abortSignal);
      const request = snapshotRequest(subject.request);
      const captured = subject.operation === "edits" ? captureInputs(request) : undefined;
      if (!this.#settled) this.#limit(engine.totalTimeout);
      if (!this.#settled) void this.#run(engine, request, captured);
    } catch (reason) {
      this.#fail(AzureImageError.from(reason));
    }
  }

  /** Ends the call when the page's signal or the engine says so. */
  #follow(abortSignal: AbortSignal | undefined): void {
    checkSignal(abortSignal);
    const onAbort = () => this.cancel(abortSignal?.reason);
    abortSignal?.addEventListener("abort", onAbort, { once: true });
    const leaveEngine = enter({
      die: (what) => this.#fail(this.#broken("internal", `A defect of azure-image-client (${what}), which please report, ended the call`)),
    });
    this.#leave = () => {
      leaveEngine();
      abortSignal?.removeEventListener("abort", onAbort);
    };
    if (abortSignal?.aborted) onAbort();
  }

  /** Ends the call and its connections. Does nothing when it has ended. */
  cancel(reason?: unknown): void {
    this.#fail(this.#broken("cancelled", "The call was cancelled", reason));
  }

  /** The error for a call that is ended before its time. */
  #broken(code: "cancelled" | "timeout" | "internal", what: string, cause?: unknown): AzureImageError {
    const came = this.#images.some((image) => image !== undefined);
    const mayBeBilled = this.#requests.some((request) => request.mayBeBilled);
    const wasSent = this.#requests.some((request) => request.wasSent);
    return new AzureImageError(
      {
        code,
        message: came
          ? `${what} when some of its pictures had come, which are billed.`
          : mayBeBilled
            ? `${what}. Whether a picture was made, and billed, cannot be told from here.`
            : `${what} ${wasSent ? "while nothing was under way" : "before anything was sent"}.`,
        billed: came ? "yes" : mayBeBilled ? "unknown" : "no",
        retryable: code === "timeout",
        cause,
      },
      this.#lastPreview,
    );
  }

  async #run(engine: EngineClient, request: Record<string, unknown>, captured: CapturedInputs | undefined): Promise<void> {
    try {
      const client = await engine.get();
      const { operation, streamed } = this.#subject;
      const inputs = captured && (await prepareInputs(client, captured));
      if (this.#settled) return;
      const asked = question(operation, request, streamed, inputs);
      const plan = client.plan(asked) as Plan;
      const summaries = await this.#sendAll(client, asked, plan);
      if (this.#settled) return;
      const images = this.#images.filter((image) => image !== undefined);
      const failures = [...this.#failures].map(([imageIndex, error]) => ({ imageIndex, error }));
      failures.sort((one, other) => one.imageIndex - other.imageIndex);
      const error = worst(failures.map(({ error }) => error), this.#lastPreview);
      if (images.length === 0 && error) throw error;
      // Before anything is told of it: who then aborts must not turn a success into a failure.
      this.#settle();
      this.#tell();
      for (const deliver of this.#lastDeliveries) deliver();
      const warnings = [...plan.problems, ...conversions(inputs)];
      this.#resolve({
        images,
        ...merge(summaries),
        ...(failures.length > 0 && { failures }),
        ...(warnings.length > 0 && { warnings }),
      });
    } catch (reason) {
      this.#fail(AzureImageError.from(reason, this.#lastPreview));
    }
  }

  /** Ends the call when all of it takes longer than so many milliseconds; 0: never. */
  #limit(milliseconds: number): void {
    if (milliseconds === 0) return;
    const what = `The call took longer than ${milliseconds / 1000} s (totalTimeout). Raise totalTimeout, or ask for less. It was ended`;
    this.#timer = after(milliseconds, () => this.#fail(this.#broken("timeout", what)));
  }

  /** Sends all requests, a few at a time, and gives what those say that succeed. */
  async #sendAll(client: Client, asked: Question, plan: Plan): Promise<Summary[]> {
    const summaries: Summary[] = [];
    const counts = plan.requests;
    const offsets = counts.map((_, index) => counts.slice(0, index).reduce((sum, count) => sum + count, 0));
    const waiting = counts.entries();
    let refusal: AzureImageError | undefined;
    this.#outstanding = counts.length;
    const worker = async (): Promise<void> => {
      // The workers share the iterator, so each takes what is next.
      for (const [index, count] of waiting) {
        if (this.#settled) return;
        const part = { index, count, offset: offsets[index] ?? 0 };
        if (refusal) {
          this.#fillGaps(part, refusal);
          this.#outstanding -= 1;
          continue;
        }
        const progress = (this.#requests[index] = new RequestProgress());
        try {
          summaries[index] = await this.#send(client, asked, part, progress);
        } catch (reason) {
          if (this.#settled) return;
          const error = progress.end(reason);
          if (concernsAll(error)) refusal = error;
          this.#fillGaps(part, error);
          this.#outstanding -= 1;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(plan.maxParallelRequests, counts.length) }, worker));
    return summaries.filter((summary) => summary !== undefined);
  }

  /** Sends one request of the call, for `count` pictures from the picture `offset` on. */
  async #send(client: Client, asked: Question, part: Part, progress: RequestProgress): Promise<Summary> {
    const { count, offset } = part;
    /** Of the next finished picture among those of the request. */
    let position = 0;
    const summary = (await client.send(asked, count, this.#abortEngine.signal, {
      image: (record: ImageRecord | AzureImageErrorFields) => {
        // More than was asked for would take the place of another request's pictures.
        if (this.#settled || position >= count) return;
        if ("code" in record) {
          this.#failures.set(offset + position, AzureImageError.from(record));
          position += 1;
          return;
        }
        const image = new GeneratedImage(record);
        if (record.kind === "partialImage") {
          this.#previews += 1;
          this.#lastPreview = progress.lastPreview = image;
          this.#observer.partialImage?.(image, record.index ?? 0, offset);
        } else {
          this.#images[offset + position] = image;
          position += 1;
        }
        this.#report();
      },
      progress: (stage: Progress["stage"], receivedBytes: number) => {
        progress.enter(stage, receivedBytes);
        this.#report();
      },
      retry: (failure: AzureImageErrorFields, waitInMs: number, retries: number) => {
        const error = progress.repeat(failure);
        return countDown(waitInMs, this.#abortEngine.signal, (left) => {
          progress.retry = { retries, waitInMs: left, error };
          this.#report();
        });
      },
    })) as Summary;
    progress.enter("completed", progress.receivedBytes);
    this.#fillGaps(part, fewerImages());
    this.#outstanding -= 1;
    const deliver = () => {
      for (let imageIndex = offset; imageIndex < offset + position; imageIndex += 1) {
        const image = this.#images[imageIndex];
        if (image) this.#observer.image?.(image, imageIndex, summary);
      }
    };
    if (this.#outstanding === 0) this.#lastDeliveries.push(deliver);
    else if (!this.#settled) deliver();
    return summary;
  }

  /** Says of the pictures of a request that did not come why. */
  #fillGaps({ offset, count }: Part, error: AzureImageError): void {
    for (let imageIndex = offset; imageIndex < offset + count; imageIndex += 1) {
      if (!this.#images[imageIndex] && !this.#failures.has(imageIndex)) this.#failures.set(imageIndex, error);
    }
  }

  #report(): void {
    if (!this.#settled) this.#tell();
  }

  #tell(): void {
    if (!this.#onProgress) return;
    tell(this.#onProgress, {
      ...combine(this.#requests),
      previews: this.#previews,
      images: this.#images.filter((image) => image !== undefined).length,
      elapsedInMs: performance.now() - this.#startedAt,
    });
  }

  #fail(error: AzureImageError): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error);
    this.#abortEngine.abort(error);
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#leave();
  }
}

/** Refuses what cannot be listened to. */
export function checkSignal(abortSignal: unknown): void {
  if (abortSignal === undefined || abortSignal === null) return;
  const isSignal = typeof abortSignal === "object" && "aborted" in abortSignal && "addEventListener" in abortSignal;
  if (!isSignal) throw invalidRequest("abortSignal", "abortSignal must be an AbortSignal.");
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

/** Whether the other requests of a call would be refused for the same reason, and are better not sent. */
function concernsAll({ code, contentFilter }: AzureImageError): boolean {
  const refusals = ["invalid_request", "authentication", "permission", "not_found", "deployment_not_found"];
  return refusals.includes(code) || contentFilter?.source === "prompt";
}

function fewerImages(): AzureImageError {
  return new AzureImageError({
    code: "no_image",
    message: "Azure answered with fewer pictures than it was asked for, without saying why. Ask for the missing ones again.",
    billed: "unknown",
    retryable: true,
  });
}
