import { countDown } from "./count-down.js";
import { AzureImageError, type AzureImageErrorFields } from "./errors.js";
import type { GeneratedImage } from "./image.js";
import type { Progress, Retry } from "./types.js";

/** How far one request of a call is. */
export class RequestProgress {
  stage: Progress["stage"] = "authenticating";
  receivedBytes = 0;
  lastPreview: GeneratedImage | undefined;
  retry: Retry | undefined;
  /** Whether anything was sent. */
  wasSent = false;
  /** Whether it was sent and has not been answered. */
  #isOut = false;
  /** Whether an earlier try may have been billed. */
  #mayBeBilled = false;

  /** Whether anything of it may have been billed. */
  get mayBeBilled(): boolean {
    return this.#isOut || this.#mayBeBilled;
  }

  /** The request is in its next stage, or has received more. */
  enter(stage: Progress["stage"], receivedBytes: number): void {
    this.stage = stage;
    this.receivedBytes = receivedBytes;
    this.retry = undefined;
    if (stage === "waiting") this.wasSent = this.#isOut = true;
  }

  /** The request failed and will be repeated. */
  repeat(failure: AzureImageErrorFields): AzureImageError {
    this.enter("retrying", 0);
    return this.#fail(AzureImageError.from(failure, this.lastPreview));
  }

  /** What the engine tells of the request. `signal` ends every wait; `report` is called when something has changed. */
  observer(signal: AbortSignal, report: () => void) {
    return {
      enter: (stage: Progress["stage"]) => {
        this.enter(stage, 0);
        report();
      },
      receive: (bytes: number) => {
        this.receivedBytes = bytes;
        report();
      },
      retry: (failure: AzureImageErrorFields, waitInMs: number, retries: number) => {
        const error = this.repeat(failure);
        return countDown(waitInMs, signal, (left) => {
          this.retry = { retries, waitInMs: left, error };
          report();
        });
      },
      wait: (milliseconds: number) => countDown(milliseconds, signal, () => {}),
    };
  }

  /** The request has ended without a picture. */
  end(reason: unknown): AzureImageError {
    this.enter("completed", this.receivedBytes);
    return this.#fail(AzureImageError.from(reason, this.lastPreview));
  }

  #fail(error: AzureImageError): AzureImageError {
    this.#isOut = false;
    this.#mayBeBilled ||= error.billed !== "no";
    return error;
  }
}

/** Of several requests, the one that is furthest in its work says how far the call is; `completed` only when all are. */
const STAGES: Progress["stage"][] = ["receiving", "waiting", "retrying", "authenticating"];

/** How far all requests of a call are together. */
export function combine(requests: readonly RequestProgress[]): Pick<Progress, "stage" | "receivedBytes" | "retry"> {
  const retries = requests.flatMap(({ retry }) => retry ?? []);
  const next = retries.sort((one, other) => one.waitInMs - other.waitInMs)[0];
  return {
    stage: STAGES.find((stage) => requests.some((request) => request.stage === stage)) ?? "completed",
    receivedBytes: requests.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
    ...(next && { retry: next }),
  };
}
