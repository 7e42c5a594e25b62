import { computed, signal } from "@preact/signals";
import {
  type ApprovalRequest,
  type AzureImageClient,
  AzureImageError,
  type Citation,
  type GeneratedImage,
  type ResponseEvent,
  type ResponseInputItem,
  type ResponseRequest,
  type ResponseResult,
  type ToolCall,
  type ToolHandlers,
} from "azure-image-client";
import { effectiveOf, keep } from "../history/database.js";
import { EventLog } from "../meter/event-log.js";
import { watch } from "../meter/measures.js";
import type { Ask, Settings } from "./ask.js";
import { forgetJob, type Job, rememberJob } from "./job.js";
import { FUNCTIONS, runFunction } from "./tools.js";

/** The component that shows a preview frees it, because the next one can arrive while the browser still loads it. */
const OPTIONS = { keepPartialImages: true };

/** A response, several responses with functions between them, or a job. */
interface Answer extends AsyncIterable<ResponseEvent> {
  readonly id?: string | undefined;
  cancel(): unknown;
  result(): Promise<ResponseResult & { responses?: ResponseResult[] }>;
}

/** A call of a tool, or a request to approve one. */
type Step = { readonly call: ToolCall } | { readonly request: ApprovalRequest };

/** The fixed properties of a turn. */
interface Origin {
  readonly client: AzureImageClient;
  readonly said: string;
  /** The endpoint. Other endpoints do not know the conversation. */
  readonly endpoint: string;
  /** The settings of all its responses. */
  readonly settings: Settings;
  /** True for a background job, which continues without this page. */
  readonly isJob: boolean;
}

