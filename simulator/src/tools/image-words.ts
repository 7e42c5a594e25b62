/** The words that ask for an image. */

/** Verbs that ask for an image by themselves. */
const VERBS = "draw paint sketch render illustrate edit crop recolor recolour";

/** Verbs that ask for an image unless the prompt suggests another tool. */
const WEAK_VERBS = "design generate create make show give add change remove replace turn put move";

const NOUNS = "picture image photo painting drawing illustration logo icon poster";

/** Every word, as other tools have to ignore them. */
export const imageWords: readonly string[] = [VERBS, WEAK_VERBS, NOUNS];

const pattern = (words: string, plural = "") => new RegExp(`\\b(${words.replaceAll(" ", "|")})${plural}\\b`, "i");
const STRONG = [pattern(VERBS), pattern(NOUNS, "s?")];
const WEAK = pattern(WEAK_VERBS);

/** Returns true if a prompt asks for an image. `alone` is true if it suggests no other tool. */
export function asksForImage(prompt: string, { alone }: { readonly alone: boolean }): boolean {
  return STRONG.some((words) => words.test(prompt)) || (alone && WEAK.test(prompt));
}
