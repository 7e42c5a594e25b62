import type { Page } from "@playwright/test";
import type {} from "./page/bench.js";
import { OURS } from "./names.js";
import { Results } from "./results.js";
import { stream, WORKS, type Work } from "./works.js";

const ROUNDS = 9;
/** Of what takes seconds, or disturbs what it measures. */
const FEW_ROUNDS = 3;
/** Pictures, to see whether anything grows with their number. */
const MANY = 1000;

/** Has all contenders do all works in one page, in turn, so that what disturbs the machine disturbs all of them. */
export async function measure(page: Page): Promise<Results> {
  const contenders = await page.evaluate(() => bench.contenders);
  const results = new Results(contenders.map(({ name }) => name));
  const each = async (rounds: number, works: readonly Work[], once: (name: string, work: Work) => Promise<void>) => {
    for (let round = 0; round < rounds; round += 1) {
      for (const work of works) {
        const able = contenders.filter(({ shapes }) => shapes.includes(work.shape));
        // Another one begins each time, so that none has always the same one before it.
        const first = round % able.length;
        for (const { name } of [...able.slice(first), ...able.slice(0, first)]) await once(name, work);
      }
    }
  };

  // Makes everything warm, too.
  await each(1, WORKS, (name, work) => page.evaluate(([name, work]) => bench.check(name, work), [name, work] as const));
  await each(ROUNDS, WORKS, async (name, work) => {
    results.times.add(work, name, await page.evaluate(([name, work]) => bench.time(name, work), [name, work] as const));
  });
  const large = stream("18", 64);
  await each(ROUNDS, [stream("1.5", 16), large], async (name, work) => {
    for (const feed of ["atOnce", "byTask"] as const) {
      results[feed].add(work, name, await page.evaluate(([name, work, feed]) => bench.responsiveness(name, work, feed), [name, work, feed] as const));
    }
  });
  await each(FEW_ROUNDS, [large], async (name, work) => {
    results.heaps.add(work, name, await page.evaluate(([name, work]) => bench.heap(name, work), [name, work] as const));
  });
  await each(FEW_ROUNDS, [large], async (name, work) => {
    results.frames.add(work, name, await page.evaluate(([name, work]) => bench.frames(name, work), [name, work] as const));
  });
  results.soak = await page.evaluate(([name, work, pictures]) => bench.soak(name, work, pictures), [OURS, stream("1.5", 64), MANY] as const);
  return results;
}