/** A message of the user and the answer to it: text, calls of tools and images. */
export class Turn {
  readonly text = signal("");
  /** In the order in which they arrived. */
  readonly steps = signal<readonly Step[]>([]);
  /** The outputs of functions of this page, by the `callId` of the call. */
  readonly outputs = signal<ReadonlyMap<string, unknown>>(new Map());
  /** The answers to requests for approval, by the id of the request. */
  readonly decisions = signal<ReadonlyMap<string, boolean>>(new Map());
  readonly citations = signal<readonly Citation[]>([]);
  /** The images, or their newest previews until they arrive, by the id of the call. */
  readonly pictures = signal<ReadonlyMap<string, { image: GeneratedImage; isPreview: boolean }>>(new Map());
  /** The status in the service's words, or the step of the page. */
  readonly status = signal("asking");
  /** Why the conversation does not continue from here, although nothing failed. */
  readonly note = signal("");
  readonly error = signal<AzureImageError | undefined>(undefined);
  readonly isOver = signal(false);
  readonly log = new EventLog();
  /** The id of the response that the next turn continues. Undefined if this turn failed, was stopped, or waits. */
  id: string | undefined;
  readonly #origin: Origin;
  #answer: Answer | undefined;
  #isCancelled = false;
  /** The last complete response. */
  readonly #last = signal<ResponseResult | undefined>(undefined);
  /** True if a request for approval has no answer yet. */
  readonly isWaiting = computed(
    () => this.isOver.value && !this.error.value && (this.#last.value?.approvalRequests.some(({ id }) => !this.decisions.value.has(id)) ?? false),
  );

  private constructor(origin: Origin) {
    this.#origin = origin;
  }

  /** Sends a message. A job outlives the page. */
  static say(client: AzureImageClient, endpoint: string, { request, isJob }: Ask): Turn {
    const { input, previousResponseId, ...settings } = request;
    const turn = new Turn({ client, said: input, endpoint, settings, isJob });
    turn.#send(request);
    return turn;
  }

  /** Follows a job of an earlier visit. */
  static resume(client: AzureImageClient, { said, endpoint, settings }: Job, id: string): Turn {
    const turn = new Turn({ client, said, endpoint, settings, isJob: true });
    void watch(turn.#follow(client.responses.resume(id, OPTIONS)));
    return turn;
  }

  get said(): string {
    return this.#origin.said;
  }

  get endpoint(): string {
    return this.#origin.endpoint;
  }

  /** Ends the turn. A job is also cancelled at the service, as soon as its id is known. */
  cancel(): void {
    this.#isCancelled = true;
    void Promise.resolve(this.#answer?.cancel()).catch(() => {});
  }

  /** Answers a request for approval. The turn continues when all of them are answered. */
  decide(requestId: string, approve: boolean): void {
    if (!this.isWaiting.value) return;
    this.decisions.value = new Map([...this.decisions.value, [requestId, approve]]);
    if (this.isWaiting.value || !this.#last.value) return;
    const { id, approvalRequests, toolCalls } = this.#last.value;
    const input: ResponseInputItem[] = [
      ...approvalRequests.map((request) => ({
        mcpApproval: { requestId: request.id, approve: this.decisions.value.get(request.id) === true },
      })),
      // A response that asks for an approval leaves its functions to the page.
      ...toolCalls.flatMap((call) => (isAnsweredHere(call) ? [{ functionCallOutput: { callId: call.callId, output: this.#run(call) } }] : [])),
    ];
    this.isOver.value = false;
    this.status.value = "asking";
    this.#send({ ...this.#origin.settings, input, previousResponseId: id });
  }

  /** Gives up the requests for approval. */
  abandon(): void {
    if (this.isWaiting.value) forgetJob(this.#last.value?.id);
  }

  /** Downloads a file that the turn cites. */
  download(citation: Citation): Promise<Blob> {
    return this.#origin.client.files.content(citation);
  }

  #send(request: ResponseRequest): void {
    const { client, said, endpoint, settings, isJob } = this.#origin;
    const { responses } = client;
    if (isJob) {
      // Before the request, because the page can be reloaded before the service returns the id.
      rememberJob({ said, endpoint, settings });
      void watch(this.#follow(responses.start(request, OPTIONS)));
    } else {
      const hasFunctions = request.tools?.some(({ type }) => type === "function");
      void watch(this.#follow(hasFunctions ? responses.runTools(request, this.#handlers(), OPTIONS) : responses.stream(request, OPTIONS)));
    }
  }

  async #follow(answer: Answer | Promise<Answer>): Promise<void> {
    const { said, endpoint, settings, isJob } = this.#origin;
    const before = this.text.value;
    this.#startParagraph();
    try {
      this.#answer = await answer;
      const { id } = this.#answer;
      if (isJob && id !== undefined) rememberJob({ said, id, endpoint, settings });
      if (this.#isCancelled) this.cancel();
      for await (const event of this.#answer) this.#take(event);
      const result = await this.#answer.result();
      const responses = result.responses ?? [result];
      this.text.value = [before, ...responses.map(({ text }) => text)].filter((text) => text !== "").join("\n\n");
      this.status.value = "completed";
      this.log.requestId.value = result.requestId;
      this.#keep(result);
      this.#last.value = result;
      if (result.approvalRequests.length === 0) this.#conclude(result);
    } catch (error) {
      const failure = AzureImageError.from(error);
      this.error.value = failure;
      this.status.value = failure.code;
      this.log.add(failure.code);
      this.log.requestId.value = failure.requestId;
    }
    this.isOver.value = true;
    // A reload does not lose a request for approval.
    if (isJob && !this.isWaiting.value) forgetJob(this.#answer?.id, this.error.value);
  }

  /** Lets the next turn continue from here. The service accepts no message while a call has no output. */
  #conclude({ id, toolCalls, warnings }: ResponseResult): void {
    const open = toolCalls.find(({ callId }) => callId !== undefined);
    if (!open) this.id = id;
    const ends = open && `This page has no output for the call of ${open.name ?? "a computer"}. The next message continues from the turn before.`;
    this.note.value = [ends, ...(warnings ?? []).map(({ message }) => message)].filter((text) => text !== undefined).join(" ");
  }

  #handlers(): ToolHandlers {
    return Object.fromEntries(Object.keys(FUNCTIONS).map((name) => [name, (_parameters, { call }) => this.#run(call)]));
  }

  /** Runs a function of this page, and keeps its output to show it. */
  #run({ name, callId }: ToolCall): unknown {
    const output = runFunction(name);
    if (callId !== undefined) this.outputs.value = new Map([...this.outputs.value, [callId, output]]);
    return output;
  }

  #take(event: ResponseEvent): void {
    switch (event.type) {
      case "textDelta":
        this.text.value += event.delta;
        return;
      case "toolCallDelta":
        this.status.value = `calling ${event.name ?? "a tool"}`;
        return;
      case "status":
        this.status.value = event.status;
        this.log.add(`status: ${event.status}`);
        return;
      case "partialImage":
      case "image": {
        const pictures = new Map(this.pictures.value);
        pictures.set(event.itemId, { image: event.image, isPreview: event.type === "partialImage" });
        this.pictures.value = pictures;
        this.log.add(event.type, event.image.byteLength);
        return;
      }
      case "toolCall":
        this.steps.value = [...this.steps.value, { call: event.call }];
        this.status.value = "in_progress";
        this.#startParagraph();
        break;
      case "approvalRequest":
        this.steps.value = [...this.steps.value, { request: event.request }];
        break;
      case "citation":
        this.citations.value = [...this.citations.value, event.citation];
        break;
    }
    this.log.add(event.type);
  }

  /** Starts a new paragraph, for the next response. */
  #startParagraph(): void {
    if (this.text.value !== "") this.text.value = `${this.text.value.trimEnd()}\n\n`;
  }

  #keep({ images, imageUsage }: ResponseResult): void {
    const { said, settings } = this.#origin;
    const { model, agent } = settings;
    for (const [index, image] of images.entries()) {
      // The usage is that of all images.
      const usage = index === 0 ? imageUsage : undefined;
      void keep(image, { prompt: said, asked: agent ? { agent } : { ...(model && { model }) }, effective: effectiveOf(image.call ?? {}), usage });
    }
  }
}

/** True for a call of a function of this page. */
function isAnsweredHere(call: ToolCall): call is ToolCall & { callId: string } {
  return call.callId !== undefined && Object.hasOwn(FUNCTIONS, call.name ?? "");
}
