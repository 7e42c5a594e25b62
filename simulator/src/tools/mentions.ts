/** Recognizes tools that a prompt mentions. A real model understands language; the simulator compares words. */

import { imageWords } from "./image-words.js";

const SHORTEST_IN_DESCRIPTIONS = 5;

/** The singular of a plural, as far as spelling tells. */
const stem = (word: string) => (word.length <= 3 ? word : word.replace(/ies$/, "y").replace(/(?<!s)s$/, ""));

/** Words of names that say nothing about the subject of a tool. */
const GENERIC_IN_NAMES = new Set(
  [
    "a an and api as at by call create current data do fetch find for from func function get given in info information is it list load look lookup",
    "make me my new now of on or out perform process query read retrieve run search send set store the tool to up update use user value with write",
    ...imageWords,
  ].flatMap((words) => words.split(" ").map(stem)),
);

/** Further words that occur in descriptions of any subject. */
const GENERIC_IN_DESCRIPTIONS = new Set(
  [
    "about above according after again against allow already always amount another answer argument around available based because before below",
    "between called calling certain change check could default depending description different during either every example exact field first found",
    "generate giving given group happen inside input international into invoke known large later least letter limit local looking matching message",
    "might model multiple named needed never number object obtain option optional other output parameter particular perform place possible present",
    "provide provided question reading receive relevant report request require required response result return returned right sample several should",
    "simple single small something special specific specified start string supplied system take their there these thing think this those through",
    "today turn type under until using usually value various where whether which while whole within without would write your",
    "color colour light beautiful detail scene style please",
  ].flatMap((words) => words.split(" ").map(stem)),
);

function wordsOf(text: string): string[] {
  const words = text.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return words.filter((word) => word !== "").map(stem);
}

/** The words of a name in snake, kebab or camel case. */
const wordsOfName = (name: string) => wordsOf(name.replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2"));

/** Returns true if a prompt contains a specific word of a name, or all words of a name without one. */
export function mentionsName(prompt: string, name: string): boolean {
  const said = new Set(wordsOf(prompt));
  const words = wordsOfName(name);
  const specific = words.filter((word) => !GENERIC_IN_NAMES.has(word));
  if (specific.length > 0) return specific.some((word) => said.has(word));
  return words.length > 0 && words.every((word) => said.has(word));
}

/** Returns true if a prompt contains a specific word of a description. */
export function mentionsDescription(prompt: string, description: string): boolean {
  const said = new Set(wordsOf(prompt));
  return wordsOf(description).some(
    (word) => word.length >= SHORTEST_IN_DESCRIPTIONS && said.has(word) && !GENERIC_IN_NAMES.has(word) && !GENERIC_IN_DESCRIPTIONS.has(word),
  );
}
