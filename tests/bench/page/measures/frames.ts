import type { Contender, Job } from "../contender.js";
import { collectGarbage } from "../garbage.js";

export interface Frames {
  /** Frames that were not drawn in time. */
  dropped: number;
  total: number;
  /** The longest time without a frame, in milliseconds. */
  longestInMs: number;
}

const FRAME_MS = 1000 / 60;

/** Counts the frames of an animation that are missing while a contender works. */
export async function frames(contender: Contender, job: () => Job): Promise<Frames> {
  collectGarbage();
  const stop = await animate();
  const blobs = await contender.run(job());
  const times = stop();
  await Promise.all(blobs.map((blob) => blob.slice(-1).arrayBuffer()));
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const missing = gaps.map((gap) => Math.max(0, Math.round(gap / FRAME_MS) - 1));
  const dropped = missing.reduce((sum, count) => sum + count, 0);
  return { dropped, total: gaps.length + dropped, longestInMs: Math.max(...gaps) };
}

/** Turns a square, and resolves when it turns. What it gives ends that, and tells when each frame was drawn. */
async function animate(): Promise<() => number[]> {
  const canvas = document.body.appendChild(Object.assign(document.createElement("canvas"), { width: 300, height: 300 }));
  const context = canvas.getContext("2d");
  const times: number[] = [];
  let request = 0;
  await new Promise<void>((resolve) => {
    const draw = () => {
      const now = performance.now();
      times.push(now);
      if (times.length > 5) resolve();
      context?.reset();
      context?.translate(150, 150);
      context?.rotate(now / 500);
      context?.fillRect(-75, -75, 150, 150);
      request = requestAnimationFrame(draw);
    };
    request = requestAnimationFrame(draw);
  });
  times.length = 0;
  times.push(performance.now());
  return () => {
    cancelAnimationFrame(request);
    canvas.remove();
    times.push(performance.now());
    return times;
  };
}
