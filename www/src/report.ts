import type { AzureImageError, GeneratedImage, GenerateResult, Progress } from "azure-image-client";
import { find } from "./find.js";
import { setState } from "./stage.js";
import { count, describeError, describeProgress, fileName, fileSize, seconds } from "./words.js";

const status = find("status", HTMLParagraphElement);
const clock = find("clock", HTMLParagraphElement);
const alert = find("error", HTMLDivElement);
const outcome = find("outcome", HTMLDivElement);
const facts = find("facts", HTMLDListElement);
const download = find("download", HTMLAnchorElement);

/** Tells one call from its start to its end, in words. */
export class Report {
  readonly #previews: number;
  readonly #startedAt = performance.now();
  readonly #ticking: number;
  #receivedBytes = 0;
  /** When the request will be sent again, on the clock of `performance.now()`. */
  #retryAt: number | undefined;

  constructor(previews: number) {
    this.#previews = previews;
    alert.replaceChildren();
    outcome.hidden = true;
    say("Loading…");
    // Beside the live region, since a screen reader would read every tick.
    this.#ticking = window.setInterval(() => this.#tick(), 100);
    this.#tick();
  }

  /** For `onProgress`. */
  progress(progress: Progress): void {
    setState(progress.stage === "retrying" ? "waiting" : "running");
    this.#receivedBytes = progress.receivedBytes;
    this.#retryAt = progress.retry && performance.now() + progress.retry.waitInMs;
    say(describeProgress(progress, this.#previews));
  }

  finished(prompt: string, image: GeneratedImage, result: GenerateResult): void {
    say(`Finished in ${this.#elapsed()}.`);
    const { usage, requestId } = result;
    facts.replaceChildren(
      ...fact("Size", `${image.width ?? "?"} × ${image.height ?? "?"}`),
      ...fact("File", `${image.mediaType}, ${fileSize(image.byteLength)}`),
      ...fact("Tokens", usage && `${count(usage.totalTokens)} (${count(usage.inputTokens)} in, ${count(usage.outputTokens)} out)`),
      ...fact("Request", requestId),
    );
    download.href = image.objectUrl;
    download.download = fileName(prompt, image.mediaType);
    outcome.hidden = false;
  }

  /** A cancelled call is no mistake, and does not look like one. */
  cancelled(error: AzureImageError): void {
    say(`Cancelled after ${this.#elapsed()}. ${error.billed === "no" ? "It costs nothing." : "It may have been billed."}`);
  }

  failed(error: AzureImageError): void {
    say(`No picture after ${this.#elapsed()}.`);
    const message = document.createElement("p");
    message.textContent = error.message;
    const details = document.createElement("small");
    details.textContent = describeError(error).join(" · ");
    alert.replaceChildren(message, details);
    alert.scrollIntoView({ block: "nearest" });
  }

  /** Stops the clock. */
  close(): void {
    clearInterval(this.#ticking);
    clock.textContent = "";
  }

  #tick(): void {
    const received = this.#receivedBytes === 0 ? [] : [fileSize(this.#receivedBytes)];
    const retry = this.#retryAt === undefined ? [] : [`next try in ${Math.ceil(Math.max(0, this.#retryAt - performance.now()) / 1000)} s`];
    clock.textContent = [...received, ...retry, this.#elapsed()].join(" · ");
  }

  #elapsed(): string {
    return seconds(performance.now() - this.#startedAt);
  }
}

/** Only what is new: the same words again would be read aloud again. */
function say(words: string): void {
  if (status.textContent !== words) status.textContent = words;
}

function fact(name: string, value: string | undefined): HTMLElement[] {
  if (value === undefined) return [];
  const term = document.createElement("dt");
  term.textContent = name;
  const description = document.createElement("dd");
  description.textContent = value;
  return [term, description];
}
