import { Call } from "./call.js";
import { EngineClient } from "./engine.js";
import { ImageStream } from "./stream.js";
import type {
  CallOptions,
  ClientOptions,
  Credential,
  GenerateRequest,
  GenerateResult,
  GenerateStreamRequest,
  StreamOptions,
} from "./types.js";

/** Makes pictures with an image model that is deployed on Azure. */
export class AzureImageClient {
  readonly #engine: EngineClient;

  /**
   * @param endpoint An Azure OpenAI resource (`https://my-resource.openai.azure.com`), its v1 root, a deployment's URL, or a
   *   path of the page's own origin (`/api/azure`) that passes the requests on.
   * @param credential How requests are signed.
   *
   * What is wrong with either is said by the first call, because only the engine, which loads then, can tell.
   */
  constructor(endpoint: string, credential: Credential, options: ClientOptions = {}) {
    this.#engine = new EngineClient(endpoint, credential, options);
  }

  /** Makes pictures and resolves when all are there. Rejects with an `AzureImageError`. */
  async generate(request: GenerateRequest, options: CallOptions = {}): Promise<GenerateResult> {
    return new Call(this.#engine, request, false, options).result;
  }

  /** Makes a picture and shows it while it is being made. Returns at once. */
  generateStream(request: GenerateStreamRequest, options: StreamOptions = {}): ImageStream {
    return new ImageStream(this.#engine, request, options);
  }
}
