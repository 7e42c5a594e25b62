/** The refusals of the service, thrown where they arise and turned into an answer in one place. */

import { errorSamples, type ErrorSample, type ErrorSampleName } from "./error-samples.js";

/** An answer other than success, with the status and the body that Azure would send. */
export class AzureError extends Error {
  override readonly name = "AzureError";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A JSON value, or the text of a body that is not JSON. */
  readonly body: unknown;

  constructor({ status, headers = {}, body }: ErrorSample) {
    super(`Azure answers ${status}`);
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  /** A known error, as it is. */
  static sample(name: ErrorSampleName): AzureError {
    return new AzureError(errorSamples[name]);
  }

  /** A 400 with a code and a message alone, as MAI and FLUX models send it. */
  static badRequest(code: string, message: string): AzureError {
    return new AzureError({ status: 400, body: { error: { code, message } } });
  }

  /** A 400 in the form that the model layer uses: `param` names what is wrong, `code` says how. */
  static invalidRequest(code: string | null, message: string, param: string | null): AzureError {
    return new AzureError({
      status: 400,
      body: { error: { message, type: "invalid_request_error", param, code } },
    });
  }
}

/** The refusal of a model that cannot do what was asked. */
export function operationNotSupported(operation: string, modelName: string): AzureError {
  return new AzureError({
    status: 400,
    body: {
      error: {
        code: "OperationNotSupported",
        message: `The ${operation} operation does not work with the specified model, ${modelName}. Please choose different model and try again. You can learn more about which models can be used with each operation here: https://go.microsoft.com/fwlink/?linkid=2197993.`,
      },
    },
  });
}

/** The same error with another delay before a retry, in the headers and in the text. */
export function withRetryAfter(error: AzureError, delayInSeconds: number): AzureError {
  const delay = String(delayInSeconds);
  const { "retry-after-ms": _, ...headers } = error.headers;
  const text = JSON.stringify(error.body).replace(/(retry after )\d+( seconds)/, `$1${delay}$2`);
  return new AzureError({
    status: error.status,
    headers: {
      ...headers,
      "retry-after": delay,
      ...("x-ratelimit-reset-requests" in headers ? { "x-ratelimit-reset-requests": delay } : {}),
    },
    body: JSON.parse(text),
  });
}
