// The headers that pass in each direction. All others stay: no cookie, no Authorization, no address of the visitor.

/** Headers of the page that Azure gets. Those of the body's framing are the transport's. */
const UP = ["content-type", "accept", "x-ms-client-request-id"];

/** Names the image deployment of a response. */
export const IMAGE_DEPLOYMENT = "x-ms-oai-image-generation-deployment";

/** Headers of Azure that the page gets. */
export const DOWN = [
  "content-type",
  "content-length",
  "content-encoding",
  "retry-after",
  "retry-after-ms",
  "apim-request-id",
  "x-request-id",
  "x-ms-request-id",
  "x-ms-client-request-id",
  "x-ms-region",
  "x-ratelimit-limit-requests",
  "x-ratelimit-remaining-requests",
  "x-ratelimit-reset-requests",
  "x-ratelimit-limit-tokens",
  "x-ratelimit-remaining-tokens",
  "x-ratelimit-reset-tokens",
];

/** Headers of every response. */
const FIXED = {
  // A cache, a compressor or nginx in between must not hold partial images back.
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
  // A file that a user uploaded must not run as a page of the app's origin.
  "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
};

const MAX_LENGTH = 1024;

function pick(from: Headers, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = from.get(name);
    if (value !== null && value.length <= MAX_LENGTH) picked[name] = value;
  }
  return picked;
}

/** Returns the headers of the request to Azure, without the signature. */
export function requestHeaders(from: Headers, imageDeployment: string | undefined): Record<string, string> {
  const deployment = imageDeployment === undefined ? {} : { [IMAGE_DEPLOYMENT]: imageDeployment };
  // A compressed stream is held back until the compressor has a block.
  return { ...pick(from, UP), ...deployment, "accept-encoding": "identity" };
}

/** Returns the headers of the response to the page. */
export const responseHeaders = (from: Headers): Record<string, string> => ({ ...pick(from, DOWN), ...FIXED });
