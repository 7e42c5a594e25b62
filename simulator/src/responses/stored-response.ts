/** A response that is worked on, and kept to be retrieved. */

import { setTimeout as sleep } from "node:timers/promises";
import type { FormFile } from "../http/form.js";
import type { Rendering } from "../images/paint.js";
import type { JsonObject } from "../scenario/alterations.js";
import type { Scenario } from "../scenario/grammar.js";
import { pictureFile } from "../service/files.js";
import { followOutputItems, type Dialogue } from "./dialogue.js";
import { responseDocument } from "./documents.js";
import { beginningOf, writeEvents, type EventLog } from "./event-log.js";
import type { Plan } from "./plan.js";

/** What the work for a response came to. */
interface Work {
  readonly log: EventLog;
  readonly renderings: readonly Rendering[];
}

/** The plan of a response whose pictures could not be made. */
function failing(plan: Plan): Plan {
  return { ...plan, scenario: { ...plan.scenario, "response-failed": "invalid_image" } };
}

/** A response, from its request on. */
export class StoredResponse {
  readonly plan: Plan;
  readonly #work: Promise<Work>;
  readonly #end = new AbortController();
  #log: EventLog | undefined;
  #cancelled = false;
  #streams = 0;
  #retrievals = 0;

  /** Begins the work; `signal` ends it, and so does `abandon`. */
  constructor(plan: Plan, makePictures: (signal: AbortSignal) => Promise<readonly Rendering[]>, signal?: AbortSignal) {
    this.plan = plan;
    const either = signal === undefined ? this.#end.signal : AbortSignal.any([this.#end.signal, signal]);
    this.#work = this.#begin(makePictures, either);
    // Whoever waits for the work hears of its end; in the background nobody may.
    this.#work.catch(() => {});
  }

  async #begin(makePictures: (signal: AbortSignal) => Promise<readonly Rendering[]>, signal: AbortSignal): Promise<Work> {
    const wait = beginningOf(this.plan) - performance.now();
    if (wait > 0) await sleep(wait, undefined, { signal });
    const renderings = await makePictures(signal).catch((error: unknown) => {
      if (signal.aborted || !this.plan.request.background) throw error;
      // The request has been answered: what is wrong with a picture comes to light only here.
      return undefined;
    });
    this.#log = renderings === undefined ? writeEvents(failing(this.plan), []) : writeEvents(this.plan, renderings);
    return { log: this.#log, renderings: renderings ?? [] };
  }

  /** The output so far known. */
  get #output(): readonly JsonObject[] {
    return (this.#log?.final["output"] ?? []) as JsonObject[];
  }

  get id(): string {
    return this.plan.id;
  }

  /** Ended when the response is cancelled or forgotten: its streams end too. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  /** Everything that happens in the response, known as soon as its pictures are made. */
  async log(): Promise<EventLog> {
    return (await this.#work).log;
  }

  /** Whether the response has come to its end. */
  get done(): boolean {
    return this.#cancelled || (this.#log !== undefined && performance.now() >= this.#log.endsAt);
  }

  /** The response as it is now. */
  document(): JsonObject {
    const { plan } = this;
    if (this.#cancelled) return responseDocument(plan, { status: "cancelled" });
    if (this.#log !== undefined && this.done) return this.#log.final;
    return responseDocument(plan, { status: performance.now() < beginningOf(plan) ? "queued" : "in_progress" });
  }

  /** Cancels the response, unless it has come to its end. */
  cancel(): void {
    if (this.done) return;
    this.#cancelled = true;
    this.#end.abort();
  }

  /** Ends the work and the streams. */
  abandon(): void {
    this.#end.abort();
  }

  /** The picture that an edit goes on from: the last that was made, or else shown, or else that from before. */
  async lastPicture(): Promise<FormFile | undefined> {
    // A response that was cancelled made none.
    const made = await this.#pictures().catch(() => []);
    return made.at(-1) ?? this.plan.input.pictures.at(-1) ?? this.plan.earlierPicture;
  }

  /** The pictures that were made; none by calls that failed. */
  async #pictures(): Promise<readonly FormFile[]> {
    if (this.plan.scenario["call-failed"]) return [];
    const { renderings } = await this.#work;
    return renderings.map(({ final }) => pictureFile("image[]", final.mediaType, Buffer.from(final.bytes)));
  }

  /** The picture of a call of this response, once it is made. */
  async pictureOf(callId: string): Promise<FormFile | undefined> {
    const calls = this.#output.filter(({ type }) => type === "image_generation_call");
    const index = calls.findIndex(({ id }) => id === callId);
    return index < 0 ? undefined : (await this.#pictures())[index];
  }

  /** The dialogue with what this response says. */
  async dialogue(): Promise<Dialogue> {
    // A response that was cancelled says nothing.
    await this.#work.catch(() => {});
    return followOutputItems(this.plan.dialogue, this.#output);
  }

  /** An output item of this response. */
  outputItem(id: string): JsonObject | undefined {
    return this.#output.find((item) => item["id"] === id);
  }

  /** Counts a stream of the response, and returns how many there were before. */
  countStream(): number {
    return this.#streams++;
  }

  /** The scenario of one more retrieval: none when `times` is used up. */
  nextRetrieval(): Scenario {
    const { scenario } = this.plan;
    return this.#retrievals++ < (scenario.times ?? Number.POSITIVE_INFINITY) ? scenario : {};
  }
}
