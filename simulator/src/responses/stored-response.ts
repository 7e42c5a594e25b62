/** A response that is worked on, and kept to be retrieved. */

import { setTimeout as sleep } from "node:timers/promises";
import type { FormFile } from "../http/form.js";
import type { Rendering } from "../images/paint.js";
import type { JsonObject } from "../scenario/alterations.js";
import type { Scenario } from "../scenario/grammar.js";
import { pictureFile } from "../service/files.js";
import { responseDocument } from "./documents.js";
import { beginningOf, writeEvents, type EventLog } from "./event-log.js";
import type { Plan } from "./plan.js";

/** What the work for a response came to. */
interface Work {
  readonly log: EventLog;
  readonly renderings: readonly Rendering[];
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
    const renderings = await makePictures(signal);
    this.#log = writeEvents(this.plan, renderings);
    return { log: this.#log, renderings };
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
    const made = (await this.pictures()).at(-1);
    return made ?? this.plan.input.pictures.at(-1) ?? this.plan.earlierPicture;
  }

  /** The pictures that were made; none of a call that failed. */
  async pictures(): Promise<readonly FormFile[]> {
    if (this.plan.scenario["call-failed"]) return [];
    const { renderings } = await this.#work;
    return renderings.map(({ final }) => pictureFile("image[]", final.mediaType, Buffer.from(final.bytes)));
  }

  /** The picture of a call of this response. */
  async pictureOf(callId: string): Promise<FormFile | undefined> {
    const { final } = await this.log();
    const calls = (final["output"] as JsonObject[]).filter(({ type }) => type === "image_generation_call");
    const index = calls.findIndex(({ id }) => id === callId);
    return (await this.pictures())[index];
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
