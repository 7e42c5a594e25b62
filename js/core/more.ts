// The code that generations do not need. It loads with the second module of the WebAssembly.

import { AzureImageError } from "./error.js";

type More = typeof import("../more.js");

let code: More | undefined;

/**
 * Imports the code.
 * @throws {AzureImageError} `connection`, with what to do.
 */
export async function importMore(): Promise<void> {
  try {
    code ??= await import("../more.js");
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

/** The imported code. Available in every call that has waited for the second module. */
export function more(): More {
  return code as More;
}
