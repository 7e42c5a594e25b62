import type { AzureImageError } from "./error.js";
import type { GeneratedImage } from "./image.js";
import type { ImageInput } from "../images/input.js";
import type { GetTokenOptions } from "./single-flight.js";

/** A token provider in the form of `@azure/identity`. */
export interface TokenCredential {
  /** Returns a token for the scopes, or `null` if none is available. */
  getToken(scopes: string | string[], options?: { abortSignal?: AbortSignal }): Promise<{ token: string; expiresOnTimestamp: number } | null>;
}

/**
 * Signs requests:
 *
 * - A {@link TokenCredential}, or a function that returns a Microsoft Entra token: for pages whose users sign in.
 * - `null`: no credential, for an endpoint on the page's own origin that adds it.
 * - `{ key }`: an API key. In a browser, a key is refused unless the endpoint is on the page's own origin or on loopback, because
 *   every visitor could read it. {@link ClientOptions.dangerouslyAllowApiKeyInBrowser} allows it.
 */
export type Credential = TokenCredential | TokenFunction | { key: string } | null;

/**
 * Returns a Microsoft Entra token. A token with an expiry, in the form of the Azure SDK or MSAL, is cached until two minutes before
 * it expires. A bare string has no known expiry, so it is requested before every call. Parallel requests share one call of the
 * function.
 */
export type TokenFunction = (question: GetTokenOptions) => AccessToken | null | Promise<AccessToken | null>;

/** A token, with or without its expiry. */
export type AccessToken =
  | string
  /** The form of the Azure SDK. Times are in milliseconds since 1970. */
  | { token: string; expiresOnTimestamp?: number; refreshAfterTimestamp?: number }
  /** The form of MSAL. */
  | { accessToken: string; expiresOn?: Date | null };

/** Options of a client. */
export interface ClientOptions {
  /** The default deployment of an image model. A request can name another one. This is not the name of the model. */
  deployment?: string;
  /**
   * The default deployment of the image model that responses use. Default: {@link deployment}. It is sent in the header
   * `x-ms-oai-image-generation-deployment`. Without that header, Azure refuses the image generation tool.
   */
  imageDeployment?: string;
  /**
   * The `api-version` of the requests. Default: `preview`, with the v1 routes. A date, such as `2025-04-01-preview`, selects the
   * classic routes (`/openai/deployments/…`). `null` sends none.
   */
  apiVersion?: string | null;
  /**
   * The scopes of a {@link TokenCredential}. Default: `https://cognitiveservices.azure.com/.default`, or
   * `https://ai.azure.com/.default` for a Foundry project.
   */
  scopes?: string | string[];
  /**
   * Timeout in milliseconds for each of these steps: to load the WebAssembly, to get a token, and to receive the headers of a
   * response. It does not include the time in the queue of {@link maxParallelRequests}. 0 disables it. Default: 10 minutes, because
   * some models take more than 6.
   */
  timeoutInMs?: number;
  /** Timeout between two chunks of a response, in milliseconds. 0 disables it. Default: 10 minutes. */
  idleTimeoutInMs?: number;
  /** Timeout of a whole call with its queue time, requests and retries, in milliseconds. Default: 0, which disables it. */
  totalTimeoutInMs?: number;
  /** The retry policy. */
  retryOptions?: RetryOptions;
  /** Sends the requests in place of the global `fetch`. It gets one `Request` and should follow its signal. */
  fetch?: (request: Request) => Promise<Response>;
  /** Additional headers of every request. A header that the service does not expect can make the CORS preflight fail. */
  extraHeaders?: Record<string, string>;
  /** Additional query parameters of every request. */
  extraQuery?: Record<string, string>;
  /**
   * The model behind the deployment, such as `gpt-image-2.5-flare`, `MAI-Image-2.6` or `FLUX.2-pro`. A request can name another one. It
   * decides the service that generates the images. It is not sent: the client also uses it to validate requests and to compute prices.
   *
   * Without it, a deployment whose name starts with `mai-image` or `flux` belongs to that service, and every other one to Azure OpenAI.
   */
  model?: string;
  /** The service of the deployment, which overrides that of {@link model}. */
  service?: ImageService;
  /** Additional or changed entries of the model catalog. See the README. */
  catalog?: Record<string, unknown>;
  /**
   * The reaction to a request that the catalog rejects. `error` (the default) refuses it before it is sent. `warn` sends it and adds
   * warnings to the result. `off` disables the check. Unknown options are always refused.
   */
  validation?: "error" | "warn" | "off";
  /** Token prices, in US dollars per million tokens. They override the prices of the catalog. */
  rates?: Rates;
  /**
   * Maximum number of parallel requests that generate or follow images, of all calls of the client. Others wait in order, and their
   * timeouts start when they are sent. Default: 5, because browsers open 6 connections per host over HTTP/1.1, and one stays free for
   * short requests, which never wait. Raise it if the endpoint serves HTTP/2.
   */
  maxParallelRequests?: number;
  /**
   * Loads the WebAssembly as soon as the page is idle, so that the first call does not wait for it. `false` leaves it to the first call, as
   * workers and servers do. Default: true, unless the user saves data (`navigator.connection.saveData`).
   */
  preload?: boolean;
  /** Allows `{ key }` for another origin. Use it only if each user enters their own key. */
  dangerouslyAllowApiKeyInBrowser?: boolean;
  /** Maximum size in bytes of an event, of a document without its images, and of everything a response says. Default: 1 MiB. */
  maxEventBytes?: number;
  /** Maximum JSON nesting depth, up to 1000. Default: 64. */
  maxNesting?: number;
  /** Maximum size of an image, in bytes. All images and partial images of a response together can have 64 times as much. Default: 128 MiB. */
  maxImageBytes?: number;
}

