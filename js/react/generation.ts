import { AzureImageError } from "../errors.js";
import type { GeneratedImage } from "../image.js";
import type { ImageStream } from "../stream.js";
import type { GenerateResult, Progress, StreamOptions } from "../types.js";

/** How far the pictures of a component are. */
export interface ImageGenerationState {
  /** `idle`: nothing was asked for yet. */
  status: "idle" | "running" | "succeeded" | "failed" | "cancelled";
  /** Finished pictures, in the order in which they were asked for. What has come before a failure or {@link status} `cancelled` stays. */
  images: readonly GeneratedImage[];
  /** The newest preview of each picture that is not finished. Never the result. */
  previews: readonly GeneratedImage[];
  /** How far the call is; told anew at most ten times a second. */
  progress?: Progress;
  /** What it came to, once it has succeeded. */
  result?: GenerateResult;
  /** Why it failed. */
  error?: AzureImageError;
}

export const IDLE: ImageGenerationState = { status: "idle", images: [], previews: [] };

/** Every chunk of an answer is progress, and a page need not be rendered for each. */
const PROGRESS_MS = 100;

/** The call that is under way. */
interface Run {
  stream?: ImageStream;
  /** By the places of the pictures. */
  images: Map<number, GeneratedImage>;
  previews: Map<number, GeneratedImage>;
  progress?: Progress;
  timer?: ReturnType<typeof setTimeout> | undefined;
}

/** One call after the other, and what a component shows of the last one. */
export class Generation {
  #state = IDLE;
  #run: Run | undefined;
  /** What is to be shown again: a component that is hidden must not read an object URL, since nobody would free it. */
  #hidden: ImageGenerationState | undefined;
  #isAway = false;
  readonly #listeners = new Set<() => void>();
  /** Everything whose object URL the component may have read. */
  readonly #given = new Set<GeneratedImage>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = (): ImageGenerationState => this.#state;

  /** Begins anew, with the stream that `open` opens. */
  async start(open: (options: StreamOptions) => ImageStream): Promise<GenerateResult | undefined> {
    this.reset();
    const run: Run = { images: new Map(), previews: new Map() };
    this.#run = run;
    this.#set({ ...IDLE, status: "running" });
    // By then an effect that StrictMode only rehearses is taken back, and the effect of a child has its component on the page.
    await undefined;
    // Nobody would see what a component that has gone pays for.
    if (this.#isAway) this.cancel();
    if (this.#run !== run) return undefined;
    try {
      run.stream = open({ onProgress: (progress) => this.#report(run, progress) });
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

  /** Ends what is under way. */
  cancel(): void {
    const run = this.#run;
    if (!run) return;
    this.#end(run, { status: "cancelled" });
    run.stream?.dispose();
  }

  /** The same, and forgets what has come. */
  reset(): void {
    this.cancel();
    this.#hidden = undefined;
    if (this.#state !== IDLE) this.#set(IDLE);
    this.#free();
    this.#given.clear();
  }

  /** The component is on the page. */
  mount(): void {
    this.#isAway = false;
    if (this.#hidden) this.#set(this.#hidden);
    this.#hidden = undefined;
  }

  /** The component has left the page, perhaps only for a while, in which React may render it all the same. */
  unmount(): void {
    this.cancel();
    this.#free();
    this.#isAway = true;
    this.#hidden = this.#state;
    this.#set({ ...IDLE, status: this.#state.status });
  }

  async #follow(run: Run, stream: ImageStream): Promise<void> {
    for await (const { type, imageIndex, image } of stream) {
      if (this.#run !== run) return;
      if (type === "completed") {
        run.images.set(imageIndex, image);
        run.previews.delete(imageIndex);
      } else {
        run.previews.set(imageIndex, image);
      }
      this.#given.add(image);
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
      previews: end ? [] : inOrder(run.previews),
      ...(run.progress && { progress: run.progress }),
      ...end,
    });
  }

  /** Does nothing where another call has taken its place. */
  #end(run: Run, end: Pick<ImageGenerationState, "status" | "result" | "error">): void {
    if (this.#run !== run) return;
    this.#run = undefined;
    this.#show(run, end);
  }

  #set(state: ImageGenerationState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  #free(): void {
    for (const image of this.#given) image.dispose();
  }
}
