/** Numbers for the arguments of a call. */

import type { JsonObject } from "../scenario/alterations.js";

/** The tolerance of multiples, as fractions such as 0.1 are not exact. */
const TOLERANCE = 1e-9;

const numberOr = (value: unknown, otherwise: number) => (typeof value === "number" ? value : otherwise);

/** Returns a number within the limits of a schema: one of the prompt if it fits, or else 1 or the nearest number. */
export function fitNumber(
  rule: JsonObject,
  { integer, index, prompt }: { readonly integer: boolean; readonly index: number; readonly prompt: string },
): number {
  const multiple = numberOr(rule["multipleOf"], integer ? 1 : 0);
  const [minimum, maximum] = [numberOr(rule["minimum"], Number.NEGATIVE_INFINITY), numberOr(rule["maximum"], Number.POSITIVE_INFINITY)];
  const above = numberOr(rule["exclusiveMinimum"], Number.NEGATIVE_INFINITY);
  const below = numberOr(rule["exclusiveMaximum"], Number.POSITIVE_INFINITY);
  const fits = (value: number) =>
    value >= minimum &&
    value <= maximum &&
    value > above &&
    value < below &&
    (multiple === 0 || Math.abs(value / multiple - Math.round(value / multiple)) < TOLERANCE) &&
    (!integer || Number.isInteger(value));
  const step = multiple || 1;
  const [low, high] = [Math.max(minimum, above), Math.min(maximum, below)];
  // Digits of a date or of a name are not meant.
  const mentioned = (prompt.match(/(?<![\w.-])-?\d+(?:\.\d+)?(?![\w-])/g) ?? []).map(Number);
  const candidates = [1, low, low + step, (low + high) / 2, high, high - step].filter(Number.isFinite);
  const snapped = multiple === 0 ? candidates : candidates.flatMap((value) => [value, Math.ceil(value / multiple) * multiple]);
  const first = [...mentioned, ...snapped].find(fits) ?? 1;
  return fits(first + index * step) ? first + index * step : first;
}
