import type { EngineClient } from "./engine.js";
import { AzureImageError, worst, type AzureImageErrorFields } from "./errors.js";
import { GeneratedImage, type ImageRecord } from "./image.js";
import { captureInputs, conversions, prepareInputs, type CapturedInputs } from "./inputs.js";
import { listener, tell } from "./listener.js";
import { refuseUnknownInImageCall } from "./members.js";
import { combine, RequestProgress } from "./progress.js";
import { question, type Operation, type Question } from "./question.js";
import { snapshotRequest } from "./snapshot.js";
import { Task, type Break } from "./task.js";
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

/** What the engine tells of a picture. */
interface ImageEvent extends ImageRecord {
  kind: "partialImage" | "image";
  /** Counts the previews. */
  index?: number;
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
  readonly #task: Task<GenerateResult>;
  readonly #startedAt = performance.now();
  readonly #subject: CallSubject;
  readonly #observer: CallObserver;
  #onProgress: ((progress: Progress) => void) | undefined;
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

  constructor(engine: EngineClient, subject: CallSubject, options: CallOptions, observer: CallObserver = {}) {
    this.#subject = subject;
    this.#observer = observer;
    this.#task = new Task(
      engine.totalTimeout,
      () => options?.abortSignal,
      (how, what, cause) => this.#broken(how, what, cause),
    );
    this.#task.run(() => {
      const { operation, streamed } = subject;
      this.#onProgress = listener(options, "onProgress");
      const request = snapshotRequest(subject.request);
      refuseUnknownInImageCall(operation, streamed, request, options);
      const captured = operation === "edits" ? captureInputs(request) : undefined;
      return this.#run(engine, request, captured);
    });
  }

  /** Settles exactly once, whatever happens. */
  get result(): Promise<GenerateResult> {
    return this.#task.result;
  }

  /** Ends the call and its connections. Does nothing when it has ended. */
  cancel(): void {
    this.#task.cancel();
  }

  /** The error for a call that is ended before its time. */
  #broken(code: Break, what: string, cause?: unknown): AzureImageError {
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
      if (this.#task.isOver) return;
      const asked = question(operation, request, streamed, inputs);
      const plan = client.plan(asked) as Plan;
      const summaries = await this.#sendAll(client, asked, plan);
      if (this.#task.isOver) return;
      const images = this.#images.filter((image) => image !== undefined);
      const failures = [...this.#failures].map(([imageIndex, error]) => ({ imageIndex, error }));
      failures.sort((one, other) => one.imageIndex - other.imageIndex);
      const error = worst(
        failures.map(({ error }) => error),
        this.#lastPreview,
      );
      if (images.length === 0 && error) throw error;
      this.#task.settle();
      this.#tell();
      for (const deliver of this.#lastDeliveries) deliver();
      const warnings = [...plan.problems, ...conversions(inputs)];
      this.#task.resolve({
        images,
        ...merge(summaries),
        ...(failures.length > 0 && { failures }),
        ...(warnings.length > 0 && { warnings }),
      });
    } catch (reason) {
      this.#task.fail(AzureImageError.from(reason, this.#lastPreview));
    }
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
        if (this.#task.isOver) return;
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
          if (this.#task.isOver) return;
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
    const summary = (await client.send(asked, count, this.#task.signal, {
      event: (record: ImageEvent | AzureImageErrorFields) => {
        // More than was asked for would take the place of another request's pictures.
        if (this.#task.isOver || position >= count) return;
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
      ...progress.observer(this.#task.signal, () => this.#report()),
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
    else if (!this.#task.isOver) deliver();
    return summary;
  }

  /** Says of the pictures of a request that did not come why. */
  #fillGaps({ offset, count }: Part, error: AzureImageError): void {
    for (let imageIndex = offset; imageIndex < offset + count; imageIndex += 1) {
      if (!this.#images[imageIndex] && !this.#failures.has(imageIndex)) this.#failures.set(imageIndex, error);
    }
  }

  #report(): void {
    if (!this.#task.isOver) this.#tell();
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
