import { invalidRequest } from "./error.js";
import type { GeneratedImage } from "./image.js";
import { Turns } from "./pause.js";

/** What an event shows: a place that a picture belongs to, and the preview that it puts there, if it is one. */
export interface Shown {
  place: unknown;
  preview?: GeneratedImage;
}

/** First in, first out. An array whose first element is taken out moves all others, which thousands that wait would notice. */
class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  /** How many of them were taken. */
  #taken = 0;

  get isEmpty(): boolean {
    return this.#taken === this.#items.length;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  take(): Item | undefined {
    if (this.isEmpty) return undefined;
    const item = this.#items[this.#taken];
    // What was taken may hold a picture, which is the page's alone now.
    this.#items[this.#taken] = undefined;
    this.#taken += 1;
    // So rarely that each is moved once in the mean.
    if (this.#taken * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#taken = 0;
  }
}

/** Events on their way to the one loop that reads them, and the object URLs of the partialImages among them. */
export class EventQueue<Event> {
  readonly #owner: string;
  readonly #keepPartialImages: boolean;
  readonly #shownBy: (event: Event) => Shown | undefined;
  readonly #events = new Fifo<Event>();
  /** Wakes those who wait for an event. */
  #wake: () => void = () => {};
  #news: Promise<void> = Promise.resolve();
  #outcome: Promise<unknown> = Promise.resolve();
  /** The turns of the page, and the one that it has. */
  #turns = new Turns();
  #turn: Promise<void> | undefined;
  #ended = false;
  #iterated = false;
  /** The loop has ended, by its end, an error or a `break`. */
  #over = false;
  /** All whose object URL may be alive. */
  readonly #partialImages = new Set<GeneratedImage>();
  /** Those of them that were handed over, with the place of each. */
  readonly #shown = new Map<GeneratedImage, unknown>();
  /** Those of them that another picture has replaced. */
  readonly #replaced = new Set<GeneratedImage>();

  /** `owner`: the class that the page knows. `shownBy`: what an event shows, if anything. */
  constructor(owner: string, keepPartialImages: boolean, shownBy: (event: Event) => Shown | undefined) {
    this.#owner = owner;
    this.#keepPartialImages = keepPartialImages;
    this.#shownBy = shownBy;
    this.#expectNews();
  }

  push(event: Event): void {
    // Nobody will ask for it.
    if (this.#over) return;
    const preview = this.#shownBy(event)?.preview;
    if (preview) this.#partialImages.add(preview);
    this.#events.push(event);
    this.#wake();
  }

  /** Nothing comes after `outcome`, whose failure is that of the loop. Gives it back, and makes sure that somebody has heard of it. */
  endWith<Result>(outcome: Promise<Result>): Promise<Result> {
    const ended = outcome.finally(() => {
      this.#ended = true;
      this.#wake();
    });
    // A page that only iterates, or only awaits the result, hears of a failure there.
    ended.catch(() => {});
    this.#outcome = ended;
    return ended;
  }

  /** Forgets the events and frees the object URLs of all partialImages. */
  dispose(): void {
    this.#events.clear();
    for (const preview of this.#partialImages) this.#free(preview);
  }

  /** For the one loop. `leave` is called when it is left early. */
  iterator(leave: () => void): AsyncIterator<Event, undefined> {
    if (this.#iterated) {
      const owner = `${/^[AEIOU]/.test(this.#owner) ? "An" : "A"} ${this.#owner}`;
      throw invalidRequest("stream", `${owner} can be iterated over only once. Keep what you need, or use result().`);
    }
    this.#iterated = true;
    this.#turns = new Turns();
    return {
      next: () => this.#next(),
      return: () => {
        this.#over = true;
        leave();
        this.#events.clear();
        this.#wake();
        this.#freeReplaced();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  async #next(): Promise<IteratorResult<Event, undefined>> {
    // Asking for the next event says that the last one has been dealt with, and what it replaced is not shown any more.
    this.#freeReplaced();
    // A loop over thousands that have come is one long task otherwise. Who asks meanwhile waits too, and so stays in order.
    if (!this.#events.isEmpty && this.#turns.isDue) this.#turn ??= this.#giveTurn();
    if (this.#turn) await this.#turn;
    while (this.#events.isEmpty && !this.#ended && !this.#over) await this.#news;
    const event = this.#events.take();
    if (!event) {
      const over = this.#over;
      this.#over = true;
      // Throws once, if that is how it ended.
      if (!over) await this.#outcome;
      return { done: true, value: undefined };
    }
    const shown = this.#shownBy(event);
    if (shown) {
      if (!this.#keepPartialImages) {
        for (const [preview, place] of this.#shown) if (place === shown.place) this.#replaced.add(preview);
      }
      if (shown.preview) this.#shown.set(shown.preview, shown.place);
    }
    return { done: false, value: event };
  }

  async #giveTurn(): Promise<void> {
    await this.#turns.give();
    this.#turn = undefined;
  }

  #freeReplaced(): void {
    for (const preview of this.#replaced) this.#free(preview);
  }

  #free(preview: GeneratedImage): void {
    preview.dispose();
    this.#partialImages.delete(preview);
    this.#shown.delete(preview);
    this.#replaced.delete(preview);
  }

  #expectNews(): void {
    this.#news = new Promise((resolve) => {
      this.#wake = () => {
        this.#expectNews();
        resolve();
      };
    });
  }
}
