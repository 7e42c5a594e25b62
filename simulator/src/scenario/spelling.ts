/** Suggests the right word for a misspelled one. */

/** Names that people use for a scenario with another name. */
const SYNONYMS: Readonly<Record<string, string>> = {
  timeout: "stall",
  disconnect: "reset",
  "network-error": "reset",
  "rate-limit": "status=429",
  "server-error": "status=500",
  unauthorized: "status=401",
};

/** English words that differ by one letter from a scenario word without hyphens, such as "stall". They belong to a prompt. */
const ENGLISH = new Set(
  [
    "beset calf commends comment decay decor decoys decry disconnects escape escapee escapes ewer fever hewer minima newer nose",
    "noised noises noisy noose nowise poise preset redirects refusals resent resets rest scuffled sewer shall shuffle shuffles small",
    "snuffled stale stalk stalls still tall truncated truncates",
  ].flatMap((line) => line.split(" ")),
);

/** Shorter words are too near to others. */
const SHORTEST = 4;

/** Longer text is no misspelled word. */
const LONGEST = 40;

/** The number of letters that are missing, added, wrong or swapped with their neighbor; more than `most` is not counted exactly. */
function distance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const differs = one[row - 1] !== other[column - 1];
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (differs ? 1 : 0),
        swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[other.length] ?? 0;
}

/** Returns the nearest word within `mostOf(word)` letters. */
function nearestWithin(text: string, words: readonly string[], mostOf: (word: string) => number): string | undefined {
  if (text.length > LONGEST) return undefined;
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const word of [...words, ...Object.keys(SYNONYMS)]) {
    const most = mostOf(word);
    const letters = distance(text, word, most);
    if (letters <= most && letters < least) [nearest, least] = [word, letters];
  }
  return nearest === undefined ? undefined : (SYNONYMS[nearest] ?? nearest);
}

/** Suggests a scenario for an unknown word. */
export function suggestion(text: string, words: readonly string[]): string | undefined {
  return nearestWithin(text, words, (word) => Math.max(2, Math.floor(word.length / 3)));
}

/** Returns the scenario if a string without a value is more likely its misspelled name than a part of a prompt. */
export function slipOf(text: string, words: readonly string[]): string | undefined {
  if (text.length < SHORTEST || ENGLISH.has(text)) return undefined;
  // No English word comes near to one with hyphens.
  return nearestWithin(text, words, (word) => (word.includes("-") ? 2 : word.length < SHORTEST ? 0 : 1));
}
