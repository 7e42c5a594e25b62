import type { GeneratedImage } from "./image.js";

/** What `@azure/identity`, and anything shaped like it, gives: an object that gets tokens. */
export interface TokenCredential {
  /** Returns a token for the scopes, or `null` when there is none. */
  getToken(
    scopes: string | string[],
    options?: { abortSignal?: AbortSignal },
  ): Promise<{ token: string; expiresOnTimestamp: number } | null>;
}

/**
 * How requests are signed:
 *
 * - a {@link TokenCredential}, or a function that returns a Microsoft Entra token: the way for a page whose users sign in;
 * - `null`: not at all, for an endpoint on the page's own origin that adds the credential;
 * - `{ key }`: an API key. In a browser it is refused for other origins than the page's own and loopback, unless
 *   {@link ClientOptions.dangerouslyAllowApiKeyInBrowser} is set, because everyone who opens the page can take it.
 */
export type Credential = TokenCredential | (() => string | Promise<string>) | { key: string } | null;

/** Settings of a client. */
export interface ClientOptions {
  /** Name of the deployment of an image model; a request may name another. It is not the name of the model. */
  deployment?: string;
  /**
   * The `api-version` of the requests. Not set: `preview`, on the v1 routes. A date, such as `2025-04-01-preview`, selects
   * the classic routes (`/openai/deployments/…`). `null`: none is sent.
   */
  apiVersion?: string | null;
  /** What tokens are asked for. Not set: `https://cognitiveservices.azure.com/.default`. */
  scopes?: string | string[];
  /** Sends the requests instead of the browser's `fetch`. Is given one `Request`, whose signal it should follow. */
  fetch?: (request: Request) => Promise<Response>;
  /** More headers for each request. Each one that a service does not expect may make its CORS preflight fail. */
  extraHeaders?: Record<string, string>;
  /** More query parameters for each request. */
  extraQuery?: Record<string, string>;
  /** Allows `{ key }` for a foreign origin. Only where every user of the page brings a key of their own. */
  dangerouslyAllowApiKeyInBrowser?: boolean;
  /** Most memory for one event, or an answer without its pictures, in bytes. Not set: 1 MiB. */
  maxEventBytes?: number;
  /** Largest picture to accept, in bytes. Not set: 256 MiB. */
  maxPictureBytes?: number;
}

/** Pictures to be made from a prompt. What is left out is left to the service's default. */
export interface GenerateRequest {
  /** What to draw. */
  prompt: string;
  /** Name of the deployment; not set: that of the client, or of the endpoint. */
  deployment?: string;
  /** How many pictures, 1 to 10. */
  n?: number;
  /** Width × height in pixels. What is legal depends on the model. */
  size?: "auto" | "1024x1024" | "1536x1024" | "1024x1536" | (string & {});
  /** More quality takes more time and tokens. */
  quality?: "auto" | "low" | "medium" | "high" | (string & {});
  /** `transparent` needs PNG or WebP. */
  background?: "auto" | "opaque" | "transparent" | (string & {});
  /** File format. */
  outputFormat?: "png" | "jpeg" | "webp" | (string & {});
  /** 0 to 100, for JPEG and WebP. */
  outputCompression?: number;
  /** How strict the content filter of the model is. */
  moderation?: "auto" | "low" | (string & {});
  /** Names the end user to Azure's abuse monitoring. */
  user?: string;
  /** More members for the body of the request, as Azure spells them. They win over the ones above. */
  extraBody?: Record<string, unknown>;
}

/** A picture to be made from a prompt, with previews while it is being made. */
export interface GenerateStreamRequest extends Omit<GenerateRequest, "n"> {
  /** How many previews at most, 0 to 3. Each costs about 100 output tokens. */
  partialImages?: 0 | 1 | 2 | 3 | (number & {});
}

/** Settings of one call. */
export interface CallOptions {
  /** Aborting it ends the call at once, with an error whose `code` is `cancelled` and whose `name` is `AbortError`. */
  abortSignal?: AbortSignal;
  /** Is told how far the call is. */
  onProgress?: (progress: Progress) => void;
}

/** Settings of one streamed call. */
export interface StreamOptions extends CallOptions {
  /** Leaves the object URLs of previews alive, until {@link ImageStream.dispose} frees them. */
  keepPartials?: boolean;
}

/** How far a call is. */
export interface Progress {
  /**
   * `authenticating`: the credential is asked. `waiting`: the request was sent; this takes longest. `receiving`: the
   * answer arrives. `completed`: all is there.
   */
  stage: "authenticating" | "waiting" | "receiving" | "completed";
  /** Bytes of the answer so far. */
  receivedBytes: number;
  /** Previews so far. */
  previews: number;
  /** Finished pictures so far. */
  images: number;
  /** Time since the call began, in milliseconds. */
  elapsedInMs: number;
}

/** Tokens by kind. */
export interface TokenDetails {
  textTokens: number;
  imageTokens: number;
}

/** The tokens that a call cost, as the service counted them. */
export interface Usage {
  /** Tokens of the prompt, and of pictures given with it. */
  inputTokens: number;
  /** Tokens of the pictures that were made; each preview counts some. */
  outputTokens: number;
  totalTokens: number;
  inputTokensDetails?: TokenDetails;
  outputTokensDetails?: TokenDetails;
}

/** The outcome of a call. */
export interface GenerateResult {
  /** The finished pictures; at least one, and at most as many as were asked for. */
  images: GeneratedImage[];
  /** The tokens that it cost, where the service says so. */
  usage?: Usage;
  /** The service's name for the request, where the browser may read it. */
  requestId?: string;
  /** When the service made the pictures, in seconds since 1970. */
  created?: number;
  /** The size that the service used. */
  size?: string;
  /** The quality that the service used. */
  quality?: string;
  /** The background that the service used. */
  background?: string;
  /** The format that the service names; {@link GeneratedImage.mediaType} is what the bytes are. */
  outputFormat?: string;
}

/** Something that happened while a picture was made. */
export type ImageStreamEvent =
  | {
      /** A rougher picture of what is being made. Never the result. */
      type: "partialImage";
      /** Counts the previews, from 0. */
      index: number;
      image: GeneratedImage;
    }
  | {
      /** The finished picture. */
      type: "completed";
      image: GeneratedImage;
      /** The tokens that it cost, where the service says so. */
      usage?: Usage;
      /** The service's name for the request, where the browser may read it. */
      requestId?: string;
    };
