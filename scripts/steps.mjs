// Progress of the commands: one line for each step, with its duration.

import { AsyncLocalStorage } from "node:async_hooks";

/** A shorter step had nothing to do. It leaves no line, so a repeated command prints only the steps that did work. */
const SHORTEST_SHOWN_IN_MS = 1000;
const TICK_IN_MS = 1000;
const ERASE_LINE = "\r\u001b[2K";

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

/** Creates a progress display that writes to a stream, such as `process.stderr`. */
export function createSteps(stream) {
  const isTerminal = Boolean(stream.isTTY) && process.env.TERM !== "dumb";
  const current = new AsyncLocalStorage();
  const finished = [];
  /** The unfinished line at the bottom of a terminal. */
  let openLine = "";

  function drawOpenLine(line) {
    stream.write(`${ERASE_LINE}${line}`);
    openLine = line;
  }

  /** Prints a line above the line of the running step. */
  function print(line) {
    stream.write(openLine ? `${ERASE_LINE}${line}\n${openLine}` : `${line}\n`);
  }

  /**
   * Runs `work` and prints its title and duration. Returns the result of `work`.
   *
   * In a terminal the title appears at once and the elapsed seconds count up. Elsewhere a step prints its title after one second and
   * its duration at the end. A step that takes less than a second leaves no line.
   *
   * `live`: the work prints its own output. Otherwise the commands that it runs are quiet unless they fail (see `run` in tools.mjs).
   * A step inside a quiet step is part of that step.
   */
  async function step(title, work, { live = false } = {}) {
    const outer = current.getStore();
    if (outer && !outer.live) return work();
    const startedAt = performance.now();
    const elapsed = () => performance.now() - startedAt;
    const opening = `• ${title} …`;
    let timer;
    let hasTitle = live;
    if (live) stream.write(`\n${opening}\n`);
    else if (isTerminal) {
      drawOpenLine(opening);
      timer = setInterval(() => drawOpenLine(`${opening} ${Math.floor(elapsed() / 1000)} s`), TICK_IN_MS);
    } else {
      timer = setTimeout(() => {
        hasTitle = true;
        print(opening);
      }, SHORTEST_SHOWN_IN_MS);
    }

    let outcome = "failed after ";
    try {
      const result = await current.run({ live }, work);
      outcome = "";
      return result;
    } finally {
      clearTimeout(timer);
      if (openLine) drawOpenLine("");
      const duration = elapsed();
      // A timer may fire slightly early.
      if (hasTitle || outcome || duration >= SHORTEST_SHOWN_IN_MS) {
        print(`${opening} ${outcome}${seconds(duration)}`);
        if (!outer) finished.push({ title, duration });
      }
    }
  }

  return {
    step,
    print,
    /** Returns true inside a step that is not `live`, where commands print nothing. */
    isQuiet: () => current.getStore()?.live === false,
    /** Prints a table of all finished steps and the time since the start of the process. */
    printTimes() {
      const rows = [...finished, { title: "in total", duration: performance.now() }];
      const width = Math.max(...rows.map(({ duration }) => seconds(duration).length));
      stream.write("\n");
      for (const { title, duration } of rows) print(`${seconds(duration).padStart(width)}  ${title}`);
    },
  };
}

/** The progress display of this process. Progress goes to stderr, so that stdout keeps only results. */
export const { step, print, isQuiet, printTimes } = createSteps(process.stderr);
