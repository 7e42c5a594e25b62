import type { AzureImageError } from "./error.js";
import type { GeneratedImage } from "./image.js";
import type { ImageInput } from "../images/input.js";
import type { GetTokenOptions } from "./single-flight.js";

/** What `@azure/identity`, and anything shaped like it, gives: an object that gets tokens. */
export interface TokenCredential {
  /** Returns a token for the scopes, or `null` when there is none. */
  getToken(scopes: string | string[], options?: { abortSignal?: AbortSignal }): Promise<{ token: string; expiresOnTimestamp: number } | null>;
}

/**
 * How requests are signed:
 *
 * - a {@link TokenCredential}, or a function that returns a Microsoft Entra token: the way for a page whose users sign in;
 * - `null`: not at all, for an endpoint on the page's own origin that adds the credential;
 * - `{ key }`: an API key. In a browser it is refused for other origins than the page's own and loopback, unless
 *   {@link ClientOptions.dangerouslyAllowApiKeyInBrowser} is set, because everyone who opens the page can take it.
 */
export type Credential = TokenCredential | TokenFunction | { key: string } | null;

/**
 * Gets a Microsoft Entra token. A text alone is asked for before each request, so that who signs out is out; with its end, as the
 * Azure SDK or MSAL write it, a token is kept until two minutes before. However many requests wait, one question is asked.
 */
export type TokenFunction = (question: GetTokenOptions) => AccessToken | null | Promise<AccessToken | null>;

/** A token, alone or with its end. */
export type AccessToken =
  | string
  /** Of the Azure SDK; times are milliseconds since 1970. */
  | { token: string; expiresOnTimestamp?: number; refreshAfterTimestamp?: number }
  /** Of MSAL. */
  | { accessToken: string; expiresOn?: Date | null };

/** Settings of a client. */
export interface ClientOptions {
  /** Name of the deployment of an image model; a request may name another. It is not the name of the model. */
  deployment?: string;
  /**
   * Name of the deployment of the image model with which responses are drawn; a request may name another. Not set: {@link deployment}.
   * It is sent as `x-ms-oai-image-generation-deployment`, without which Azure refuses the tool.
   */
  imageDeployment?: string;
  /**
   * The `api-version` of the requests. Not set: `preview`, on the v1 routes. A date, such as `2025-04-01-preview`, selects
   * the classic routes (`/openai/deployments/…`). `null`: none is sent.
   */
  apiVersion?: string | null;
  /**
   * What a {@link TokenCredential} is asked for. Not set: `https://cognitiveservices.azure.com/.default`, and
   * `https://ai.azure.com/.default` for a Foundry project.
   */
  scopes?: string | string[];
  /**
   * How long to wait for the WebAssembly, for a token, and then for an answer to begin, in milliseconds; 0: for ever. Not set: 10 minutes, since some
   * models were seen to take more than 6.
   */
  timeoutInMs?: number;
  /** How long to wait for more of an answer that has begun, in milliseconds; 0: for ever. Not set: 10 minutes. */
  idleTimeoutInMs?: number;
  /**
   * How long a whole call may take, with all its requests and retries, in milliseconds. Not set, or 0: as long as it needs. Of the
   * pictures that came before, only events and `onImage` tell.
   */
  totalTimeoutInMs?: number;
  /** What is tried again, and how. */
  retryOptions?: RetryOptions;
  /** Sends the requests instead of the browser's `fetch`. Is given one `Request`, whose signal it should follow. */
  fetch?: (request: Request) => Promise<Response>;
  /** More headers for each request. Each one that a service does not expect may make its CORS preflight fail. */
  extraHeaders?: Record<string, string>;
  /** More query parameters for each request. */
  extraQuery?: Record<string, string>;
  /**
   * The model behind the deployment, such as `gpt-image-1.5`; a request may name another. Azure is not told: it lets the client
   * check a request before it costs, since the name of a deployment says nothing about its model.
   */
  model?: string;
  /** Rules for models that the catalog does not know, or that differ from it; see the README. */
  catalog?: Record<string, unknown>;
  /**
   * What becomes of a request that cannot work by the catalog. `error`: it is refused before it is sent. `warn`: it is sent,
   * and the result carries the warnings. `off`: nothing is checked. Not set: `error`. Unknown options are refused in any case.
   */
  validation?: "error" | "warn" | "off";
  /** Prices of tokens, in US dollars for a million; those of the catalog hold where one is not set. */
  rates?: Rates;
  /** How many requests of one call run at the same time, when more pictures are asked for than one can bring. Not set: 4. */
  maxParallelRequests?: number;
  /** Allows `{ key }` for a foreign origin. Only where every user of the page brings a key of their own. */
  dangerouslyAllowApiKeyInBrowser?: boolean;
  /** Most memory for one event, or an answer without its pictures, and for all that a response says, in bytes. Not set: 1 MiB. */
  maxEventBytes?: number;
  /** Deepest nesting of an answer's JSON, in levels, 1000 at most. Not set: 64. */
  maxNesting?: number;
  /** Largest picture to accept, in bytes. All of one answer, partialImages too, may have 64 times as much together. Not set: 128 MiB. */
  maxImageBytes?: number;
}

