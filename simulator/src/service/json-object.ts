/** Reads a body that has to be a JSON object. */

import type { Exchange } from "../http/exchange.js";
import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "./azure-error.js";
import { checkContentType } from "./content-type.js";

/** The JSON object in the body, or the refusal of one that holds none. */
export function readJsonObject(exchange: Exchange): JsonObject {
  checkContentType(exchange, "application/json");
  const { body } = exchange.entry;
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw AzureError.invalidRequest("invalid_json", "We could not parse the JSON body of your request. The API expects a JSON object.", null);
  }
  return body as JsonObject;
}
