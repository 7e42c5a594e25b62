/** Options passed to a token provider. */
export interface GetTokenOptions {
  /** Aborted when no call waits for the token any more. */
  abortSignal: AbortSignal;
  /** True if the service refused the last token, so that a cached token is not useful. */
  forceRefresh: boolean;
}

/** Shares one token request between parallel calls, and aborts it when the last of them is aborted. */
export class SharedQuestion {
  readonly #question: (question: GetTokenOptions) => unknown;
  #asked: Asked | undefined;

  /** `getToken` of a credential with its `scopes`, or a function without scopes. */
  constructor(getToken: (...parameters: unknown[]) => unknown, credential: unknown, scopes: readonly string[] | undefined) {
    // Copies the scopes for each request, because the provider may change them.
    this.#question = (question) => Reflect.apply(getToken, credential, [...(scopes ? [[...scopes]] : []), question]);
  }

  /** Waits for the token until `signal` is aborted. */
  ask(signal: AbortSignal, forceRefresh: boolean): Promise<unknown> {
    if (signal.aborted) return Promise.reject(signal.reason);
    // A forced refresh satisfies every waiter; a cached token does not satisfy a forced refresh.
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
      signal.addEventListener("abort", abort);
      asked.answer.finally(() => signal.removeEventListener("abort", abort)).then(resolve, reject);
    });
  }

  #begin(forceRefresh: boolean): Asked {
    const controller = new AbortController();
    // An exception counts as a rejection.
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

/** A pending token request. */
interface Asked {
  answer: Promise<unknown>;
  controller: AbortController;
  forceRefresh: boolean;
  waiting: number;
}
