import { signal } from "@preact/signals";

/** Something that happened to a call. */
export interface LoggedEvent {
  /** Since it began, in milliseconds. */
  readonly atMs: number;
  readonly what: string;
  /** Of the answer so far, where the library tells. */
  readonly receivedBytes?: number | undefined;
  /** Of the picture that came with it. */
  readonly byteLength?: number | undefined;
}

/** What happened to a call, as it happened. */
export class EventLog {
  readonly events = signal<readonly LoggedEvent[]>([]);
  /** The service's name for the request, where the browser may read it. */
  readonly requestId = signal<string | undefined>(undefined);
  #startedAt = performance.now();

  constructor() {
    shown.value = this;
  }

  /** Begins anew. */
  clear(): void {
    this.events.value = [];
    this.requestId.value = undefined;
    this.#startedAt = performance.now();
    shown.value = this;
  }

  add(what: string, byteLength?: number, receivedBytes?: number): void {
    this.events.value = [...this.events.value, { atMs: performance.now() - this.#startedAt, what, receivedBytes, byteLength }];
  }
}

/** The one that "Under the hood" shows: that of the call that was begun, or looked at, last. */
export const shown = signal<EventLog | undefined>(undefined);
