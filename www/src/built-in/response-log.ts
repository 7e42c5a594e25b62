import type { Dialogue, Item } from "./dialogue.js";
import type { Event } from "./event-stream.js";
import { newId } from "./id.js";

/** A response and its events, which any number of streams can follow. */
export class ResponseLog {
  readonly id = newId("resp");
  readonly output: Item[] = [];
  readonly #events: Event[] = [];
  readonly #controller = new AbortController();
  #status = "in_progress";
  #wake = () => {};
  #news = Promise.resolve();
  /** The memory of the model after the response. */
  dialogue: Dialogue | undefined;

  constructor(readonly model: unknown) {
    this.#expectNews();
    this.add("response.created", { response: this.document });
  }

  /** Aborted when the response is cancelled. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isOver(): boolean {
    return this.#status !== "in_progress";
  }

  /** The response as it is now. */
  get document(): object {
    return { id: this.id, object: "response", status: this.#status, model: this.model, output: this.output };
  }

  add(type: string, properties: object): void {
    this.#events.push({ type, ...properties, sequence_number: this.#events.length });
    this.#wake();
    this.#expectNews();
  }

  /** Adds an item that is complete at once. */
  addItem(item: Item): void {
    const place = { output_index: this.output.length };
    this.add("response.output_item.added", { ...place, item: { ...item, status: "in_progress" } });
    this.output.push(item);
    this.add("response.output_item.done", { ...place, item });
  }

  /** Ends the response. */
  end(status: "completed" | "cancelled"): void {
    if (this.isOver) return;
    this.#status = status;
    this.add(`response.${status}`, { response: this.document });
    if (status === "cancelled") this.#controller.abort();
  }

  /** Returns the events after a sequence number, until the response ends. */
  async *follow(startingAfter = -1): AsyncGenerator<Event> {
    for (let next = startingAfter + 1; ; next += 1) {
      while (next >= this.#events.length && !this.isOver) await this.#news;
      const event = this.#events[next];
      if (!event) return;
      yield event;
    }
  }

  #expectNews(): void {
    this.#news = new Promise((resolve) => (this.#wake = resolve));
  }
}