/**
 * Which errors are retried. A 401 is retried once with a fresh token. A 429 is retried by these options, because nothing was
 * generated. Errors after which an image may exist are retried only with {@link retryUnknownOutcome}.
 */
export interface RetryOptions {
  /** Maximum number of retries. 0 disables retries. Default: 3. */
  maxRetries?: number;
  /** First delay if the service names none, in milliseconds. Each further delay is twice as long. Default: 1000. */
  retryDelayInMs?: number;
  /** Maximum delay, in milliseconds. If the service asks for more, the call fails at once. Default: 2 minutes. */
  maxRetryDelayInMs?: number;
  /**
   * Also retries timeouts, server errors, lost connections and truncated responses. The image may already exist, and each attempt
   * can be billed. Default: false.
   */
  retryUnknownOutcome?: boolean;
}

/** Token prices, in US dollars per million tokens. */
export interface Rates {
  /** Tokens of the prompt. */
  textInput?: number;
  /** Tokens of the input images of an edit. */
  imageInput?: number;
  /** Tokens of the generated images. */
  output?: number;
  /** Tokens of text that the model writes. */
  textOutput?: number;
}

/**
 * The estimated cost of a call, from tables. The prompt is not included. The input images of an edit are included only for FLUX, which
 * charges them by size.
 */
export interface Estimate {
  /** Always true. The `usage` of the result is more exact, and only Azure's bill is authoritative. */
  isEstimate: true;
  /** The number of images. */
  images: number;
  /** Output tokens of all images and partial images. A range if the service chooses the size or quality. */
  outputTokens?: { min: number; max: number };
  /** The cost in US dollars. */
  cost?: { min: number; max: number };
  /** The month in which the prices were read. */
  asOf?: string;
}

/**
 * A service that generates images: `openai` is the Images API of Azure OpenAI (gpt-image), `mai` is Microsoft AI (MAI-Image), and `flux`
 * is Black Forest Labs (FLUX).
 */
export type ImageService = "openai" | "mai" | "flux";

/** A request to generate images from a prompt. An omitted parameter has the service's default. */
export interface GenerateRequest {
  /** The description of the image. */
  prompt: string;
  /** The deployment. Default: that of the client or of the endpoint. */
  deployment?: string;
  /** The model behind the deployment; see {@link ClientOptions.model}. */
  model?: string;
  /** The service of the deployment; see {@link ClientOptions.service}. */
  service?: ImageService;
  /**
   * The number of images. If one request cannot return that many (more than 10, or more than one of MAI, FLUX, DALL·E 3 or of a
   * stream), the call sends several requests in parallel.
   */
  n?: number;
  /**
   * Width × height in pixels. The model decides which sizes are valid. MAI and FLUX round down to multiples of 16, which causes a
   * warning.
   */
  size?: "auto" | "1024x1024" | "1536x1024" | "1024x1536" | (string & {});
  /** A higher quality takes more time and tokens. `xhigh` and `max`: gpt-image-2.5 only. */
  quality?: "auto" | "low" | "medium" | "high" | "xhigh" | "max" | "standard" | "hd" | (string & {});
  /** `transparent` needs PNG or WebP, and a model that supports it. */
  background?: "auto" | "opaque" | "transparent" | (string & {});
  /** File format. */
  outputFormat?: "png" | "jpeg" | "webp" | (string & {});
  /** 0 to 100, for JPEG and WebP. */
  outputCompression?: number;
  /** The strictness of the model's content filter. */
  moderation?: "auto" | "low" | (string & {});
  /** DALL·E only. A page can read only `b64_json`, which is the default if {@link model} names a DALL·E. */
  responseFormat?: "b64_json" | "url" | (string & {});
  /** DALL·E 3 only. */
  style?: "vivid" | "natural" | (string & {});
  /** End-user identifier for Azure abuse monitoring. */
  user?: string;
  /** FLUX.1-Kontext-pro only: the shape of the image, from `3:7` to `7:3`. */
  aspectRatio?: string;
  /** MAI only: the model chooses the shape of the image. */
  autoAspectRatio?: boolean;
  /** FLUX only: the same request with the same seed generates a similar image. */
  seed?: number;
  /** FLUX.2 only: how closely the image follows the prompt, 1.5 to 10. Default: 4.5. */
  guidance?: number;
  /** FLUX.2-flex only: the number of inference steps, 1 to 50. Default: 50. */
  steps?: number;
  /** FLUX only: 0 to 5 (FLUX.1: 6). A higher value makes the content filter less strict. Default: 2. */
  safetyTolerance?: number;
  /** FLUX only, except FLUX.2-pro: the service extends the prompt. */
  promptUpsampling?: boolean;
  /** MAI-Image-2.6 and later: the model searches the web. Such a request takes long, and Azure may end it after 2 minutes. */
  webGrounding?: boolean;
  /** Additional properties of the request body, in Azure's spelling. They override the ones above. */
  extraBody?: Record<string, unknown>;
}

