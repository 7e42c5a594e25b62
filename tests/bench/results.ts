// What was measured, by the names of works and contenders.

import type { Frames } from "./page/measures/frames.js";
import type { Heap } from "./page/measures/heap.js";
import type { Responsiveness } from "./page/measures/responsiveness.js";
import type { Soak } from "./page/measures/soak.js";
import type { Time } from "./page/measures/time.js";
import type { Work } from "./works.js";

export class Results {
  /** In the order in which they are shown. */
  readonly contenders: readonly string[];
  readonly times = new Samples<Time>();
  readonly atOnce = new Samples<Responsiveness>();
  readonly byTask = new Samples<Responsiveness>();
  readonly heaps = new Samples<Heap>();
  readonly frames = new Samples<Frames>();
  /** After everything else. */
  soak: Soak | undefined;

  constructor(contenders: readonly string[]) {
    this.contenders = contenders;
  }
}

class Samples<Sample> {
  readonly #samples = new Map<string, Sample[]>();

  add(work: Work, contender: string, sample: Sample): void {
    const key = `${work.name} ${contender}`;
    this.#samples.set(key, [...(this.#samples.get(key) ?? []), sample]);
  }

  /** Nothing where the contender cannot do the work. */
  of(work: Work, contender: string): Sample[] {
    return this.#samples.get(`${work.name} ${contender}`) ?? [];
  }
}

/** The one in the middle; `undefined` of none. */
export function median(numbers: readonly number[]): number | undefined {
  const sorted = numbers.toSorted((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
