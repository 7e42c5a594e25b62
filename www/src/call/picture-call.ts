import { signal } from "@preact/signals";
import { AzureImageError, type AzureImageClient, type GeneratedImage, type GenerateResult, type Progress } from "azure-image-client";
import { effectiveOf, keep } from "../history/database.js";
import { watch } from "../meter/measures.js";
import type { Wish } from "../make/request.js";

/** Something that happened to a call. */
export interface CallEvent {
  /** Since it began, in milliseconds. */
  readonly atMs: number;
  readonly what: string;
  /** Of the answer, so far. */
  readonly receivedBytes: number;
  /** Of the picture that came with it. */
  readonly byteLength?: number;
}

export type CallState = "running" | "waiting" | "finished" | "failed" | "cancelled";

let made = 0;

/** A picture that is being made, and what becomes of it. */
export class PictureCall {
  /** Counts the calls of this visit, from 1. */
  readonly number = ++made;
  readonly request: Wish["request"];
  readonly sources: Wish["sources"];
  readonly streamed: boolean;
  readonly state = signal<CallState>("running");
  readonly progress = signal<Progress | undefined>(undefined);
  /** In the order of their making. */
  readonly previews = signal<readonly GeneratedImage[]>([]);
  readonly picture = signal<GeneratedImage | undefined>(undefined);
  readonly result = signal<GenerateResult | undefined>(undefined);
  readonly error = signal<AzureImageError | undefined>(undefined);
  readonly events = signal<readonly CallEvent[]>([]);
  /** On the clock of `performance.now()`. */
  readonly startedAt = signal(0);
  readonly endedAt = signal<number | undefined>(undefined);
  #abort = new AbortController();

  constructor(
    readonly client: AzureImageClient,
    { request, sources, streamed }: Wish,
  ) {
    this.request = request;
    this.sources = sources;
    this.streamed = streamed;
    void this.start();
  }

  get isOver(): boolean {
    return this.endedAt.value !== undefined;
  }

  /** Begins, or begins anew. */
  async start(): Promise<void> {
    this.freePreviews();
    this.state.value = "running";
    this.previews.value = [];
    this.events.value = [];
    this.progress.value = undefined;
    this.error.value = undefined;
    this.endedAt.value = undefined;
    this.startedAt.value = performance.now();
    this.#abort = new AbortController();
    try {
      const making = this.#make(this.#abort.signal);
      void watch(making);
      this.result.value = await making;
      this.state.value = "finished";
      this.#keep(this.result.value);
    } catch (error) {
      if (!(error instanceof AzureImageError)) throw error;
      this.error.value = error;
      this.#log(error.code);
      this.state.value = error.code === "cancelled" ? "cancelled" : "failed";
    }
    this.endedAt.value = performance.now();
  }

  async #make(abortSignal: AbortSignal): Promise<GenerateResult> {
    const { partialImages, ...request } = this.request;
    const onProgress = (progress: Progress) => {
      const isNews = progress.stage !== this.progress.value?.stage;
      this.progress.value = progress;
      if (isNews) this.#log(`stage: ${progress.stage}`);
      this.state.value = progress.stage === "retrying" ? "waiting" : "running";
    };
    if (!this.streamed) {
      const options = { abortSignal, onProgress };
      const result = await (this.sources ? this.client.edit({ ...request, ...this.sources }, options) : this.client.generate(request, options));
      this.picture.value = result.images[0];
      this.#log("picture", result.images[0]?.byteLength);
      return result;
    }
    const options = { abortSignal, onProgress, keepPartials: true };
    const stream = this.sources
      ? this.client.editStream({ ...this.request, ...this.sources }, options)
      : this.client.generateStream(this.request, options);
    for await (const event of stream) {
      this.#log(event.type, event.image.byteLength);
      if (event.type === "completed") this.picture.value = event.image;
      else this.previews.value = [...this.previews.value, event.image];
    }
    return stream.result();
  }

  #keep({ images: [image], usage, ...result }: GenerateResult): void {
    const { prompt, ...asked } = this.request;
    // What cannot be kept is shown all the same.
    if (image) keep(image, { prompt, asked, effective: effectiveOf(result), usage }).catch(() => {});
  }

  #log(what: string, byteLength?: number): void {
    const atMs = performance.now() - this.startedAt.value;
    const receivedBytes = this.progress.value?.receivedBytes ?? 0;
    this.events.value = [...this.events.value, { atMs, what, receivedBytes, ...(byteLength !== undefined && { byteLength }) }];
  }

  cancel(): void {
    this.#abort.abort();
  }

  /** Frees the object URLs of the previews; who shows one again reads a new one. */
  freePreviews(): void {
    for (const preview of this.previews.value) preview.dispose();
  }
}
