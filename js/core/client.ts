import { Agents } from "../foundry/agents.js";
import { acceptEveryCopy, brand } from "./brand.js";
import { Conversations } from "../foundry/conversations.js";
import { EngineClient } from "./engine.js";
import { AzureImageError, free } from "./error.js";
import { Files } from "../foundry/files.js";
import type { GeneratedImage } from "./image.js";
import { captureImages, imagesCall, imagesWork, type EditImages, type ImagesCall, type Operation } from "../images/call.js";
import { listener, tell } from "./listener.js";
import { imageRequestNames, refuseUnknown } from "./members.js";
import { more } from "./chunks.js";
import { member } from "./own.js";
import { probe } from "./probe.js";
import { makeProxySafe, rememberSelf } from "./proxy-safe.js";
import { Responses } from "../responses/responses.js";
import { snapshotRequest } from "./snapshot.js";
import { ImageStream } from "../images/stream.js";
import { Task } from "./task.js";
import type {
  CallOptions,
  ClientOptions,
  Credential,
  EditRequest,
  EditStreamRequest,
  EndpointDescription,
  Estimate,
  GenerateRequest,
  GenerateResult,
  GenerateStreamRequest,
  OperationOptions,
  ProbeReport,
  ValidationProblem,
  StreamOptions,
} from "./types.js";
import type { Client } from "../wasm/azure_image_client.js";

/** Generates and edits images with models that are deployed on Azure. */
export class AzureImageClient {
  /** Responses of text models and agents, which use the image generation tool. */
  readonly responses: Responses;
  /** The agents of a Foundry project. */
  readonly agents: Agents;
  /** Conversations, which responses can continue. */
  readonly conversations: Conversations;
  /** Uploaded files. */
  readonly files: Files;
  readonly #engine: EngineClient;

  /**
   * Invalid arguments are reported by the first call, because only the engine, which loads then, can validate them.
   *
   * @param endpoint An Azure OpenAI resource (`https://my-resource.openai.azure.com`), its v1 root, the URL of a deployment, a Foundry
   *   project, or a path on the page's own origin (`/api/azure`) that forwards requests to Azure.
   * @param credential Signs the requests.
   */
  constructor(endpoint: string, credential: Credential, options: ClientOptions = {}) {
    rememberSelf(this);
    brand(this, "AzureImageClient");
    this.#engine = new EngineClient(endpoint, credential, options);
    this.agents = new Agents(this.#engine);
    this.conversations = new Conversations(this.#engine);
    this.files = new Files(this.#engine);
    this.responses = new Responses(this.#engine);
  }

  /** Returns the parts of the endpoint. Rejects if the endpoint or an option is invalid. */
  getEndpoint(): Promise<EndpointDescription> {
    return this.#ask(
      () => {},
      (client) => client.describeEndpoint() as EndpointDescription,
    );
  }

  /** Generates images. Resolves when all of them have arrived. Rejects with an `AzureImageError`. */
  generate(request: GenerateRequest, options: CallOptions = {}): Promise<GenerateResult> {
    return this.#call("generations", request, options);
  }

  /** Generates images and streams partial images. Returns at once. */
  generateStream(request: GenerateStreamRequest, options: StreamOptions = {}): ImageStream {
    return new ImageStream(this.#engine, "generations", request, options);
  }

  /** Edits images, or generates an image from others. Resolves when all of them have arrived. Rejects with an `AzureImageError`. */
  edit(request: EditRequest, options: CallOptions = {}): Promise<GenerateResult> {
    return this.#call("edits", request, options);
  }

  /** Edits images and streams partial images. Returns at once. */
  editStream(request: EditStreamRequest, options: StreamOptions = {}): ImageStream {
    return new ImageStream(this.#engine, "edits", request, options);
  }

  /**
   * Returns every problem that the catalog knows of a request, without sending it. The list is empty for a valid request.
   * `streamed`: validates the request for `generateStream` and `editStream`.
   */
  validate(request: GenerateStreamRequest | EditStreamRequest, options: { streamed?: boolean | undefined } = {}): Promise<ValidationProblem[]> {
    return this.#ask(
      () => asked(request, options),
      (client, { call, images }) => more.code.validate(client, call, images),
    );
  }

  /** Estimates the cost of a request from tables, without sending it. */
  estimate(request: GenerateStreamRequest | EditStreamRequest, options: { streamed?: boolean | undefined } = {}): Promise<Estimate> {
    return this.#ask(
      () => asked(request, options),
      (client, { call, images }) => more.code.estimate(client, call, images),
    );
  }

  /**
   * Checks every step of the connection without generating an image: whether the service is reachable, allows this page to read its
   * responses, accepts the credential, has the deployment and supports the version. Each check is `ok`, `failed` or `unknown`, with its
   * remedy. The requests are free: a generation without a prompt, which every model refuses; the list of models; and, if no response is
   * readable, a request without the credential to see whether anything answers.
   *
   * Rejects only if it is aborted, if the options of the client are invalid, or if the WebAssembly cannot be loaded.
   */
  async probe(options: OperationOptions = {}): Promise<ProbeReport> {
    return probe(this.#engine, options);
  }

  async #call(operation: Operation, request: GenerateRequest | EditRequest, options: CallOptions): Promise<GenerateResult> {
    const onImage = listener<[GeneratedImage, number]>(options, "onImage");
    const work = imagesWork(operation, request, false, options, {
      image: (image, imageIndex) => onImage && tell(onImage, image, imageIndex),
    });
    return new Task(this.#engine, options, work).result;
  }

  /** Captures the arguments at once, and answers when the engine is loaded. */
  async #ask<Question, Answer>(capture: () => Question, answer: (client: Client, question: Question) => Answer | Promise<Answer>): Promise<Answer> {
    try {
      const question = capture();
      return await answer(await this.#engine.get(true), question);
    } catch (reason) {
      throw free(AzureImageError.from(reason));
    }
  }
}

makeProxySafe(AzureImageClient.prototype, "AzureImageClient");
acceptEveryCopy(AzureImageClient, "AzureImageClient");

/** The captured arguments of `validate` and `estimate`. */
function asked(request: object, options: { streamed?: boolean | undefined }): { call: ImagesCall; images: EditImages | undefined } {
  refuseUnknown(options, { streamed: 1 });
  const streamed = (member(options, "streamed") as boolean | undefined) ?? false;
  const copy = snapshotRequest(request);
  const images = "image" in copy ? captureImages(copy) : undefined;
  const operation = images ? "edits" : "generations";
  refuseUnknown(copy, imageRequestNames(operation, true));
  return { call: imagesCall(operation, copy, streamed), images };
}
