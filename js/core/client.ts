import { Agents } from "../foundry/agents.js";
import { Conversations } from "../foundry/conversations.js";
import { EngineClient } from "./engine.js";
import { AzureImageError, free } from "./error.js";
import { Files } from "../foundry/files.js";
import type { GeneratedImage } from "./image.js";
import { imagesCall, imagesWork, type Operation } from "../images/call.js";
import { captureInputs, prepareInputs, type Inputs } from "../images/input.js";
import { listener, tell } from "./listener.js";
import { imageRequestNames, refuseUnknown } from "./members.js";
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

type Range = { min: number; max: number };
type EngineEstimate = Omit<Estimate, "cost"> & { microDollars?: Range };

/** Makes pictures with an image model that is deployed on Azure. */
export class AzureImageClient {
  /** Responses of text models and agents, which draw with the image generation tool. */
  readonly responses: Responses;
  /** The agents of a Foundry project. */
  readonly agents: Agents;
  /** Conversations, which responses can go on with. */
  readonly conversations: Conversations;
  /** Files that were uploaded. */
  readonly files: Files;
  readonly #engine: EngineClient;

  /**
   * @param endpoint An Azure OpenAI resource (`https://my-resource.openai.azure.com`), its v1 root, a deployment's URL, a Foundry
   *   project, or a path of the page's own origin (`/api/azure`) that passes the requests on.
   * @param credential How requests are signed.
   *
   * What is wrong with them or the options is said by the first call, because only the engine, which loads then, can tell.
   */
  constructor(endpoint: string, credential: Credential, options: ClientOptions = {}) {
    rememberSelf(this);
    this.#engine = new EngineClient(endpoint, credential, options);
    this.agents = new Agents(this.#engine);
    this.conversations = new Conversations(this.#engine);
    this.files = new Files(this.#engine);
    this.responses = new Responses(this.#engine);
  }

  /** How the endpoint was understood. Rejects with what is wrong with it. */
  getEndpoint(): Promise<EndpointDescription> {
    return this.#ask((client) => client.describeEndpoint() as EndpointDescription);
  }

  /** Makes pictures and resolves when all are there. Rejects with an `AzureImageError`. */
  generate(request: GenerateRequest, options: CallOptions = {}): Promise<GenerateResult> {
    return this.#call("generations", request, options);
  }

  /** Makes pictures and shows them while they are being made. Returns at once. */
  generateStream(request: GenerateStreamRequest, options: StreamOptions = {}): ImageStream {
    return new ImageStream(this.#engine, "generations", request, options);
  }

  /** Makes pictures from pictures, and resolves when all are there. Rejects with an `AzureImageError`. */
  edit(request: EditRequest, options: CallOptions = {}): Promise<GenerateResult> {
    return this.#call("edits", request, options);
  }

  /** Makes pictures from pictures and shows them while they are being made. Returns at once. */
  editStream(request: EditStreamRequest, options: StreamOptions = {}): ImageStream {
    return new ImageStream(this.#engine, "edits", request, options);
  }

  /**
   * Everything that the catalog has to say about a request, without sending it; empty when it sees nothing wrong.
   * `streamed`: as it would be for `generateStream` and `editStream`.
   */
  validate(request: GenerateStreamRequest | EditStreamRequest, options: { streamed?: boolean | undefined } = {}): Promise<ValidationProblem[]> {
    return this.#ask(async (client) => {
      const { snapshot, streamed } = asked(request, options);
      if (!("image" in snapshot)) return client.validate(imagesCall("generations", snapshot, streamed)) as ValidationProblem[];
      const problems = (inputs?: Inputs) => client.validate(imagesCall("edits", snapshot, streamed, inputs)) as ValidationProblem[];
      try {
        return problems(await prepareInputs(client, captureInputs(snapshot)));
      } catch (reason) {
        const { param = "image", message, code } = AzureImageError.from(reason);
        if (code !== "invalid_request") throw reason;
        // Without the pictures nothing can be said of them but this.
        const others = problems().filter((problem) => problem.param !== "image" && problem.param !== "mask");
        return [{ param, message, severity: "error" }, ...others];
      }
    });
  }

  /** What a request will cost, as far as tables tell, without sending it. */
  estimate(request: GenerateStreamRequest | EditStreamRequest, options: { streamed?: boolean | undefined } = {}): Promise<Estimate> {
    return this.#ask((client) => {
      const { snapshot, streamed } = asked(request, options);
      const { microDollars, ...rest } = client.estimate(imagesCall("generations", snapshot, streamed)) as EngineEstimate;
      const dollars = (range: Range): Range => ({ min: range.min / 1e6, max: range.max / 1e6 });
      return { ...rest, ...(microDollars && { cost: dollars(microDollars) }) };
    });
  }

  /**
   * Finds out what works of the way to a picture, without making one: whether the service can be reached, lets this page read its
   * answers, accepts the credential, has the deployment and knows the version. Each is `ok`, `failed` or `unknown`, with what to
   * do. What it sends cannot cost: a generation without a prompt, which every model refuses; else the list of models; and, where
   * nothing can be read, a request without the credential to see whether anything answers.
   *
   * Rejects only when it is aborted, or when the client's options cannot work.
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

  async #ask<Answer>(question: (client: Awaited<ReturnType<EngineClient["get"]>>) => Answer | Promise<Answer>): Promise<Answer> {
    try {
      return await question(await this.#engine.get());
    } catch (reason) {
      throw free(AzureImageError.from(reason));
    }
  }
}

makeProxySafe(AzureImageClient.prototype, "AzureImageClient");

/** A request to look at, and whether it is for a stream. */
function asked(request: object, options: { streamed?: boolean | undefined }): { snapshot: Record<string, unknown>; streamed: boolean } {
  refuseUnknown(options, { streamed: 1 });
  const snapshot = snapshotRequest(request);
  refuseUnknown(snapshot, imageRequestNames("image" in snapshot ? "edits" : "generations", true));
  return { snapshot, streamed: options?.streamed ?? false };
}
