/** The refusals of FLUX requests. */

import { AzureError } from "../service/azure-error.js";

/** The refusal of a value. */
export function invalidValue(message: string): AzureError {
  return AzureError.badRequest("BadRequest", message);
}