/**
 * What is tried again. Always: a 401, once, with a new token. By these options: a 429, since nothing was made. Only with
 * {@link retryUnknownOutcome}: what may have made a picture.
 */
export interface RetryOptions {
  /** How often at most. Not set: 3. 0: never. */
  maxRetries?: number;
  /** The first wait where the service names none, in milliseconds; each further one is twice as long. Not set: 1000. */
  retryDelayInMs?: number;
  /** The longest wait, in milliseconds. When the service asks for more, the call fails at once. Not set: 2 minutes. */
  maxRetryDelayInMs?: number;
  /**
   * Tries a timeout, an error of the server, a lost connection and a cut answer again too. The picture may have been made all the
   * same, and each try may be billed. Not set: false.
   */
  retryUnknownOutcome?: boolean;
}

/** Prices of tokens, in US dollars for a million. */
export interface Rates {
  /** Of the prompt. */
  textInput?: number;
  /** Of the pictures given to an edit. */
  imageInput?: number;
  /** Of the pictures that were made. */
  output?: number;
  /** Of text that the model wrote. */
  textOutput?: number;
}

/** What a call will cost, as far as tables tell. The prompt and the pictures given to an edit come on top. */
export interface Estimate {
  /** Always true: Azure's bill counts, and next to it the `usage` of the answer. */
  isEstimate: true;
  /** The number of images. */
  images: number;
  /** Tokens of all pictures and partialImages; a range where the service chooses the size or quality. */
  outputTokens?: { min: number; max: number };
  /** What they cost, in US dollars. */
  cost?: { min: number; max: number };
  /** When the prices were read. */
  asOf?: string;
}

/** Pictures to be made from a prompt. What is left out is left to the service's default. */
export interface GenerateRequest {
  /** What to draw. */
  prompt: string;
  /** Name of the deployment; not set: that of the client, or of the endpoint. */
  deployment?: string;
  /** The model behind the deployment; see {@link ClientOptions.model}. */
  model?: string;
  /**
   * How many pictures. What one request cannot bring (more than 10, more than one of DALL·E 3 or of a stream) becomes
   * several requests side by side.
   */
  n?: number;
  /** Width × height in pixels. What is legal depends on the model. */
  size?: "auto" | "1024x1024" | "1536x1024" | "1024x1536" | (string & {});
  /** More quality takes more time and tokens. */
  quality?: "auto" | "low" | "medium" | "high" | "standard" | "hd" | (string & {});
  /** `transparent` needs PNG or WebP. */
  background?: "auto" | "opaque" | "transparent" | (string & {});
  /** File format. */
  outputFormat?: "png" | "jpeg" | "webp" | (string & {});
  /** 0 to 100, for JPEG and WebP. */
  outputCompression?: number;
  /** How strict the content filter of the model is. */
  moderation?: "auto" | "low" | (string & {});
  /** DALL·E only. `b64_json` is what a page can read, and the default where {@link model} names a DALL·E. */
  responseFormat?: "b64_json" | "url" | (string & {});
  /** DALL·E 3 only. */
  style?: "vivid" | "natural" | (string & {});
  /** Names the end user to Azure's abuse monitoring. */
  user?: string;
  /** More members for the body of the request, as Azure spells them. They win over the ones above. */
  extraBody?: Record<string, unknown>;
}

/** Pictures to be made from a prompt and pictures. */
export interface EditRequest extends Omit<GenerateRequest, "responseFormat" | "style"> {
  /** 1 to 16 pictures to work from, each smaller than 50 MB. */
  image: ImageInput | readonly ImageInput[];
  /** A PNG of the size of the first picture. It is changed where the mask is transparent, and kept where it is opaque. */
  mask?: ImageInput;
  /** How closely details such as faces are kept. Not every model knows it. */
  inputFidelity?: "low" | "high" | (string & {});
}

/** What a streamed call knows in addition. */
export interface StreamRequest {
  /** How many partialImages of each picture at most, 0 to 3. Each costs about 100 output tokens. */
  partialImages?: 0 | 1 | 2 | 3 | (number & {});
}

/** Pictures to be made from a prompt, with partialImages while they are being made. */
export interface GenerateStreamRequest extends GenerateRequest, StreamRequest {}

/** Pictures to be made from a prompt and pictures, with partialImages while they are being made. */
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
  /** Is given each finished picture when it is there, before the others. `imageIndex` counts from 0 to n − 1. */
  onImage?: (image: GeneratedImage, imageIndex: number) => void;
}

/** Settings of one streamed call. */
export interface StreamOptions extends Omit<CallOptions, "onImage"> {
  /** Leaves the object URLs of partialImages alive, until {@link ImageStream.dispose} frees them. */
  keepPartialImages?: boolean;
}

