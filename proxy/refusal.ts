// The proxy's own error responses.

/** `code` of an error that the proxy itself answers with. All other codes come from Azure. */
export type ProxyErrorCode =
  /** The page belongs to another origin. */
  | "proxy_origin"
  /** `authorize` let nobody in. */
  | "proxy_unauthorized"
  /** The method and path are not on the list of routes. */
  | "proxy_route"
  /** The request is malformed or ambiguous. */
  | "proxy_request"
  /** `allow` does not list a value of the request. */
  | "proxy_not_allowed"
  /** The body exceeds a limit. */
  | "proxy_too_large"
  /** A limit of requests or dollars is reached. */
  | "proxy_limit"
  /** Azure cannot be reached, or its response cannot be passed on. */
  | "proxy_upstream"
  /** The proxy is misconfigured, or a function of the app failed. The log has the cause. */
  | "proxy_internal";

interface RefusalDetails {
  /** Name of the parameter that is wrong. */
  param?: string;
  /** Headers of the response. */
  headers?: Record<string, string>;
  /** Reason for the log. It never reaches the page. */
  cause?: unknown;
}

/** A request that the proxy answers itself. The message reaches the page, so it must not contain a secret. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: ProxyErrorCode;
  readonly param: string | undefined;
  readonly headers: Record<string, string>;

  constructor(status: number, code: ProxyErrorCode, message: string, { param, headers = {}, cause }: RefusalDetails = {}) {
    super(message, { cause });
    this.status = status;
    this.code = code;
    this.param = param;
    this.headers = headers;
  }

  /** Returns the response, with a body in Azure's form. */
  toResponse(): Response {
    const { code, message, param, status } = this;
    const body = new TextEncoder().encode(JSON.stringify({ error: { code, message, param } }));
    // With the length, a page that still uploads knows the end of the response.
    const headers = { ...this.headers, "content-type": "application/json", "content-length": String(body.length) };
    return new Response(body, { status, headers });
  }
}

/** Creates the refusal of a malformed or ambiguous request. */
export const badRequest = (message: string, param?: string): Refusal =>
  new Refusal(400, "proxy_request", message, param === undefined ? {} : { param });

/** Creates the refusal of a value that `allow` does not list. */
export const notAllowed = (message: string, param: string): Refusal => new Refusal(403, "proxy_not_allowed", message, { param });

/** Converts anything that was thrown. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal(500, "proxy_internal", "The proxy failed. The server's log has the cause.", { cause: error });
}

const MAX_QUOTED = 100;

/** Quotes a value of the request in a message. */
export function quote(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return `"${text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text}"`;
}
