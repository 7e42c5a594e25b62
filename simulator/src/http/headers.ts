/** The headers that Azure's answers carry besides those of the answer itself. */

import { randomUUID } from "node:crypto";

/** The headers of every answer; the ids are fresh. */
export function serviceHeaders(): Record<string, string> {
  return {
    "apim-request-id": randomUUID(),
    "x-request-id": randomUUID(),
    "x-ms-region": "East US 2",
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "x-content-type-options": "nosniff",
  };
}

/** The headers of an answer that a model gave. */
export function modelHeaders(deployment: string): Record<string, string> {
  return {
    "x-ms-deployment-name": deployment,
    "x-ms-rai-invoked": "true",
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "59",
    "cache-control": "no-cache, must-revalidate",
  };
}
