/** What a response fails with, in place of its answer. */

const messages = {
  server_error: "The model failed to generate a response.",
  rate_limit_exceeded: "Rate limit is exceeded. Try again in 12 seconds.",
  image_content_policy_violation: "The image was rejected by the safety system.",
  invalid_prompt: "The prompt was rejected.",
  invalid_image: "The image could not be processed.",
  invalid_image_format: "The image has an unsupported format.",
  image_too_large: "The image is too large.",
  image_parse_error: "The image could not be parsed.",
  failed_to_download_image: "The image could not be downloaded.",
} as const;

/** The code of a failure. */
export type FailureCode = keyof typeof messages;

/** Every code; the first is the usual one. */
export const failureCodes = Object.keys(messages) as [FailureCode, ...FailureCode[]];

/** The `error` of a response that failed; `delay` is what a rate limit asks to wait, in seconds. */
export function failure(code: FailureCode, delay: number | undefined): { readonly code: string; readonly message: string } {
  const message = messages[code];
  return { code, message: delay === undefined ? message : message.replace("12 seconds", `${delay} seconds`) };
}
