/** Writes down what happens in a response, event by event, each with its time. */

import { randomBytes } from "node:crypto";
import type { Frame } from "../http/answer.js";
import type { Rendering } from "../images/paint.js";
import { EmbeddedPicture, type JsonObject } from "../scenario/alterations.js";
import { failure } from "../scenario/failures.js";
import { errorEvent } from "../scenario/framing.js";
import { newId } from "../service/ids.js";
import { plain, type Sentence } from "../tools/sentence.js";
import type { Step } from "../tools/step.js";
import { callItem, failedCallItem, look, messageItem, openCallItem, origin, partDocument, responseDocument, type Progress } from "./documents.js";
import type { Plan } from "./plan.js";
import { wordsOf } from "./words.js";

/** An event of a response. */
export interface ResponseEvent {
  readonly kind: Frame["kind"];
  readonly name: string;
  readonly data: JsonObject;
  readonly sequenceNumber: number;
  /** When it happens, on the clock of `performance.now()`. */
  readonly at: number;
}

/** What became of a response. */
export interface EventLog {
  readonly events: readonly ResponseEvent[];
  readonly endsAt: number;
  /** The response at its end. */
  readonly final: JsonObject;
}

/** How much of its time a response in the background waits in the queue, and how long at least: its answer comes first. */
const QUEUED_SHARE = 0.1;
const SHORTEST_QUEUE_IN_MS = 20;

/** When the work for a response begins, on the clock of `performance.now()`. */
export function beginningOf({ request, startedAt, latencyInMs }: Plan): number {
  return request.background ? startedAt + Math.max(SHORTEST_QUEUE_IN_MS, latencyInMs * QUEUED_SHARE) : startedAt;
}

/** A span of time. */
interface Span {
  readonly from: number;
  readonly to: number;
}

