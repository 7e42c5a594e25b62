/** Reads a body that has to be a form. */

import type { Exchange } from "../http/exchange.js";
import type { Form } from "../http/form.js";
import { AzureError } from "./azure-error.js";
import { checkContentType } from "./content-type.js";

/** Returns the form in the body, or throws the refusal of any other body. */
export function readFormBody(exchange: Exchange): Form {
  checkContentType(exchange, "multipart/form-data");
  if (exchange.form === undefined) throw AzureError.invalidRequest("invalid_multipart_form", "Could not parse multipart form", null);
  return exchange.form;
}
