/** What the page's code is told when it is asked for a token. */
export interface GetTokenOptions {
  /** Aborted when nobody waits for the token any more. */
  abortSignal: AbortSignal;
  /** The service refused the last token, so that one from a cache would be of no use. */
  forceRefresh: boolean;
}

/** Asks once for all who want to know at the same time, and takes the question back when the last of them has gone. */
export class SharedQuestion {
  readonly #question: (question: GetTokenOptions) => unknown;
  #asked: Asked | undefined;

  /** `getToken` of a credential, asked for `scopes`; or a function that needs neither. */
  constructor(getToken: (...parameters: unknown[]) => unknown, credential: unknown, scopes: readonly string[] | undefined) {
    // A copy for each question: the other side may do with it what it likes.
    this.#question = (question) => getToken.call(credential, ...(scopes ? [[...scopes]] : []), question);
  }

  /** Waits for the answer until `signal` is aborted. */
  ask(signal: AbortSignal, forceRefresh: boolean): Promise<unknown> {
    if (signal.aborted) return Promise.reject(signal.reason);
    // Who needs no new token may have it all the same; who does is not helped by one from a cache.
    const asked = this.#asked && (this.#asked.forceRefresh || !forceRefresh) ? this.#asked : this.#begin(forceRefresh);
    this.#asked = asked;
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
      signal.addEventListener("abort", abort, { once: true });
      asked.answer.finally(() => signal.removeEventListener("abort", abort)).then(resolve, reject);
    });
  }

  #begin(forceRefresh: boolean): Asked {
    const controller = new AbortController();
    // What it throws at once is a rejection like any other.
    const answer = new Promise((resolve) => resolve(this.#question({ abortSignal: controller.signal, forceRefresh })));
    const asked = { answer, controller, forceRefresh, waiting: 0 };
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
  forceRefresh: boolean;
  waiting: number;
}
