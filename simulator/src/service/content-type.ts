/** What a route takes as its body. */

import type { Exchange } from "../http/exchange.js";
import { AzureError } from "./azure-error.js";

/** Throws the refusal of a body of another type. */
export function checkContentType({ entry }: Exchange, expected: string): void {
  const [mediaType = ""] = (entry.headers["content-type"] ?? "").split(";");
  if (mediaType.trim().toLowerCase() === expected) return;
  throw AzureError.invalidRequest(
    "unsupported_content_type",
    `Unsupported content type: '${mediaType}'. This API method only accepts '${expected}' requests, but you specified the header 'Content-Type: ${mediaType}'.`,
    null,
  );
}
