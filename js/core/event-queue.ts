import { invalidRequest } from "./error.js";
import type { GeneratedImage } from "./image.js";
import { own } from "./own.js";
import { Turns } from "./pause.js";

/** The place that an event belongs to, and its partial image, if any. */
export interface Shown {
  place: unknown;
  preview?: GeneratedImage;
}

/** A first-in, first-out queue. `Array.shift` would move all other items, which is slow for thousands. */
class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  /** The number of taken items. */
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
    // Releases the image, which now belongs to the page alone.
    this.#items[this.#taken] = undefined;
    this.#taken += 1;
    // Compacts when half is consumed: amortized O(1).
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

/** The events for the one loop that reads them, and the object URLs of their partial images. */
export class EventQueue<Event> {
  readonly #owner: string;
  readonly #keepPartialImages: boolean;
  readonly #shownBy: (event: Event) => Shown | undefined;
  readonly #events = new Fifo<Event>();
  /** Wakes the waiting loop. */
  #wake: () => void = () => {};
  #news: Promise<void> = Promise.resolve();
  #outcome: Promise<unknown> = Promise.resolve();
  /** Gives the page a turn between events. Only one turn is pending at a time. */
  #turns = new Turns();
  #turn: Promise<void> | undefined;
  #ended = false;
  #iterated = false;
  /** The loop has ended, by its end, an error or a `break`. */
  #over = false;
  /** Partial images whose object URL may be in use. */
  readonly #partialImages = new Set<GeneratedImage>();
  /** Delivered partial images and their places. */
  readonly #shown = new Map<GeneratedImage, unknown>();
  /** Delivered partial images that a later image has replaced. */
  readonly #replaced = new Set<GeneratedImage>();

  /** `owner`: the class name for errors. `shownBy`: the place and partial image of an event. */
  constructor(owner: string, keepPartialImages: boolean, shownBy: (event: Event) => Shown | undefined) {
    this.#owner = owner;
    this.#keepPartialImages = keepPartialImages;
    this.#shownBy = (event) => {
      const shown = shownBy(event);
      return shown && own(shown);
    };
    this.#expectNews();
  }

  push(event: Event): void {
    // Nobody reads it.
    if (this.#over) return;
    const preview = this.#shownBy(event)?.preview;
    if (preview) this.#partialImages.add(preview);
    this.#events.push(event);
    this.#wake();
  }

  /** Ends the events with `outcome`, whose error is thrown by the loop. Returns the outcome with a rejection handler attached. */
  endWith<Result>(outcome: Promise<Result>): Promise<Result> {
    const ended = outcome.finally(() => {
      this.#ended = true;
      this.#wake();
    });
    // A page that only iterates, or only awaits the result, sees the error there.
    ended.catch(() => {});
    this.#outcome = ended;
    return ended;
  }

  /** Drops the events and revokes the object URLs of all partial images. */
  dispose(): void {
    this.#events.clear();
    for (const preview of this.#partialImages) this.#free(preview);
  }

  /** Returns the iterator of the one loop. `leave` is called if the loop is left early. */
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
    // The next call means that the page has shown the last event, so the images it replaced can be revoked.
    this.#freeReplaced();
    // Without turns, a loop over thousands of waiting events is one long task. Parallel calls wait too and stay in order.
    if (!this.#events.isEmpty && this.#turns.isDue) this.#turn ??= this.#giveTurn();
    if (this.#turn) await this.#turn;
    while (this.#events.isEmpty && !this.#ended && !this.#over) await this.#news;
    const event = this.#events.take();
    if (!event) {
      const over = this.#over;
      this.#over = true;
      // Throws the error of the outcome once.
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
