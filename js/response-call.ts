import type { EngineClient } from "./engine.js";
import { altered, AzureImageError, worst, type AzureImageErrorFields } from "./errors.js";
import { GeneratedImage, type ImageCall, type ImageRecord } from "./image.js";
import { listener, tell } from "./listener.js";
import { RequestProgress, combine } from "./progress.js";
import type { ResponseEvent, ResponseOptions, ResponseResult, ResponseStatus } from "./response-types.js";
import { Task, type Break } from "./task.js";
import type { Problem, Progress } from "./types.js";
import type { Client } from "./wasm/azure_image_client.js";

/** What the engine tells of a call of the tool. */
type OfCall = { sequenceNumber?: number; itemId: string; outputIndex: number };

/** What the engine tells while an answer arrives. */
type EngineEvent =
  | Extract<ResponseEvent, { type: "status" | "textDelta" | "refusalDelta" | "callStatus" }>
  | (OfCall & ImageRecord & { type: "partialImage"; index: number })
  | (OfCall & ImageRecord & Omit<ImageCall, "id"> & { type: "image"; isEarlier: boolean })
  | (OfCall & { type: "callFailed"; failure: AzureImageErrorFields });

/** What the engine says at the end. */
type ResponseRecord = Omit<ResponseResult, "images" | "failures" | "error" | "raw"> & {
  failure?: AzureImageErrorFields;
  response?: Record<string, unknown>;
};

/** Asks the engine, and tells it whom to let know. */
export type Ask = (client: Client, signal: AbortSignal, observer: object) => Promise<Answer>;

/** What the engine said at the end, and what else is to be said. */
interface Answer {
  record: unknown;
  warnings?: Problem[];
}

/** Follows a response behind one of its events. `isOwn`: the same call has begun it. */
export function following(id: string, startingAfter: number | undefined, isOwn: boolean): Ask {
  return async (client, signal, observer) => ({ record: await client.follow(id, startingAfter, isOwn, signal, observer) });
}

/** What a call for a response is. */
export interface ResponseSubject {
  /** Takes hold, at once, of what the page handed over. */
  begin: () => Ask;
  /**
   * `make`: ends with the connection, and may cost. `start`: may cost, and goes on without it, as what is only to `follow` does.
   * `fetch`: tells how a response stands, which costs nothing and is no failure of its own.
   */
  kind: "make" | "start" | "follow" | "fetch";
}

/** One call for a response, from its start to its only end. */
export class ResponseCall {
  readonly #task: Task<ResponseResult>;
  readonly #kind: ResponseSubject["kind"];
  readonly #tellEvent: (event: ResponseEvent) => void;
  #onProgress: ((progress: Progress) => void) | undefined;
  readonly #startedAt = performance.now();
  readonly #progress = new RequestProgress();
  readonly #images: GeneratedImage[] = [];
  readonly #failures: NonNullable<ResponseResult["failures"]> = [];
  /** Ends the connection, and not the call. */
  #letGo: () => void = () => {};
  /** Until when nothing is asked. */
  #held: Promise<void> = Promise.resolve();
  #previews = 0;
  #id: string | undefined;
  #status: ResponseStatus = "queued";
  #text = "";
  #refusal = "";
  #lastSequenceNumber: number | undefined;
  #identify!: (id: string) => void;
  /** The id of the response, once it is known; rejects where the call ends before. */
  readonly identified: Promise<string>;

