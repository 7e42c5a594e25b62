// The results as a picture: megabytes of pictures in a second, so that small and large ones share a scale.

import { BY_HAND, COPY, OPENAI, OURS } from "./names.js";
import { median, type Results } from "./results.js";
import { ANSWER, RESPONSE, stream, type Work } from "./works.js";

const WORKS: readonly Work[] = [stream("0.2", 16), stream("1.5", 16), stream("6", 16), stream("18", 64), ANSWER, RESPONSE];
const SHOWN = [OURS, BY_HAND, OPENAI, COPY];

const WIDTH = 860;
const LEFT = 16;
const BARS = 300;
const BAR = 16;
const GAP = 14;
const TOP = 66;
/** Room for the figure behind the longest bar. */
const FIGURE = 90;

/** It has a background of its own, so that it can be read on any. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .small { font-size: 12px }
  .background { fill: #ffffff; stroke: #d0d7de }
  .bar0 { fill: #0a69da }
  .bar1 { fill: #8c6bb8 }
  .bar2 { fill: #c2703d }
  .bar3 { fill: #8b949e }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .background { fill: #0d1117; stroke: #30363d }
    .bar0 { fill: #4493f8 }
  }`;

export function chart({ times }: Results): string {
  const speed = (work: Work, contender: string) => {
    const milliseconds = median(times.of(work, contender).map(({ existInMs }) => existInMs));
    return milliseconds ? (work.pictures * work.pictureBytes) / 1e6 / (milliseconds / 1000) : 0;
  };
  const fastest = Math.max(...WORKS.flatMap((work) => SHOWN.map((contender) => speed(work, contender))));
  const groupHeight = SHOWN.length * BAR + GAP;
  const height = TOP + WORKS.length * groupHeight + 4;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title">`,
    `<title id="title">Megabytes of pictures made into Blobs in a second</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="background" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>`,
    `<text class="title" x="${LEFT}" y="26">Megabytes of pictures made into Blobs in a second (longer is better)</text>`,
    ...SHOWN.flatMap((contender, index) => {
      const x = LEFT + index * 190;
      return [
        `<rect class="bar${index}" x="${x}" y="39" width="11" height="11" rx="2"/>`,
        `<text class="small" x="${x + 17}" y="49">${contender}</text>`,
      ];
    }),
    ...WORKS.flatMap((work, group) => {
      const top = TOP + group * groupHeight;
      const bars = SHOWN.flatMap((contender, index) => {
        const value = speed(work, contender);
        const length = (value / fastest) * (WIDTH - BARS - FIGURE);
        const y = top + index * BAR;
        return [
          `<rect class="bar${index}" x="${BARS}" y="${y + 1}" width="${length.toFixed(1)}" height="${BAR - 2}" rx="2"/>`,
          `<text class="small" x="${(BARS + length + 6).toFixed(1)}" y="${y + 12}">${value.toFixed(0)} MB/s</text>`,
        ];
      });
      const [what, chunks] = work.name.split(", ");
      const middle = top + (SHOWN.length * BAR) / 2;
      return [`<text x="${LEFT}" y="${middle - 2}">${what}</text>`, `<text class="small" x="${LEFT}" y="${middle + 14}">${chunks}</text>`, ...bars];
    }),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}
