import type { Contender, Job } from "../contender.js";
import { collectGarbage } from "../garbage.js";

export interface Responsiveness {
  /** For how long at most nothing else could run, in milliseconds. */
  longestSliceInMs: number;
  /** Tasks of more than 50 ms, as the browser counts them. */
  longTasks: number;
}

/** The browser tells of a long task only after it. */
const REPORT_MS = 100;

export async function responsiveness(contender: Contender, job: Job): Promise<Responsiveness> {
  collectGarbage();
  let longTasks = 0;
  const observer = new PerformanceObserver((list) => {
    longTasks += list.getEntries().length;
  });
  // What came before does not count, such as the collection of garbage.
  await pause(REPORT_MS);
  observer.observe({ type: "longtask" });
  const stop = tick();
  await contender.run(job);
  const longestSliceInMs = stop();
  await pause(REPORT_MS);
  observer.disconnect();
  return { longestSliceInMs, longTasks };
}

/** Asks for its turn again and again. What it gives tells the longest time that it had to wait. */
function tick(): () => number {
  const { port1, port2 } = new MessageChannel();
  let last = performance.now();
  let longest = 0;
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  port1.onmessage = () => {
    look();
    port2.postMessage(undefined);
  };
  port2.postMessage(undefined);
  return () => {
    look();
    port1.close();
    return longest;
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
