/** What the page's code is told when it is asked for a token. */
export interface TokenQuestion {
  /** Aborted when nobody waits for the token any more. */
  abortSignal: AbortSignal;
  /** The service refused the last token, so that one from a cache would be of no use. */
  forceRefresh: boolean;
}

/** Asks once for all who want to know at the same time, and takes the question back when the last of them has gone. */
export class SharedQuestion {
  readonly #question: (question: TokenQuestion) => unknown;
  #asked: Asked | undefined;

  constructor(question: (question: TokenQuestion) => unknown) {
    this.#question = question;
  }

  /** Waits for the answer until `signal` is aborted. */
  ask(signal: AbortSignal, forceRefresh: boolean): Promise<unknown> {
    const asked = (this.#asked ??= this.#begin(forceRefresh));
    asked.waiting += 1;
    return new Promise((resolve, reject) => {
      const abort = () => {
        asked.waiting -= 1;
        if (asked.waiting === 0) {
          this.#forget(asked);
          asked.controller.abort();
        }
        reject(signal.reason);
      };
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      asked.answer.finally(() => signal.removeEventListener("abort", abort)).then(resolve, reject);
    });
  }

  #begin(forceRefresh: boolean): Asked {
    const controller = new AbortController();
    // What it throws at once is a rejection like any other.
    const answer = new Promise((resolve) => resolve(this.#question({ abortSignal: controller.signal, forceRefresh })));
    const asked = { answer, controller, waiting: 0 };
    const forget = () => this.#forget(asked);
    answer.then(forget, forget);
    return asked;
  }

  #forget(asked: Asked): void {
    if (this.#asked === asked) this.#asked = undefined;
  }
}

/** A question that has not been answered yet. */
interface Asked {
  answer: Promise<unknown>;
  controller: AbortController;
  waiting: number;
}
