import type { AzureImageClient } from "../core/client.js";
import { AzureImageError, invalidRequest } from "../core/error.js";
import type { GeneratedImage } from "../core/image.js";
import { own } from "../core/own.js";
import type { ImageStream } from "./stream.js";
import type { EditStreamRequest, GenerateResult, GenerateStreamRequest, Progress, StreamOptions } from "../core/types.js";

/** The state of the last call of a component. */
export interface ImageGenerationState {
  /** `idle`: there was no call yet, or it was reset. */
  status: "idle" | "running" | "succeeded" | "failed" | "cancelled";
  /** Finished images, in the order of the request. They stay if the call fails or is cancelled later. */
  images: readonly GeneratedImage[];
  /** The newest preview of each image that is not finished. Never the result. */
  partialImages: readonly GeneratedImage[];
  /** The progress of the call, updated at most ten times a second. */
  progress?: Progress;
  /** The result of a call that succeeded. */
  result?: GenerateResult;
  /** The error of a call that failed. */
  error?: AzureImageError;
}

/** The functions of a component. They stay the same while it lives. */
export interface ImageGenerationActions {
  /**
   * Generates images from a prompt. Resolves with the result, or with `undefined` if the call fails or is cancelled, which the state
   * shows. Never rejects. A call that is still running is cancelled, and may be billed.
   */
  generate(request: GenerateStreamRequest): Promise<GenerateResult | undefined>;
  /** The same, from images. */
  edit(request: EditStreamRequest): Promise<GenerateResult | undefined>;
  /** Cancels the running call. The finished images stay. */
  cancel(): void;
  /** Cancels the running call, and returns to the idle state. */
  reset(): void;
}

export const IDLE: ImageGenerationState = { status: "idle", images: [], partialImages: [] };

/** Every chunk is progress. Rendering each would slow the page down. */
const PROGRESS_MS = 100;

/** A call in progress. */
interface Run {
  stream?: ImageStream;
  /** By the index of the image. */
  images: Map<number, GeneratedImage>;
  partialImages: Map<number, GeneratedImage>;
  progress?: Progress;
  timer?: ReturnType<typeof setTimeout> | undefined;
}

/** Runs one call at a time, and holds the state of the last one. Independent of any framework. */
export class Generation {
  #state = IDLE;
  #run: Run | undefined;
  /** State to show again. A hidden component must not read an object URL, because nobody would revoke it. */
  #hidden: ImageGenerationState | undefined;
  #isAway = false;
  readonly #listeners = new Set<() => void>();
  /** Images whose object URL the component may have read. */
  readonly #shown = new Set<GeneratedImage>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = (): ImageGenerationState => this.#state;

  /** The functions for the component. `client` returns the client of the next call. */
  actions(client: () => AzureImageClient): ImageGenerationActions {
    const checked = () => {
      const value: AzureImageClient | null | undefined = client();
      if (value) return value;
      throw invalidRequest("client", `client must be an AzureImageClient. It is ${value}. Create it before the first call.`);
    };
    return {
      generate: (request) => this.#start(request, (copy, options) => checked().generateStream(copy, options)),
      edit: (request) => this.#start(request, (copy, options) => checked().editStream(copy, options)),
      cancel: () => this.cancel(),
      reset: () => this.reset(),
    };
  }

  cancel(): void {
    const run = this.#run;
    if (!run) return;
    this.#end(run, { status: "cancelled" });
    run.stream?.dispose();
  }

  reset(): void {
    this.cancel();
    this.#hidden = undefined;
    if (this.#state !== IDLE) this.#set(IDLE);
    this.#revoke();
    this.#shown.clear();
  }

  /** The component is on the page. */
  mount(): void {
    this.#isAway = false;
    if (this.#hidden) this.#set(this.#hidden);
    this.#hidden = undefined;
  }

  /** The component left the page. It may come back, and React may render it while it is hidden. */
  unmount(): void {
    this.cancel();
    this.#revoke();
    this.#isAway = true;
    this.#hidden = this.#state;
    this.#set({ ...IDLE, status: this.#state.status });
  }

  /** Replaces the running call with that of the stream that `open` returns. */
  async #start<Request>(request: Request, open: (copy: Request, options: StreamOptions) => ImageStream): Promise<GenerateResult | undefined> {
    this.reset();
    const run: Run = own({ images: new Map(), partialImages: new Map() });
    this.#run = run;
    this.#set({ ...IDLE, status: "running" });
    try {
      // The page may clear its form before the call starts.
      const copy = request && { ...request };
      // By now StrictMode of React has undone a rehearsed effect, and a component whose child made the call in an effect is mounted.
      await undefined;
      // Nobody would see the images of a component that has left the page.
      if (this.#isAway) this.cancel();
      if (this.#run !== run) return undefined;
      run.stream = open(copy, { onProgress: (progress) => this.#report(run, progress) });
      await this.#follow(run, run.stream);
      const result = await run.stream.result();
      if (this.#run !== run) return undefined;
      this.#end(run, { status: "succeeded", result });
      return result;
    } catch (reason) {
      this.#end(run, { status: "failed", error: AzureImageError.from(reason) });
      return undefined;
    }
  }

  async #follow(run: Run, stream: ImageStream): Promise<void> {
    for await (const { type, imageIndex, image } of stream) {
      if (this.#run !== run) return;
      if (type === "image") {
        run.images.set(imageIndex, image);
        run.partialImages.delete(imageIndex);
      } else {
        run.partialImages.set(imageIndex, image);
      }
      this.#shown.add(image);
      this.#show(run);
    }
  }

  #report(run: Run, progress: Progress): void {
    if (this.#run !== run) return;
    const isNews = progress.stage !== run.progress?.stage || progress.retry !== run.progress?.retry;
    run.progress = progress;
    if (isNews) this.#show(run);
    else run.timer ??= setTimeout(() => this.#show(run), PROGRESS_MS);
  }

  #show(run: Run, end?: Pick<ImageGenerationState, "status" | "result" | "error">): void {
    clearTimeout(run.timer);
    run.timer = undefined;
    const inOrder = (images: Run["images"]) => [...images].sort(([one], [other]) => one - other).map(([, image]) => image);
    this.#set({
      status: "running",
      images: inOrder(run.images),
      partialImages: end ? [] : inOrder(run.partialImages),
      ...(run.progress && { progress: run.progress }),
      ...end,
    });
  }

  /** Does nothing if another call has replaced this one. */
  #end(run: Run, end: Pick<ImageGenerationState, "status" | "result" | "error">): void {
    if (this.#run !== run) return;
    this.#run = undefined;
    this.#show(run, end);
  }

  #set(state: ImageGenerationState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  #revoke(): void {
    for (const image of this.#shown) image.dispose();
  }
}
