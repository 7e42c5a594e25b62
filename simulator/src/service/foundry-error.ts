/** The refusals of a Foundry project, which have more around them than those of a resource. */

import { randomBytes } from "node:crypto";
import { AzureError } from "./azure-error.js";

/** A refusal with a request id of its own. */
export function foundryError(status: number, code: string, message: string, param: string | null): AzureError {
  return new AzureError({
    status,
    body: {
      error: {
        code,
        message,
        param,
        type: "invalid_request_error",
        details: [],
        additionalInfo: { request_id: randomBytes(16).toString("hex") },
      },
    },
  });
}

/** The refusal of a body that does not fit the schema. */
export function invalidPayload(message: string, param: string): AzureError {
  return foundryError(400, "invalid_payload", message, param);
}
