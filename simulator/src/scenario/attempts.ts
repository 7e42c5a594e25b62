/** Counts requests for the scenario word `times`. */

import type { Scenario } from "./grammar.js";

/** How often each deployment was asked for each prompt. */
export class Attempts {
  readonly #counts = new Map<string, number>();

  /** Counts one request and returns the scenario that applies to it: none when `times` is used up. */
  limit(scenario: Scenario, deployment: string, prompt: string): Scenario {
    if (scenario.times === undefined) return scenario;
    const key = JSON.stringify([deployment, prompt]);
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count > scenario.times ? {} : scenario;
  }

  /** Counts from zero again. */
  clear(): void {
    this.#counts.clear();
  }
}
