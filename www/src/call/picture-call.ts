import { signal } from "@preact/signals";
import { AzureImageError, type AzureImageClient, type GeneratedImage, type GenerateResult, type Progress } from "azure-image-client";
import { effectiveOf, keep } from "../history/database.js";
import { EventLog } from "../meter/event-log.js";
import { watch } from "../meter/measures.js";
import type { Wish } from "../make/request.js";

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
  readonly log = new EventLog();
  /** On the clock of `performance.now()`. */
  readonly startedAt = signal(0);
  /** From the beginning, so that nobody begins it twice. */
  readonly endedAt = signal<number | undefined>(0);
  #abort = new AbortController();

  constructor(client: AzureImageClient, { request, sources, streamed }: Wish) {
    this.request = request;
    this.sources = sources;
    this.streamed = streamed;
    void this.start(client);
  }

  get isOver(): boolean {
    return this.endedAt.value !== undefined;
  }

  /** Begins, or begins anew, over the connection as it is by then. */
  async start(client: AzureImageClient): Promise<void> {
    if (!this.isOver) return;
    this.freePreviews();
    this.state.value = "running";
    this.previews.value = [];
    this.log.clear();
    this.progress.value = undefined;
    this.error.value = undefined;
    this.endedAt.value = undefined;
    this.startedAt.value = performance.now();
    this.#abort = new AbortController();
    try {
      const making = this.#make(client, this.#abort.signal);
      void watch(making);
      const result = await making;
      this.result.value = result;
      this.log.requestId.value = result.requestId;
      this.state.value = "finished";
      this.#keep(result);
    } catch (error) {
      if (!(error instanceof AzureImageError)) throw error;
      this.error.value = error;
      this.#log(error.code);
      this.log.requestId.value = error.requestId;
      this.state.value = error.code === "cancelled" ? "cancelled" : "failed";
    }
    this.endedAt.value = performance.now();
  }

  async #make(client: AzureImageClient, abortSignal: AbortSignal): Promise<GenerateResult> {
    const { partialImages, ...request } = this.request;
    const onProgress = (progress: Progress) => {
      const isNews = progress.stage !== this.progress.value?.stage;
      this.progress.value = progress;
      if (isNews) this.#log(`stage: ${progress.stage}`);
      this.state.value = progress.stage === "retrying" ? "waiting" : "running";
    };
    if (!this.streamed) {
      const options = { abortSignal, onProgress };
      const result = await (this.sources ? client.edit({ ...request, ...this.sources }, options) : client.generate(request, options));
      this.picture.value = result.images[0];
      this.#log("picture", result.images[0]?.byteLength);
      return result;
    }
    const options = { abortSignal, onProgress, keepPartialImages: true };
    const stream = this.sources ? client.editStream({ ...this.request, ...this.sources }, options) : client.generateStream(this.request, options);
    for await (const event of stream) {
      this.#log(event.type, event.image.byteLength);
      if (event.type === "image") this.picture.value = event.image;
      else this.previews.value = [...this.previews.value, event.image];
    }
    return stream.result();
  }

  #keep({ images: [image], usage, ...result }: GenerateResult): void {
    const { prompt, ...asked } = this.request;
    if (image) void keep(image, { prompt, asked, effective: effectiveOf(result), usage });
  }

  #log(what: string, byteLength?: number): void {
    this.log.add(what, byteLength, this.progress.value?.receivedBytes ?? 0);
  }

  cancel(): void {
    this.#abort.abort();
  }

  /** Frees the object URLs of the previews; who shows one again reads a new one. */
  freePreviews(): void {
    for (const preview of this.previews.value) preview.dispose();
  }
}
