import type { ErrorReport } from "./fixtures.js";

/** What an answer means, and how often it is asked for. */
export interface JudgementCase {
  /** Scenario words of the simulator. */
  words: string;
  code: ErrorReport["code"];
  status?: number;
  billed: "no" | "unknown";
  retryable: boolean;
  /** How many requests the service sees by default, with two retries allowed. */
  posts: 1 | 3;
  /** How many it sees with `retryUnknownOutcome`. */
  postsIfUnknownMayBeRepeated: 1 | 3;
  /** Whether a preview has come before. */
  preview?: true;
}

type Row = [words: string, code: ErrorReport["code"], status?: number];

/** Nothing was made, and another try would end the same way. */
const refused = (status: number, code: ErrorReport["code"], words: string[]): JudgementCase[] =>
  words.map((words) => ({ words, code, status, billed: "no", retryable: false, posts: 1, postsIfUnknownMayBeRepeated: 1 }));

/** Nothing was made, and it may be asked for again. */
const limited = (words: string[]): JudgementCase[] =>
  words.map((words) => ({ words, code: "rate_limit", status: 429, billed: "no", retryable: true, posts: 3, postsIfUnknownMayBeRepeated: 3 }));

/** A picture may have been made, and would be made again. */
const unknown = (rows: Row[], preview?: true): JudgementCase[] =>
  rows.map(([words, code, status]) => ({
    words,
    code,
    billed: "unknown",
    retryable: true,
    posts: 1,
    postsIfUnknownMayBeRepeated: 3,
    ...(status !== undefined && { status }),
    ...(preview && { preview }),
  }));

/** A picture may have been made, and another try would not help. */
const lost = (rows: Row[], preview?: true): JudgementCase[] =>
  unknown(rows, preview).map((given) => ({ ...given, retryable: false, postsIfUnknownMayBeRepeated: 1 }));

/** Every error answer that is known, and every fault before or within an answer, be it streamed or not. */
export const answers: JudgementCase[] = [
  ...refused(400, "invalid_request", [
    "error=400-agent-deprecated",
    "error=400-api-version-unsupported",
    "error=400-cancel-not-background",
    "error=400-foundry-schema",
    "error=400-generic-inputs",
    "error=400-imagegen-streaming-unsupported",
    "error=400-invalid-input-fidelity-model",
    "error=400-invalid-size",
    "error=400-invalid-size-enum",
    "error=400-missing-image-deployment",
    "error=400-model-does-not-exist",
    "error=400-not-allowed-with-agent",
    "error=400-unknown-model",
    "error=400-unknown-parameter",
    "error=400-unsupported-content-type",
    "error=400-unsupported-mimetype",
  ]),
  ...refused(400, "content_filter", ["error=400-content-filter-responses", "error=400-content-policy-violation", "error=400-contentFilter-prompt"]),
  ...lost([
    ["error=400-contentFilter-output", "content_filter", 400],
    ["error=400-moderation-blocked", "content_filter", 400],
  ]),
  ...refused(401, "authentication", ["error=401-invalid-key", "error=401-token-audience"]),
  ...refused(401, "permission", ["error=401-permission-denied", "error=401-permission-denied-foundry"]),
  ...refused(403, "authentication", ["error=403-key-auth-disabled"]),
  ...refused(403, "permission", ["error=403-account-blocked", "error=403-network", "error=403-vnet-endpoint"]),
  ...refused(404, "deployment_not_found", ["error=404-deployment-not-found"]),
  ...refused(404, "not_found", ["error=404-agent-not-found", "error=404-resource-not-found", "error=404-response-not-found"]),
  ...refused(413, "invalid_request", ["error=413-too-large"]),
  ...limited([
    "error=429-rate-limit-classic] [retry-after=0.01",
    "error=429-rate-limit-reached] [retry-after=0.01",
    "error=429-too-many-requests] [retry-after=0.01",
  ]),
  {
    // Of an agent, where nothing is made; an image is not asked for again, since no page says what it would mean.
    words: "error=409-conflict",
    code: "service",
    status: 409,
    billed: "no",
    retryable: true,
    posts: 1,
    postsIfUnknownMayBeRepeated: 1,
  },
  ...unknown([
    ["error=408-timeout", "timeout", 408],
    ["error=500-internal", "service", 500],
    ["error=502-not-json", "service", 502],
    ["error=503-busy] [retry-after=0.01", "service", 503],
    ["error=504-empty", "service", 504],
    // Before the answer, and within its head.
    ["reset=before-headers", "connection"],
    ["truncate=before-headers", "connection"],
    ["reset=mid-headers", "connection"],
    ["truncate=mid-headers", "connection"],
    ["no-cors", "connection"],
    ["redirect", "connection"],
    // Within the body.
    ["reset=0", "connection"],
    ["reset=1%", "connection"],
    ["truncate=0", "stream_truncated"],
    ["truncate=1%", "stream_truncated"],
  ]),
  ...lost([
    ["html", "service"],
    ["malformed-base64", "stream_malformed"],
    ["half-quad", "stream_malformed"],
    ["malformed-json", "stream_malformed"],
    ["no-image", "no_image"],
  ]),
];

/** What can only happen within a stream, after its first preview. */
export const streams: JudgementCase[] = [
  ...unknown(
    [
      ["reset=before-completed", "connection"],
      ["truncate=before-completed", "stream_truncated"],
      ["truncate=99%", "stream_truncated"],
      ["no-completed", "stream_truncated"],
      ["error-in-stream", "service"],
      ["rate-limit-in-stream", "rate_limit"],
    ],
    true,
  ),
  ...lost([["moderation-in-stream", "content_filter"]], true),
];
