/** The values that scenario words take, each with the function that reads it from text. */

import { errorSamples, type ErrorSampleName } from "../service/error-samples.js";

/** A place in an answer. */
export type Position =
  | "before-headers"
  | "mid-headers"
  | "after-first-preview"
  | "before-picture"
  | "before-completed"
  | { readonly percent: number }
  | { readonly bytes: number };

/**
 * Reads the value of a scenario word; `undefined` stands for a word without a value.
 *
 * Throws a `TypeError` that says what was expected.
 */
export type ReadValue<Value> = (text: string | undefined) => Value;

/** A word that takes no value. */
export const flag: ReadValue<true> = (text) => {
  if (text !== undefined) throw new TypeError("no value");
  return true;
};

/** A whole number above zero. */
export const positiveInteger: ReadValue<number> = (text) => {
  const number = /^[1-9]\d*$/.test(text ?? "") ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new TypeError("a whole number above 0");
  return number;
};

/** A whole number from 1 to `most`. */
export function integerUpTo(most: number): ReadValue<number> {
  return (text) => {
    const number = /^[1-9]\d*$/.test(text ?? "") ? Number(text) : Number.NaN;
    if (!(number <= most)) throw new TypeError(`a whole number from 1 to ${most}`);
    return number;
  };
}

/** The longest delay of a timer, in milliseconds: 24 days. A timer with a longer delay fires at once. */
export const LONGEST_TIMER_IN_MS = 2 ** 31 - 1;

/** A number of milliseconds, above zero. */
export const milliseconds: ReadValue<number> = (text) => {
  const number = /^[1-9]\d*$/.test(text ?? "") ? Number(text) : Number.NaN;
  if (!(number <= LONGEST_TIMER_IN_MS)) {
    throw new TypeError(`a whole number of milliseconds from 1 to ${LONGEST_TIMER_IN_MS}, the longest delay of a timer`);
  }
  return number;
};

const MAXIMUM_SECONDS = Math.floor(LONGEST_TIMER_IN_MS / 1000);

/** A number of seconds. It may have a fraction, so tests need not wait long. */
export const seconds: ReadValue<number> = (text) => {
  const number = /^\d+(\.\d+)?$/.test(text ?? "") ? Number(text) : Number.NaN;
  if (!(number <= MAXIMUM_SECONDS)) throw new TypeError(`a number of seconds from 0 to ${MAXIMUM_SECONDS}, the longest delay of a timer`);
  return number;
};

const samplesByStatus: Readonly<Record<string, ErrorSampleName>> = {
  400: "400-generic-inputs",
  401: "401-invalid-key",
  403: "403-network",
  404: "404-deployment-not-found",
  408: "408-timeout",
  409: "409-conflict",
  413: "413-too-large",
  429: "429-rate-limit-classic",
  500: "500-internal",
  502: "502-not-json",
  503: "503-busy",
  504: "504-empty",
};

/** A status, read as the error answer that is usual for it. */
export const status: ReadValue<ErrorSampleName> = (text = "") => {
  const name = samplesByStatus[text];
  if (name === undefined) throw new TypeError(`one of ${Object.keys(samplesByStatus).join(", ")}`);
  return name;
};

/** The name of an error answer. */
export const errorSample: ReadValue<ErrorSampleName> = (text = "") => {
  if (!Object.hasOwn(errorSamples, text)) throw new TypeError(`one of ${Object.keys(errorSamples).join(", ")}`);
  return text as ErrorSampleName;
};

/** One of several words; the first of them if none is given. */
export function oneOf<Choice extends string>(choices: readonly [Choice, ...Choice[]]): ReadValue<Choice> {
  return (text = choices[0]) => {
    const choice = choices.find((each) => each === text);
    if (choice === undefined) throw new TypeError(`one of ${choices.join(", ")}`);
    return choice;
  };
}

/** A place in an answer; `otherwise` is the place that is meant when none is given. */
export function position(otherwise: Position): ReadValue<Position> {
  return (text) => {
    switch (text) {
      case undefined:
        return otherwise;
      case "before-headers":
      case "mid-headers":
      case "after-first-preview":
      case "before-picture":
      case "before-completed":
        return text;
    }
    const amount = /^(\d+)(%?)$/.exec(text);
    if (amount === null) {
      throw new TypeError("N% or N (bytes), before-headers, mid-headers, after-first-preview, before-picture or before-completed");
    }
    return amount[2] === "%" ? { percent: Math.min(Number(amount[1]), 100) } : { bytes: Number(amount[1]) };
  };
}
