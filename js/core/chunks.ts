// The code that loads later: a page starts without it.

import { AzureImageError } from "./error.js";

/** A separate chunk of code. */
class Chunk<Code> {
  readonly #import: () => Promise<Code>;
  #code: Code | undefined;

  constructor(importCode: () => Promise<Code>) {
    this.#import = importCode;
  }

  /**
   * Imports the code, unless that has been done.
   * @throws {AzureImageError} `connection`, with what to do.
   */
  async load(): Promise<Code> {
    try {
      return (this.#code ??= await this.#import());
    } catch (cause) {
      throw new AzureImageError({
        code: "connection",
        message:
          `The code of azure-image-client for this call could not be imported (${cause}). Check the network and try again. If that does not ` +
          "help, serve the chunks of the app's current build, then reload the page. A service worker needs a bundle without import(), such as " +
          "dist/azure-image-client.min.js.",
        billed: "no",
        retryable: true,
        cause,
      });
    }
  }

  /** The imported code. */
  get code(): Code {
    return this.#code as Code;
  }
}

/** The code that runs the WebAssembly. Available in every call that has waited for the first module. */
export const runtime = new Chunk(() => import("../runtime.js"));

/** The code that generations do not need. Available in every call that has waited for the second module. */
export const more = new Chunk(() => import("../more.js"));
