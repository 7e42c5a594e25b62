// Answers of the service, as they came.

import { readFile } from "node:fs/promises";

export const sample = (path: string): Promise<string> => readFile(new URL(`../samples/${path}`, import.meta.url), "utf8");

/** The answer to a request for one picture. */
export const PICTURES = await sample("images/generations.response.minimal.json");
/** The answer to a request for one picture by events: two partialImages, then the picture. */
export const STREAM = await sample("images/generations.stream.sse");
export const EVENTS = STREAM.split(/(?<=\n\n)/).filter((event) => event.trim() !== "");
