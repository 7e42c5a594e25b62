/** The refusals of MAI requests. */

import { AzureError } from "../service/azure-error.js";

/** The refusal of a size that the model does not make. */
export function unsupportedValue(message: string): AzureError {
  return AzureError.badRequest("unsupported_request_value", message);
}

/** The refusal of any other value. */
export function unsupportedParameter(fault: string): AzureError {
  return unsupportedValue(`Model does not support request parameter value supplied: ${fault}`);
}

/** The refusal of parameters that the model does not have. */
export function invalidParameters(names: readonly string[]): AzureError {
  return AzureError.badRequest("BadRequest", `Invalid parameters: ${names.join(", ")}`);
}

/** The refusal of a request without a required parameter. */
export function missingParameter(name: string): AzureError {
  return AzureError.badRequest("BadRequest", `Missing required parameter: ${name}`);
}
