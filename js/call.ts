import { enter, type EngineClient } from "./engine.js";
import { AzureImageError, invalidRequest, type AzureImageErrorFields } from "./errors.js";
import { GeneratedImage, type ImageRecord } from "./image.js";
import { captureInput, prepareInput, type PreparedInput } from "./inputs.js";
import { snapshotRequest } from "./snapshot.js";
import type { CallOptions, EditRequest, GenerateRequest, GenerateResult, Problem, Progress, Usage } from "./types.js";
import type { Client } from "./wasm/azure_image_client.js";

/** The operations of the Images API, as Azure names them. */
export type Operation = "generations" | "edits";

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
  maxParallelRequests: number;
}

/** What is known at the end of one request. */
export type Summary = Omit<GenerateResult, "images" | "failures" | "warnings">;

/** The pictures that go with an edit. */
interface Inputs {
  images: PreparedInput[];
  mask: PreparedInput | undefined;
}

/** How the engine divides a call: the number of pictures of each request, and what it has to say about it. */
interface Plan {
  requests: number[];
  problems: Problem[];
}

/** One of the requests of a call. */
interface Part {
  index: number;
  count: number;
  offset: number;
  request: object;
  inputs: Inputs | undefined;
}

type RequestProgress = Pick<Progress, "stage" | "receivedBytes"> & { lastPreview?: GeneratedImage };

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
      if (!this.#settled) void this.#run(engine, request, captured);
    } catch (reason) {
      this.#fail(AzureImageError.from(reason));
    }
  }

  /** Ends the call when the page's signal or the engine says so. */
  #follow(abortSignal: AbortSignal | undefined): void {
    if (abortSignal !== undefined && abortSignal !== null && !("aborted" in abortSignal)) {
      throw invalidRequest("abortSignal", "abortSignal must be an AbortSignal.");
    }
    const onAbort = () => this.cancel(abortSignal?.reason);
    abortSignal?.addEventListener("abort", onAbort, { once: true });
    const leaveEngine = enter({ reject: (error) => this.#fail(error) });
    this.#leave = () => {
      leaveEngine();
      abortSignal?.removeEventListener("abort", onAbort);
    };
    if (abortSignal?.aborted) onAbort();
  }

  /** Ends the call and its connections. Does nothing when it has ended. */
  cancel(reason?: unknown): void {
    const nothingSent = this.#requests.every(({ stage }) => stage === "authenticating");
    this.#fail(
      new AzureImageError(
        {
          code: "cancelled",
          message: nothingSent
            ? "The call was cancelled before anything was sent."
            : "The call was cancelled. Whether a picture was made, and billed, cannot be told from here.",
          billed: nothingSent ? "no" : "unknown",
          retryable: false,
          cause: reason,
        },
        this.#lastPreview,
      ),
    );
  }

  async #run(engine: EngineClient, request: Record<string, unknown>, captured: CapturedInputs | undefined): Promise<void> {
    try {
      const client = await engine.get();
      const { operation, streamed } = this.#subject;
      const inputs = captured && (await prepareInputs(client, captured));
      if (this.#settled) return;
      const plan = client.plan(operation, request, streamed, inputs, today()) as Plan;
      const summaries = await this.#sendAll(client, plan.requests, request, inputs);
      if (this.#settled) return;
      const images = this.#images.filter((image) => image !== undefined);
      const failures = [...this.#failures].map(([imageIndex, error]) => ({ imageIndex, error }));
      failures.sort((one, other) => one.imageIndex - other.imageIndex);
      if (images.length === 0 && failures[0]) throw failures[0].error;
      this.#report();
      // Before the last pictures are handed over: who then leaves the loop must not turn a success into an abort.
      this.#settle();
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

  /** Sends all requests, a few at a time, and gives what those say that succeed. */
  async #sendAll(client: Client, counts: number[], request: object, inputs: Inputs | undefined): Promise<Summary[]> {
    const summaries: Summary[] = [];
    const offsets = counts.map((_, index) => counts.slice(0, index).reduce((sum, count) => sum + count, 0));
    const waiting = counts.entries();
    this.#outstanding = counts.length;
    const worker = async (): Promise<void> => {
      // The workers share the iterator, so each takes what is next.
      for (const [index, count] of waiting) {
        if (this.#settled) return;
        const offset = offsets[index] ?? 0;
        try {
          summaries.push(await this.#send(client, { index, count, offset, request, inputs }));
        } catch (reason) {
          if (this.#settled) return;
          const request = this.#requests[index];
          if (request) request.stage = "completed";
          this.#fillGaps(offset, count, AzureImageError.from(reason, request?.lastPreview));
          this.#outstanding -= 1;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#subject.maxParallelRequests, counts.length) }, worker));
    return summaries;
  }

  /** Sends the request `index` of the call, for `count` pictures from the picture `offset` on. */
  async #send(client: Client, { index, count, offset, request, inputs }: Part): Promise<Summary> {
    const { operation, streamed } = this.#subject;
    const progress: RequestProgress = { stage: "authenticating", receivedBytes: 0 };
    this.#requests[index] = progress;
    /** Of the next finished picture among those of the request. */
    let position = 0;
    const summary = (await client.send(
      operation,
      request,
      count,
      streamed,
      inputs,
      this.#abortEngine.signal,
      (record: ImageRecord | AzureImageErrorFields) => {
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
      (stage: Progress["stage"], receivedBytes: number) => {
        Object.assign(progress, { stage, receivedBytes });
        this.#report();
      },
    )) as Summary;
    progress.stage = "completed";
    this.#fillGaps(offset, count, fewerImages());
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
  #fillGaps(offset: number, count: number, error: AzureImageError): void {
    for (let imageIndex = offset; imageIndex < offset + count; imageIndex += 1) {
      if (!this.#images[imageIndex] && !this.#failures.has(imageIndex)) this.#failures.set(imageIndex, error);
    }
  }

  #report(): void {
    if (this.#settled || !this.#onProgress) return;
    tell(this.#onProgress, {
      stage: STAGES.find((stage) => this.#requests.some((request) => request.stage === stage)) ?? "completed",
      receivedBytes: this.#requests.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
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
    this.#leave();
  }
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

/** Of several requests, the one that is furthest in its work says how far the call is; `completed` only when all are. */
const STAGES: Progress["stage"][] = ["receiving", "waiting", "authenticating"];

function fewerImages(): AzureImageError {
  return new AzureImageError({
    code: "no_image",
    message: "Azure answered with fewer pictures than it was asked for, without saying why. Ask for the missing ones again.",
    billed: "unknown",
    retryable: true,
  });
}

/** The pictures of an edit as they were when the page handed them over. */
interface CapturedInputs {
  images: { blob: Promise<Blob>; param: string }[];
  mask: { blob: Promise<Blob>; param: string } | undefined;
}

/** Takes hold of the pictures of an edit at once: what the page does to them afterwards changes nothing. */
export function captureInputs({ image, mask }: { image?: unknown; mask?: unknown }): CapturedInputs {
  const images: unknown[] = image === undefined || image === null ? [] : Array.isArray(image) ? image : [image];
  return {
    images: images.map((input, index) => captureInput(input, images.length === 1 ? "image" : `image[${index}]`)),
    mask: mask === undefined || mask === null ? undefined : captureInput(mask, "mask"),
  };
}

/** Makes the pictures of an edit ready. */
export async function prepareInputs(client: Client, { images, mask }: CapturedInputs): Promise<Inputs> {
  return {
    images: await Promise.all(images.map((input) => prepareInput(client, input))),
    mask: mask && (await prepareInput(client, mask)),
  };
}

function conversions(inputs: Inputs | undefined): Problem[] {
  return [...(inputs?.images ?? []), ...(inputs?.mask ? [inputs.mask] : [])]
    .filter((input) => input.converted)
    .map((input) => ({
      param: input === inputs?.mask ? "mask" : "image",
      message: "The picture was WebP, which Azure's pages do not list, and was sent as PNG.",
      severity: "warning",
    }));
}

/** What several requests say, as one: tokens are added up, and the rest is that of the first. */
function merge(summaries: Summary[]): Summary {
  const [first, ...others] = summaries;
  if (!first || others.length === 0) return { ...first };
  const usages = summaries.flatMap(({ usage }) => usage ?? []);
  return { ...first, ...(usages.length > 0 && { usage: usages.reduce(add) }) };
}

function add(one: Usage, other: Usage): Usage {
  const details = (name: "inputTokensDetails" | "outputTokensDetails") => {
    const [a, b] = [one[name], other[name]];
    if (!a || !b) return a ?? b ? { [name]: a ?? b } : {};
    return { [name]: { textTokens: a.textTokens + b.textTokens, imageTokens: a.imageTokens + b.imageTokens } };
  };
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    totalTokens: one.totalTokens + other.totalTokens,
    ...(one.cost !== undefined && other.cost !== undefined && { cost: one.cost + other.cost }),
    ...details("inputTokensDetails"),
    ...details("outputTokensDetails"),
  };
}

/** The date in UTC, as the catalogue writes it. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