  constructor(engine: EngineClient, { begin, kind }: ResponseSubject, options: ResponseOptions, onEvent: (event: ResponseEvent) => void = () => {}) {
    this.#kind = kind;
    this.#tellEvent = onEvent;
    this.#task = new Task(
      engine.totalTimeout,
      () => options?.abortSignal,
      (how, what, cause) => this.#broken(how, what, cause),
    );
    this.identified = new Promise((resolve, reject) => {
      this.#identify = resolve;
      this.#task.result.then((response) => reject(nameless(response)), reject);
    });
    // Who does not wait for the id hears of the failure with the result.
    this.identified.catch(() => {});
    this.#task.run(() => {
      this.#onProgress = listener(options, "onProgress");
      return this.#run(engine, begin());
    });
  }

  /** Settles exactly once, whatever happens. */
  get result(): Promise<ResponseResult> {
    return this.#task.result;
  }

  get id(): string | undefined {
    return this.#id;
  }

  get status(): ResponseStatus {
    return this.#status;
  }

  /** Ends the call and its connections. Does nothing when it has ended. */
  cancel(): void {
    this.#task.cancel();
  }

  /**
   * Cancels the response by asking the service. The stream of its events is let go first: a browser opens six connections to a host,
   * and the question must not wait behind what it is about to end.
   */
  cancelBy(ask: () => Promise<ResponseResult>): Promise<ResponseResult> {
    this.#letGo();
    const cancelling = this.#cancelBy(ask);
    const goOn = () => {};
    this.#held = cancelling.then(goOn, goOn);
    return cancelling;
  }

  async #cancelBy(ask: () => Promise<ResponseResult>): Promise<ResponseResult> {
    const response = await ask();
    if (response.status === "cancelled" && !this.#task.isOver) {
      this.#status = response.status;
      this.#task.fail(this.#broken("cancelled", "The response was cancelled", undefined, false));
    }
    return response;
  }

  async #run(engine: EngineClient, first: Ask): Promise<void> {
    try {
      const client = await engine.get();
      for (let ask = first; !this.#task.isOver; ask = following(this.#id ?? "", this.#lastSequenceNumber, this.#kind === "start")) {
        const answer = await this.#ask(client, ask);
        if (this.#task.isOver) return;
        if (answer) return this.#finish(answer.record as ResponseRecord, answer.warnings ?? []);
        await this.#held;
      }
    } catch (reason) {
      const { lastPreview } = this.#progress;
      const error = this.#withResponse(AzureImageError.from(reason, lastPreview));
      // The engine knows of what came over the last connection.
      const isPaid = this.#images.length > 0 && this.#kind !== "fetch";
      this.#task.fail(isPaid ? altered(error, { billed: "yes" }) : error);
    }
  }

  /** Asks the engine. Gives nothing where its connection was let go. */
  async #ask(client: Client, ask: Ask): Promise<Answer | undefined> {
    const connection = new AbortController();
    const abort = () => connection.abort(this.#task.signal.reason);
    this.#task.signal.addEventListener("abort", abort);
    this.#letGo = () => connection.abort();
    const observer = this.#progress.observer(connection.signal, () => this.#report());
    try {
      return await ask(client, connection.signal, {
        ...observer,
        retry: (...parameters: Parameters<typeof observer.retry>) => {
          if (this.#kind === "make") this.#forget();
          return observer.retry(...parameters);
        },
        identify: (id: string) => this.#know(id),
        event: (event: EngineEvent) => {
          if (!this.#task.isOver) this.#hear(event);
        },
      });
    } catch (reason) {
      if (this.#task.isOver || !connection.signal.aborted) throw reason;
      return undefined;
    } finally {
      this.#letGo = () => {};
      this.#task.signal.removeEventListener("abort", abort);
    }
  }

  #finish({ failure, response: raw, warnings: said = [], ...rest }: ResponseRecord, warned: Problem[]): void {
    const warnings = [...warned, ...said];
    const error = failure && AzureImageError.from(failure, this.#progress.lastPreview);
    const result: ResponseResult = {
      ...rest,
      ...this.#brought(),
      ...(error && { error }),
      ...(warnings.length > 0 && { warnings }),
      ...(raw && { raw }),
    };
    const worstFailure =
      this.#images.length === 0
        ? worst(
            this.#failures.map(({ error }) => error),
            this.#progress.lastPreview,
          )
        : undefined;
    this.#status = result.status;
    const fatal = this.#kind === "fetch" ? undefined : (error ?? worstFailure);
    if (fatal) throw altered(fatal, { response: result });
    this.#progress.enter("completed", this.#progress.receivedBytes);
    this.#task.settle();
    this.#tell();
    const { lastSequenceNumber: sequenceNumber } = result;
    this.#tellEvent({ type: "completed", response: result, ...(sequenceNumber !== undefined && { sequenceNumber }) });
    this.#task.resolve(result);
  }

  #know(id: string): void {
    this.#id = id;
    this.#identify(id);
  }

  /** What came of a response that broke off is not of the one that is made in its place. */
  #forget(): void {
    [this.#id, this.#text, this.#refusal, this.#lastSequenceNumber] = [undefined, "", "", undefined];
    this.#failures.length = 0;
  }

  #hear(event: EngineEvent): void {
    this.#lastSequenceNumber = event.sequenceNumber ?? this.#lastSequenceNumber;
    switch (event.type) {
      case "partialImage": {
        const { type, index, itemId, outputIndex, sequenceNumber, ...record } = event;
        const image = new GeneratedImage(record);
        this.#previews += 1;
        this.#progress.lastPreview = image;
        this.#tellEvent({ type, index, itemId, outputIndex, image, ...(sequenceNumber !== undefined && { sequenceNumber }) });
        break;
      }
      case "image": {
        const { type, itemId, outputIndex, sequenceNumber, isEarlier, action, size, quality, background, outputFormat, ...record } = event;
        // Who lets go of a stream and follows it again is told of it anew.
        if (this.#images.some(({ call }) => call?.id === itemId && call.outputIndex === outputIndex)) return;
        const details = { action, size, quality, background, outputFormat };
        const known = Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
        const image = new GeneratedImage({ ...record, call: { id: itemId, outputIndex, ...known } });
        this.#images.push(image);
        this.#images.sort((one, other) => (one.call?.outputIndex ?? 0) - (other.call?.outputIndex ?? 0));
        if (!isEarlier) this.#tellEvent({ type, itemId, outputIndex, image, ...(sequenceNumber !== undefined && { sequenceNumber }) });
        break;
      }
      case "callFailed": {
        const { failure, ...rest } = event;
        const error = AzureImageError.from(failure, this.#progress.lastPreview);
        this.#failures.push({ call: { id: rest.itemId, outputIndex: rest.outputIndex }, error });
        this.#tellEvent({ ...rest, error });
        break;
      }
      case "status":
        this.#status = event.status;
        this.#tellEvent(event);
        break;
      case "textDelta":
        this.#text += event.delta;
        this.#tellEvent(event);
        break;
      case "refusalDelta":
        this.#refusal += event.delta;
        this.#tellEvent(event);
        break;
      case "callStatus":
        this.#tellEvent(event);
    }
    this.#report();
  }

  /** The pictures so far, and those that failed. */
  #brought(): Pick<ResponseResult, "images" | "failures"> {
    return { images: [...this.#images], ...(this.#failures.length > 0 && { failures: [...this.#failures] }) };
  }

  /** An error of the call, with what had come before it. */
  #withResponse(error: AzureImageError): AzureImageError {
    if (error.response || this.#id === undefined) return error;
    const response = {
      id: this.#id,
      status: this.#status,
      text: this.#text,
      ...(this.#refusal && { refusal: this.#refusal }),
      ...(this.#lastSequenceNumber !== undefined && { lastSequenceNumber: this.#lastSequenceNumber }),
      ...this.#brought(),
    };
    return altered(error, { response });
  }

  /** The error for a call that is ended before its time. `goesOn`: whether the response is made all the same. */
  #broken(code: Break, what: string, cause?: unknown, goesOn = this.#kind === "start" || this.#kind === "follow"): AzureImageError {
    const came = this.#images.length > 0;
    const isFree = this.#kind === "fetch";
    const mayBeBilled = !isFree && (this.#progress.mayBeBilled || this.#id !== undefined);
    const resumable = goesOn && this.#id !== undefined;
    const rest = resumable ? ` What is being made goes on at Azure: responses.resume("${this.#id}") follows it again.` : "";
    const bill = came
      ? ` when pictures had come, which are billed.${rest}`
      : resumable
        ? `.${rest}`
        : mayBeBilled
          ? ". Whether a picture was made, and billed, cannot be told from here."
          : ` ${this.#progress.wasSent ? "while nothing was under way that costs" : "before anything was sent"}.`;
    return this.#withResponse(
      new AzureImageError(
        {
          code,
          message: `${what}${bill}`,
          billed: came ? "yes" : mayBeBilled ? "unknown" : "no",
          retryable: code === "timeout",
          cause,
        },
        this.#progress.lastPreview,
      ),
    );
  }

  #report(): void {
    if (!this.#task.isOver) this.#tell();
  }

  #tell(): void {
    if (!this.#onProgress) return;
    tell(this.#onProgress, {
      ...combine([this.#progress]),
      previews: this.#previews,
      images: this.#images.length,
      elapsedInMs: performance.now() - this.#startedAt,
    });
  }
}

/** The error for a response that was to be followed, and has no id. */
function nameless(response: ResponseResult): AzureImageError {
  return new AzureImageError({
    code: "stream_malformed",
    message:
      "The service gave the response no id, by which it could be followed. What it gave is in error.response. Look for a proxy that " +
      "changes answers, or make the response without the background.",
    billed: response.images.length > 0 ? "yes" : "unknown",
    retryable: false,
    response,
  });
}
