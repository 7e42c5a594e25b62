/** The words that ask for an image. */

/** Verbs that ask for an image by themselves. */
const VERBS = "draw paint sketch render illustrate edit crop recolor recolour";

/** Verbs that ask for an image unless another tool takes part. */
const WEAK_VERBS = "design generate create make show give add change remove replace turn put move";

const NOUNS = "picture image photo painting drawing illustration logo icon poster";

/** Every word, as other tools have to ignore them. */
export const imageWords: readonly string[] = [VERBS, WEAK_VERBS, NOUNS];

const pattern = (words: string, plural = "") => new RegExp(`\\b(${words.replaceAll(" ", "|")})${plural}\\b`, "i");
const STRONG = [pattern(VERBS), pattern(NOUNS, "s?")];
const WEAK = pattern(WEAK_VERBS);

/** Whether a text asks for an image. `alone` says that no other tool takes part in the turn. */
export function asksForImage(text: string, { alone }: { readonly alone: boolean }): boolean {
  return STRONG.some((words) => words.test(text)) || (alone && WEAK.test(text));
}
