// The results as Markdown.

import { PRELOADED, type ColdStarts } from "./cold.js";
import { BY_HAND, DRAIN, OPENAI, OURS } from "./names.js";
import { median, type Results } from "./results.js";
import type { Starts } from "./starts.js";
import { stream, WORKS, type Work } from "./works.js";

const NOTHING = "–";

/** Until all Blobs exist: one row for each work. */
export function timeTable(results: Results): string {
  const { contenders, times } = results;
  const exist = (work: Work, contender: string) => times.of(work, contender).map(({ existInMs }) => existInMs);
  const cell = (work: Work, contender: string) => {
    const sample = exist(work, contender);
    return sample.length === 0 ? NOTHING : `${number(median(sample))} (${number(Math.min(...sample))})`;
  };
  const ratioTo = (work: Work, other: string) => ratio(median(exist(work, OURS)), median(exist(work, other)));
  const head = ["pictures", ...contenders, `${OURS} ÷ ${BY_HAND}`, `÷ ${OPENAI}`];
  const rows = WORKS.map((work) => [
    work.name,
    ...contenders.map((contender) => cell(work, contender)),
    ratioTo(work, BY_HAND),
    ratioTo(work, OPENAI),
  ]);
  return table([head, ...rows]);
}

/** What the page feels of it: one row for each contender. */
export function pageTable({ contenders, times, atOnce, byTask, heaps, frames }: Results): string {
  const [small, large] = [stream("1.5", 16), stream("18", 64)];
  const head = [
    "contender",
    "longest slice, all chunks there, 1.5 MB",
    "… 18 MB",
    "longest slice, a task for each chunk, 1.5 MB",
    "… 18 MB",
    "long tasks, 18 MB",
    "dropped frames",
    "longest time without a frame",
    "heap grows by up to",
    "Blobs exist → readable",
  ];
  const rows = contenders
    .filter((contender) => contender !== DRAIN && times.of(large, contender).length > 0)
    .map((contender) => {
      const drawn = frames.of(large, contender);
      const late = times.of(large, contender).map(({ existInMs, readableInMs }) => readableInMs - existInMs);
      return [
        contender,
        ...[atOnce, byTask].flatMap((feed) =>
          [small, large].map((work) => ms(feed.of(work, contender).map(({ longestSliceInMs }) => longestSliceInMs))),
        ),
        String(median(byTask.of(large, contender).map(({ longTasks }) => longTasks)) ?? NOTHING),
        `${median(drawn.map(({ dropped }) => dropped)) ?? NOTHING} of ${median(drawn.map(({ total }) => total)) ?? NOTHING}`,
        ms(drawn.map(({ longestInMs }) => longestInMs)),
        megabytes(heaps.of(large, contender).map(({ peakBytes }) => peakBytes)),
        ms(late),
      ];
    });
  return table([head, ...rows]);
}

/** From the navigation to a page without a cache until its first POST: one row for each network. */
export function coldTable(starts: ColdStarts): string {
  const names = [OURS, PRELOADED, OPENAI];
  const rows = [...starts].map(([{ name }, times]) => {
    const theirs = times[OPENAI];
    const ratios = [OURS, PRELOADED].map((contender) => ratio(times[contender], theirs));
    return [name, ...names.map((contender) => (times[contender] === undefined ? NOTHING : `${number(times[contender])} ms`)), ...ratios];
  });
  return table([["cold page to its first POST", OURS, "… preloaded", "openai", `${OURS} ÷ openai`, "… preloaded"], ...rows]);
}

/** The rest, in sentences. */
export function notes({ soak }: Results, { cold, newTab, sameTab }: Starts): string {
  const memory = soak
    ? `WebAssembly memory after all of this: ${mebibytes(soak.wasmBytes.before)}, and after ${soak.pictures.toLocaleString("en")} more pictures: ` +
      `${mebibytes(soak.wasmBytes.after)}, with ${megabytes([Math.max(0, soak.keptBytes)])} more in the heap. `
    : "";
  return (
    `${memory}From \`init()\` to the first request: ${ms(sameTab)} on a page whose files are in the browser's cache, ` +
    `${ms(newTab)} while the tab opens, too, ${ms([cold])} on the first page of the browser.`
  );
}

function ratio(ours: number | undefined, theirs: number | undefined): string {
  return ours && theirs ? (ours / theirs).toFixed(2) : NOTHING;
}

/** As precise as it is worth. */
function number(value: number | undefined): string {
  return value === undefined ? NOTHING : value.toFixed(value < 10 ? 1 : 0);
}

function ms(sample: readonly number[]): string {
  return sample.length === 0 ? NOTHING : `${number(median(sample))} ms`;
}

function megabytes(sample: readonly number[]): string {
  return sample.length === 0 ? NOTHING : `${number((median(sample) ?? 0) / 1e6)} MB`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
}

function table([head = [], ...body]: string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map((_, column) => (column ? "---:|" : "---|")).join("")}`, ...body.map(line)].join("\n");
}