/** A request to edit images, or to generate an image from others. */
export interface EditRequest extends Omit<GenerateRequest, "responseFormat" | "style" | "autoAspectRatio"> {
  /** The input images, each smaller than 50 MB: up to 16 for gpt-image, 5 for MAI, and 1 to 10 for FLUX. */
  image: ImageInput | readonly ImageInput[] | FileList;
  /** A PNG with the displayed size of the first image. Transparent pixels mark the area to change. gpt-image only. */
  mask?: ImageInput | FileList;
  /** The fidelity of details such as faces. Not supported by every model. */
  inputFidelity?: "low" | "high" | (string & {});
}

/** Additional parameters of a streamed request. */
export interface StreamRequest {
  /**
   * Maximum number of partial images of each image, 0 to 3. Each costs about 100 output tokens. A model that does not stream, such as
   * those of MAI and FLUX, returns only the finished image, with a warning.
   */
  partialImages?: 0 | 1 | 2 | 3 | (number & {});
}

/** A request to generate images from a prompt, with partial images. */
export interface GenerateStreamRequest extends GenerateRequest, StreamRequest {}

/** A request to edit images, with partial images. */
export interface EditStreamRequest extends EditRequest, StreamRequest {}

/** Options of every call. */
export interface OperationOptions {
  /** Aborts the call at once. The call rejects with an error whose `code` is `cancelled` and whose `name` is `AbortError`. */
  abortSignal?: AbortSignal;
  /** Overrides {@link ClientOptions.timeoutInMs} for this call. */
  timeoutInMs?: number;
  /** Overrides {@link ClientOptions.idleTimeoutInMs} for this call. */
  idleTimeoutInMs?: number;
  /** Overrides {@link ClientOptions.totalTimeoutInMs} for this call. */
  totalTimeoutInMs?: number;
}

/** Options of {@link AzureImageClient.generate} and {@link AzureImageClient.edit}. */
export interface CallOptions extends OperationOptions {
  /** Called with progress updates. */
  onProgress?: (progress: Progress) => void;
  /** Called with each finished image as soon as its request has ended. `imageIndex` counts from 0 to n − 1. */
  onImage?: (image: GeneratedImage, imageIndex: number) => void;
}

/** Options of a streamed call. */
export interface StreamOptions extends Omit<CallOptions, "onImage"> {
  /** Keeps the object URLs of partial images until {@link ImageStream.dispose} revokes them. */
  keepPartialImages?: boolean;
}

/** The progress of a call. */
export interface Progress {
  /**
   * `authenticating`: waiting for the credential. `queued`: waiting for the end of other requests, see
   * {@link ClientOptions.maxParallelRequests}. `waiting`: the request was sent; this takes longest. `receiving`: the response is
   * arriving. `retrying`: the request failed and will be sent again after {@link retry}. `completed`: the call has succeeded.
   */
  stage: "authenticating" | "queued" | "waiting" | "receiving" | "retrying" | "completed";
  /** Received bytes. */
  receivedBytes: number;
  /** Number of partial images so far. */
  partialImages: number;
  /** Number of finished images so far. */
  images: number;
  /** Time since the start of the call, in milliseconds. */
  elapsedInMs: number;
  /** The next retry. Updated every second. */
  retry?: RetryInfo;
}