class Writer {
  readonly events: ResponseEvent[] = [];
  readonly output: JsonObject[] = [];
  readonly #plan: Plan;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  add(name: string, at: number, fields: JsonObject, kind: Frame["kind"] = "other"): void {
    const sequenceNumber = this.events.length;
    this.events.push({ kind, name, data: { type: name, ...fields, sequence_number: sequenceNumber }, sequenceNumber, at });
  }

  progress(name: string, at: number, progress: Progress): void {
    this.add(name, at, { response: responseDocument(this.#plan, progress) });
  }

  /** Writes a call of the tool up to its last preview, and returns what ends it with its item. */
  call({ previews }: Rendering, { from, to }: Span): (item: (id: string) => JsonObject) => void {
    const id = newId("ig_");
    const place = { output_index: this.output.length, item_id: id };
    const event = (name: string) => `response.image_generation_call.${name}`;
    this.add("response.output_item.added", from, { output_index: place.output_index, item: openCallItem(this.#plan, id) });
    this.add(event("in_progress"), from, place);
    this.add(event("generating"), from, place);
    for (const [index, preview] of previews.entries()) {
      const at = from + ((to - from) * (index + 1)) / (previews.length + 1);
      const fields = { ...place, partial_image_index: index, partial_image_b64: new EmbeddedPicture(preview), ...look(this.#plan) };
      this.add(event("partial_image"), at, fields, "partial");
    }
    return (makeItem) => {
      const item = makeItem(id);
      const completed = item["status"] === "completed";
      if (completed) this.add(event("completed"), to, place);
      this.add("response.output_item.done", to, { output_index: place.output_index, item }, completed ? "picture" : "other");
      this.output.push(item);
    };
  }

  /** Writes the call of any other tool. */
  step({ opened, events, item }: Step, { from, to }: Span): void {
    const place = { output_index: this.output.length };
    const done = { ...item, ...origin(this.#plan) };
    this.add("response.output_item.added", from, { ...place, item: { ...opened, ...origin(this.#plan) } });
    for (const [index, { name, fields }] of events.entries()) {
      const at = from + ((to - from) * (index + 1)) / (events.length + 1);
      this.add(`response.${name}`, at, { ...place, item_id: item["id"], ...fields });
    }
    this.add("response.output_item.done", to, { ...place, item: done });
    this.output.push(done);
  }

  message(said: Sentence, refusal: boolean, at: number): void {
    const id = newId("msg_");
    const { text, annotations } = said;
    const item = messageItem(this.#plan, id, partDocument(said, refusal));
    const itemPlace = { output_index: this.output.length };
    const place = { item_id: id, ...itemPlace, content_index: 0 };
    this.add("response.output_item.added", at, { ...itemPlace, item: messageItem(this.#plan, id, undefined) });
    this.add("response.content_part.added", at, { ...place, part: partDocument(plain(""), refusal) });
    const event = refusal ? "response.refusal" : "response.output_text";
    const more = refusal ? {} : { logprobs: [] };
    const obfuscation = () => (this.#plan.request.obfuscated ? { obfuscation: randomBytes(6).toString("base64url") } : {});
    for (const delta of text.match(/\S+\s*/g) ?? []) this.add(`${event}.delta`, at, { ...place, delta, ...more, ...obfuscation() });
    for (const [index, annotation] of annotations.entries()) {
      this.add("response.output_text.annotation.added", at, { ...place, annotation_index: index, annotation });
    }
    this.add(`${event}.done`, at, { ...place, [refusal ? "refusal" : "text"]: text, ...more });
    this.add("response.content_part.done", at, { ...place, part: partDocument(said, refusal) });
    this.add("response.output_item.done", at, { ...itemPlace, item });
    this.output.push(item);
  }
}

/** How a response ends that does not complete, if the scenario wants it. */
function earlyEnd({ scenario, request }: Plan): Progress | undefined {
  const { "response-failed": code, incomplete } = scenario;
  if (code !== undefined) return { status: "failed", error: failure(code, scenario["retry-after"]) };
  if (incomplete === "content_filter") return { status: "incomplete", incompleteReason: incomplete, charged: true };
  if (request.stream && errorEvent(scenario) !== undefined) return { status: "failed", error: failure("server_error", undefined) };
  return undefined;
}

/** Writes down a response whose pictures have been made. */
export function writeEvents(plan: Plan, renderings: readonly Rendering[]): EventLog {
  const { scenario, request, startedAt, latencyInMs } = plan;
  const beginsAt = beginningOf(plan);
  const endsAt = Math.max(beginsAt, startedAt + latencyInMs);
  const writer = new Writer(plan);
  writer.progress("response.created", startedAt, { status: request.background ? "queued" : "in_progress" });
  if (request.background) writer.progress("response.queued", startedAt, { status: "queued" });
  writer.progress("response.in_progress", beginsAt, { status: "in_progress" });

  const end = earlyEnd(plan);
  const { steps, awaitsReply } = plan.toolCalls;
  const timeOf = (place: number) => beginsAt + ((endsAt - beginsAt) * place) / (steps.length + renderings.length);
  const spanOf = (place: number): Span => ({ from: timeOf(place), to: timeOf(place + 1) });
  if (end === undefined) for (const [index, step] of steps.entries()) writer.step(step, spanOf(index));
  for (const [index, rendering] of renderings.entries()) {
    const finish = writer.call(rendering, spanOf(steps.length + index));
    if (end !== undefined) break;
    finish((id) => (scenario["call-failed"] ? failedCallItem(plan, id) : callItem(plan, id, rendering.final)));
  }
  const cutShort = end !== undefined || scenario.incomplete !== undefined || awaitsReply;
  if (!cutShort) writer.message(wordsOf(plan), scenario.refusal ?? false, endsAt);

  const progress: Progress = end ?? {
    status: scenario.incomplete === undefined ? "completed" : "incomplete",
    output: writer.output,
    charged: true,
    ...(scenario.incomplete === undefined ? {} : { incompleteReason: scenario.incomplete }),
  };
  const final = responseDocument(plan, progress);
  const error = request.stream ? errorEvent(scenario) : undefined;
  const { events } = writer;
  if (error !== undefined && scenario["response-failed"] === undefined) {
    const sequenceNumber = events.length;
    const data = "code" in error ? { ...error, sequence_number: sequenceNumber } : error;
    events.push({ kind: "other", name: "error", data, sequenceNumber, at: endsAt });
  } else if (!scenario["no-completed"]) {
    writer.add(`response.${progress.status}`, endsAt, { response: final }, "completed");
  }
  return { events, endsAt, final };
}
