import { signal } from "@preact/signals";
import {
  type AzureImageClient,
  AzureImageError,
  type GeneratedImage,
  type ResponseEvent,
  type ResponseJob,
  type ResponseResult,
  type ResponseStream,
} from "azure-image-client";
import { effectiveOf, keep } from "../history/database.js";
import { EventLog } from "../meter/event-log.js";
import { watch } from "../meter/measures.js";
import type { Ask } from "./ask.js";
import { forgetJob, type Job, rememberJob } from "./job.js";

/** Who shows a preview frees it: the next one may come while the browser still loads it. */
const OPTIONS = { keepPartialImages: true };

/** Something that is said, and what is answered to it, in words and pictures. */
export class Turn {
  readonly text = signal("");
  /** Each picture, or its newest preview until it is there, by the id of the call that draws it. */
  readonly pictures = signal<ReadonlyMap<string, { image: GeneratedImage; isPreview: boolean }>>(new Map());
  /** As the service calls it. */
  readonly status = signal("asking");
  readonly error = signal<AzureImageError | undefined>(undefined);
  readonly isOver = signal(false);
  readonly log = new EventLog();
  /** What the next turn goes on from: nothing goes on from one that failed or was stopped. */
  id: string | undefined;
  #answer: ResponseStream | ResponseJob | undefined;
  #isCancelled = false;

  constructor(
    readonly said: string,
    /** Where it is said: what was said elsewhere is not known there. */
    readonly endpoint: string,
    answer: ResponseStream | ResponseJob | Promise<ResponseJob>,
    /** Who was asked; nothing for a job of an earlier visit. */
    readonly partner: Pick<Ask["request"], "model" | "agent"> = {},
    /** Whether it goes on at the service without this page. */
    readonly isJob = false,
  ) {
    void watch(this.#follow(answer));
  }

  /** Ends it, a job at the service too; one that is just being begun, as soon as it can be named. */
  cancel(): void {
    this.#isCancelled = true;
    void Promise.resolve(this.#answer?.cancel()).catch(() => {});
  }

  async #follow(answer: ResponseStream | ResponseJob | Promise<ResponseJob>): Promise<void> {
    try {
      this.#answer = await answer;
      const { id } = this.#answer;
      if (this.isJob && id !== undefined) rememberJob({ said: this.said, id, endpoint: this.endpoint });
      if (this.#isCancelled) this.cancel();
      for await (const event of this.#answer) this.#take(event);
      const result = await this.#answer.result();
      this.text.value = result.text;
      this.status.value = "completed";
      this.id = result.id;
      this.log.requestId.value = result.requestId;
      this.#keep(result);
    } catch (error) {
      const failure = AzureImageError.from(error);
      this.error.value = failure;
      this.status.value = failure.code;
      this.log.add(failure.code);
      this.log.requestId.value = failure.requestId;
    }
    if (this.isJob) forgetJob(this.#answer?.id, this.error.value);
    this.isOver.value = true;
  }

  #take(event: ResponseEvent): void {
    if (event.type === "textDelta") this.text.value += event.delta;
    if (event.type === "status") this.status.value = event.status;
    if (event.type === "partialImage" || event.type === "image") {
      const pictures = new Map(this.pictures.value);
      pictures.set(event.itemId, { image: event.image, isPreview: event.type === "partialImage" });
      this.pictures.value = pictures;
      this.log.add(event.type, event.image.byteLength);
    } else if (event.type !== "textDelta") this.log.add(event.type === "status" ? `status: ${event.status}` : event.type);
  }

  #keep({ images, imageUsage }: ResponseResult): void {
    for (const [index, image] of images.entries()) {
      // The tokens are told of all pictures together.
      const usage = index === 0 ? imageUsage : undefined;
      void keep(image, { prompt: this.said, asked: this.partner, effective: effectiveOf(image.call ?? {}), usage });
    }
  }
}

/** Says something. A job outlives the page. */
export function say(client: AzureImageClient, endpoint: string, { request, isJob }: Ask): Turn {
  const { input, model, agent } = request;
  // Before the request, since a reload may come before the service names the response.
  if (isJob) rememberJob({ said: input, endpoint });
  const answer = isJob ? client.responses.start(request, OPTIONS) : client.responses.stream(request, OPTIONS);
  return new Turn(input, endpoint, answer, agent ? { agent } : { ...(model && { model }) }, isJob);
}

/** Goes on with a job of an earlier visit. */
export function resume(client: AzureImageClient, { said, endpoint }: Job, id: string): Turn {
  return new Turn(said, endpoint, client.responses.resume(id, OPTIONS), {}, true);
}