/** A scheduled retry. */
export interface RetryInfo {
  /** The number of retries of the request, this one included. A fresh token after a 401 does not count. */
  retries: number;
  /** Remaining time, in milliseconds. */
  waitInMs: number;
  /** The error that caused it. */
  error: AzureImageError;
}

/** Token counts by kind. */
export interface TokenDetails {
  /** Text tokens. */
  textTokens: number;
  /** Image tokens. */
  imageTokens: number;
}

/** The token usage of a call, as counted by the service. FLUX counts megapixels instead, and its tokens are 0. */
export interface Usage {
  /** Tokens of the prompt and the input images. */
  inputTokens: number;
  /** Tokens of the generated images, partial images included. */
  outputTokens: number;
  /** The sum of both. */
  totalTokens: number;
  /** {@link inputTokens} by kind, if the service reports it. */
  inputTokensDetails?: TokenDetails;
  /** {@link outputTokens} by kind, if the service reports it. */
  outputTokensDetails?: TokenDetails;
  /** FLUX only: the charged megapixels. */
  megapixels?: {
    /** Megapixels of the input images. */
    input: number;
    /** Megapixels of the generated images. */
    output: number;
  };
  /**
   * The cost in US dollars, by {@link ClientOptions.rates} or the catalog. FLUX reports the cost itself. Missing if the prices are
   * unknown.
   */
  cost?: number;
}

/** The result of a call. */
export interface GenerateResult {
  /** The finished images: at least one, at most `n`. */
  images: GeneratedImage[];
  /** The images that failed while others succeeded. If all fail, the call rejects with the first error. */
  failures?: {
    /** The number of the image among the requested ones, from 0. */
    imageIndex: number;
    /** The error. */
    error: AzureImageError;
  }[];
  /** Warnings about the request. */
  warnings?: ValidationProblem[];
  /** The token usage, if the service reports it. */
  usage?: Usage;
  /** The service's id of the request, if the browser may read it. */
  requestId?: string;
  /** When the service generated the images. */
  createdOn?: Date;
  /** The size used by the service. */
  size?: string;
  /** The quality used by the service. */
  quality?: string;
  /** The background used by the service. */
  background?: string;
  /** The format named by the service. {@link GeneratedImage.mediaType} is the format of the bytes. */
  outputFormat?: string;
}

/** An event of an image stream. `imageIndex` is the number of the image among the requested ones, from 0. */
export type ImageStreamEvent =
  | {
      /** An unfinished version of an image. It is never the result. */
      type: "partialImage";
      /** The number of the partial image, from 0. */
      index: number;
      /** The number of the image. */
      imageIndex: number;
      /** The partial image. */
      image: GeneratedImage;
    }
  | {
      /** A finished image. */
      type: "image";
      /** The number of the image. */
      imageIndex: number;
      /** The image. */
      image: GeneratedImage;
      /** The token usage, if the service reports it. */
      usage?: Usage;
      /** The service's id of the request, if the browser may read it. */
      requestId?: string;
    };

/** A problem of a request. */
export interface ValidationProblem {
  /** The parameter. */
  param: string;
  /** The problem and its remedy. */
  message: string;
  /** A request with an `error` cannot work; one with a `warning` may. */
  severity: "error" | "warning";
  /** A valid value, such as the nearest valid size. */
  suggestion?: string;
}

/** The parts of an endpoint. */
export interface EndpointDescription {
  /** Scheme, host and port. */
  origin: string;
  /** `gateway`: any other host, which is expected to forward requests to Azure. */
  kind: "resource" | "project" | "gateway";
  /** `classic`: the deployment is part of the URL. */
  routes: "v1" | "classic";
  /** The `api-version` of the requests. */
  apiVersion?: string;
  /** The deployment in the endpoint. */
  deployment?: string;
  /** The Foundry project in the endpoint. */
  project?: string;
  /** The URL of generations. */
  generationsUrl: string;
  /** The URL of responses. */
  responsesUrl: string;
}

/** The result of one check of {@link AzureImageClient.probe}. */
export interface ProbeFinding {
  /** `unknown`: the check was not possible. */
  status: "ok" | "failed" | "unknown";
  /** The reason and the remedy. */
  message: string;
}

/** The report of {@link AzureImageClient.probe}. */
export interface ProbeReport {
  /** True if every check is `ok`. */
  ok: boolean;
  /** The network connection to the service. */
  reachable: ProbeFinding;
  /** The permission of this page to read responses. */
  cors: ProbeFinding;
  /** The key or token. */
  credential: ProbeFinding;
  /** The deployment. */
  deployment: ProbeFinding;
  /** The routes and their version. */
  apiVersion: ProbeFinding;
}
