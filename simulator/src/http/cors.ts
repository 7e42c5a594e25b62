/**
 * What a browser is told: https://fetch.spec.whatwg.org/#http-cors-protocol
 *
 * Microsoft documents none of it. The simulator permits what a client for Azure needs and nothing else, so that a
 * header too many is found here. It exposes no header unless a scenario says so, as no dump of Azure's answers shows one
 * that does.
 */

import type { Answer } from "./answer.js";

/** The header that lets a page read an answer. */
export const allowOrigin: Readonly<Record<string, string>> = { "access-control-allow-origin": "*" };

/** The header that shows every header of an answer to a page, as a gateway may add it. */
export const exposeHeaders: Readonly<Record<string, string>> = { "access-control-expose-headers": "*" };

/** The answer to a preflight. The browser itself compares it with what the page wants to send. */
export const preflightAnswer: Answer = {
  status: 204,
  headers: {
    "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
    "access-control-allow-headers": "content-type, api-key, authorization, x-ms-oai-image-generation-deployment",
    "access-control-max-age": "600",
  },
  frames: [],
};

/** Whether a request is a preflight. */
export function isPreflight(method: string, headers: Readonly<Record<string, string>>): boolean {
  return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}