/** How far a call is. */
export interface Progress {
  /**
   * `authenticating`: the credential is asked. `waiting`: the request was sent; this takes longest. `receiving`: the
   * answer arrives. `retrying`: the request failed and will be sent again; {@link retry} says when. `completed`: all is there.
   */
  stage: "authenticating" | "waiting" | "receiving" | "retrying" | "completed";
  /** Bytes of the answer so far. */
  receivedBytes: number;
  /** Previews so far. */
  partialImages: number;
  /** Finished pictures so far. */
  images: number;
  /** Time since the call began, in milliseconds. */
  elapsedInMs: number;
  /** What will be tried again next; told anew every second. */
  retry?: RetryInfo;
}

/** A request that will be tried again. */
export interface RetryInfo {
  /** How often it was tried again, this time included; a new token after a 401 does not count. */
  retries: number;
  /** How long until then, in milliseconds. */
  waitInMs: number;
  /** Why. */
  error: AzureImageError;
}

/** Tokens by kind. */
export interface TokenDetails {
  /** Tokens of text. */
  textTokens: number;
  /** Tokens of pictures. */
  imageTokens: number;
}

/** The tokens that a call cost, as the service counted them. */
export interface Usage {
  /** Tokens of the prompt, and of pictures given with it. */
  inputTokens: number;
  /** Tokens of the pictures that were made; each preview counts some. */
  outputTokens: number;
  /** Both together. */
  totalTokens: number;
  /** {@link inputTokens} by kind, where the service says so. */
  inputTokensDetails?: TokenDetails;
  /** {@link outputTokens} by kind, where the service says so. */
  outputTokensDetails?: TokenDetails;
  /** What they cost in US dollars, by {@link ClientOptions.rates} or else those of the catalog, where the model is known. */
  cost?: number;
}

/** The outcome of a call. */
export interface GenerateResult {
  /** The finished pictures; at least one, and at most as many as were asked for. */
  images: GeneratedImage[];
  /** The pictures that did not come although others did. Where none came, the call fails with the first of these. */
  failures?: {
    /** Its place among those that were asked for, from 0. */
    imageIndex: number;
    /** Why it did not come. */
    error: AzureImageError;
  }[];
  /** What was noticed about the request without being a reason to refuse it. */
  warnings?: ValidationProblem[];
  /** The tokens that it cost, where the service says so. */
  usage?: Usage;
  /** The service's name for the request, where the browser may read it. */
  requestId?: string;
  /** When the service generated the images. */
  createdOn?: Date;
  /** The size that the service used. */
  size?: string;
  /** The quality that the service used. */
  quality?: string;
  /** The background that the service used. */
  background?: string;
  /** The format that the service names; {@link GeneratedImage.mediaType} is what the bytes are. */
  outputFormat?: string;
}

/** Something that happened while pictures were made. `imageIndex` counts the pictures that were asked for, from 0. */
export type ImageStreamEvent =
  | {
      /** A rougher picture of what is being made. Never the result. */
      type: "partialImage";
      /** Counts the partialImages of this picture, from 0. */
      index: number;
      /** Which picture it is a preview of. */
      imageIndex: number;
      /** The preview. */
      image: GeneratedImage;
    }
  | {
      /** A finished picture. */
      type: "image";
      /** Which picture it is. */
      imageIndex: number;
      /** The picture. */
      image: GeneratedImage;
      /** The tokens that it cost, where the service says so. */
      usage?: Usage;
      /** The service's name for the request, where the browser may read it. */
      requestId?: string;
    };

/** Something about a request that cannot work, or that may not. */
export interface ValidationProblem {
  /** The parameter at fault. */
  param: string;
  /** What is wrong with it, and what to do. */
  message: string;
  /** An `error` cannot work; a `warning` may. */
  severity: "error" | "warning";
  /** A value that would work, such as the nearest legal size. */
  suggestion?: string;
}

/** How an endpoint was understood. */
export interface EndpointDescription {
  /** Scheme, host and port. */
  origin: string;
  /** `gateway`: neither a resource nor a Foundry project by its name, and so taken to pass requests on to Azure. */
  kind: "resource" | "project" | "gateway";
  /** `classic`: the deployment is part of the address. */
  routes: "v1" | "classic";
  /** What is sent as `api-version`. */
  apiVersion?: string;
  /** The deployment that the endpoint itself names. */
  deployment?: string;
  /** The Foundry project that the endpoint names. */
  project?: string;
  /** Where a generation is sent. */
  generationsUrl: string;
  /** Where a response is asked for. */
  responsesUrl: string;
}

/** What {@link AzureImageClient.probe} found about a part of the way to a picture. */
export interface ProbeFinding {
  /** `unknown`: there was no way to tell. */
  status: "ok" | "failed" | "unknown";
  /** Why, and what to do. */
  message: string;
}

/** What {@link AzureImageClient.probe} found. */
export interface ProbeReport {
  /** Whether every part works. */
  ok: boolean;
  /** The service, over the network. */
  reachable: ProbeFinding;
  /** Its permission to this page to read what it answers. */
  cors: ProbeFinding;
  /** The key or token. */
  credential: ProbeFinding;
  /** The deployment. */
  deployment: ProbeFinding;
  /** The routes and their version. */
  apiVersion: ProbeFinding;
}
