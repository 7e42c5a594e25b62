// What the script outside of the page may ask for, one measurement at a time.

import type { Shape, Work } from "../works.js";
import { bodyOf } from "./bodies.js";
import { check } from "./check.js";
import type { Contender, Job } from "./contender.js";
import { CONTENDERS } from "./contenders.js";
import { atOnce, byTask, paced, streamOf, type Feed } from "./feeds.js";
import { frames, type Frames } from "./measures/frames.js";
import { heap, type Heap } from "./measures/heap.js";
import { responsiveness, type Responsiveness } from "./measures/responsiveness.js";
import { soak, type Soak } from "./measures/soak.js";
import { time, type Time } from "./measures/time.js";

const LINE_BITS_PER_SECOND = 100_000_000;

export interface Bench {
  contenders: { name: string; shapes: readonly Shape[] }[];
  check(name: string, work: Work): Promise<void>;
  time(name: string, work: Work): Promise<Time>;
  responsiveness(name: string, work: Work, feed: "atOnce" | "byTask"): Promise<Responsiveness>;
  heap(name: string, work: Work): Promise<Heap>;
  /** Over a line of 100 Mbit/s. */
  frames(name: string, work: Work): Promise<Frames>;
  /** So many pictures, one call after the other. */
  soak(name: string, work: Work, pictures: number): Promise<Soak>;
}

declare global {
  var bench: Bench;
  interface Performance {
    /** Chromium only; exact with `--enable-precise-memory-info`. */
    memory: { usedJSHeapSize: number };
  }
}

globalThis.bench = {
  contenders: CONTENDERS.map(({ name, shapes }) => ({ name, shapes })),
  check: (name, work) => check(named(name), job(work, atOnce)),
  time: (name, work) => time(named(name), job(work, atOnce)),
  responsiveness: (name, work, feed) => responsiveness(named(name), job(work, { atOnce, byTask }[feed])),
  heap: (name, work) => {
    const watched = (onChunk: () => void) =>
      job(work, (end) => {
        onChunk();
        return byTask(end);
      });
    return heap(named(name), watched);
  },
  frames: (name, work) => frames(named(name), () => job(work, paced(LINE_BITS_PER_SECOND))),
  soak: (name, work, pictures) => soak(named(name), () => job(work, atOnce), pictures),
};

function named(name: string): Contender {
  const contender = CONTENDERS.find((contender) => contender.name === name);
  if (!contender) throw new Error(`Nobody is called ${name}.`);
  return contender;
}

function job(work: Work, feed: Feed): Job {
  const { shape, pictures, chunkBytes } = work;
  const body = bodyOf(work);
  const headers = { "content-type": body.mediaType };
  return { shape, pictures, body, answer: () => new Response(streamOf(body.bytes, chunkBytes, feed), { headers }) };
}
