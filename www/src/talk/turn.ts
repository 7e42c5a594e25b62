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
import { keep } from "../history/database.js";
import { watch } from "../meter/measures.js";
import { read, write } from "../storage.js";
import type { Ask } from "./ask.js";

/** The job that a reload must not lose: what was said, and the id of the response. */
const PENDING = "job";

/** Who shows a preview frees it: the next one may come while the browser still loads it. */
const OPTIONS = { keepPartials: true };

/** Something that is said, and what is answered to it, in words and pictures. */
export class Turn {
  readonly text = signal("");
  /** Each picture, or its newest preview until it is there, by the id of the call that draws it. */
  readonly pictures = signal<ReadonlyMap<string, { image: GeneratedImage; isPreview: boolean }>>(new Map());
  /** As the service calls it. */
  readonly status = signal("asking");
  readonly error = signal<AzureImageError | undefined>(undefined);
  readonly isOver = signal(false);
  /** What the next turn goes on from. */
  id: string | undefined;
  #answer: ResponseStream | ResponseJob | undefined;

  constructor(
    readonly said: string,
    answer: ResponseStream | ResponseJob | Promise<ResponseJob>,
    /** Who was asked. */
    readonly partner: Pick<Ask["request"], "model" | "agent">,
    /** Whether it goes on at the service without this page. */
    readonly isJob: boolean,
  ) {
    void watch(this.#follow(answer));
  }

  /** Ends it, a job at the service too. */
  cancel(): void {
    void Promise.resolve(this.#answer?.cancel()).catch(() => {});
  }

  async #follow(answer: ResponseStream | ResponseJob | Promise<ResponseJob>): Promise<void> {
    try {
      this.#answer = await answer;
      if (this.isJob) remember(this.said, this.#answer.id);
      for await (const event of this.#answer) this.#take(event);
      const result = await this.#answer.result();
      this.text.value = result.text;
      this.status.value = "completed";
      this.#keep(result);
    } catch (error) {
      this.error.value = AzureImageError.from(error);
      this.status.value = this.error.value.code;
    }
    this.id = this.#answer?.id;
    this.isOver.value = true;
    forgetJob(this.id);
  }

  #keep({ images, imageUsage }: ResponseResult): void {
    for (const [index, image] of images.entries()) {
      // The tokens are told of all pictures together.
      const usage = index === 0 ? imageUsage : undefined;
      // What cannot be kept is shown all the same.
      keep(image, { prompt: this.said, asked: this.partner, effective: {}, usage }).catch(() => {});
    }
  }

  #take(event: ResponseEvent): void {
    if (event.type === "textDelta") this.text.value += event.delta;
    if (event.type === "status") this.status.value = event.status;
    if (event.type === "partialImage" || event.type === "image") {
      const pictures = new Map(this.pictures.value);
      pictures.set(event.itemId, { image: event.image, isPreview: event.type === "partialImage" });
      this.pictures.value = pictures;
    }
  }
}

/** Says something, and goes on from the turn before. A job outlives the page. */
export function say(client: AzureImageClient, { request, isJob }: Ask): Turn {
  const { input, model, agent } = request;
  const answer = isJob ? client.responses.start(request, OPTIONS) : client.responses.stream(request, OPTIONS);
  return new Turn(input, answer, agent ? { agent } : { ...(model && { model }) }, isJob);
}

/** Goes on with the job of an earlier visit, if there is one. */
export function resume(client: AzureImageClient): Turn | undefined {
  const { said, id } = pending();
  return said !== undefined && id !== undefined ? new Turn(said, client.responses.resume(id, OPTIONS), {}, true) : undefined;
}

function pending(): { said?: string; id?: string } {
  return read(PENDING) ?? {};
}

function remember(said: string, id: string | undefined): void {
  write(PENDING, { said, id });
}

function forgetJob(id: string | undefined): void {
  if (id !== undefined && pending().id === id) write(PENDING, null);
}
