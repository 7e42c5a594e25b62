/** The limits of `metadata`. */

import { AzureError } from "./azure-error.js";
import { invalidType, tooLong } from "./validation.js";

const MOST_PAIRS = 16;
const LONGEST_KEY = 64;
const LONGEST_VALUE = 512;

/** Checks metadata, and returns it; none is empty. */
export function checkMetadata(metadata: unknown): Readonly<Record<string, string>> {
  if (metadata === undefined || metadata === null) return {};
  if (typeof metadata !== "object" || Array.isArray(metadata)) throw invalidType("metadata", "an object", typeof metadata);
  const pairs = Object.entries(metadata);
  if (pairs.length > MOST_PAIRS) {
    throw AzureError.invalidRequest(
      "object_above_max_properties",
      `Invalid 'metadata': too many properties. Expected an object with at most ${MOST_PAIRS} properties, but got an object with ${pairs.length} properties instead.`,
      "metadata",
    );
  }
  for (const [key, value] of pairs) {
    if (key.length > LONGEST_KEY) throw tooLong("metadata", key, LONGEST_KEY);
    if (typeof value !== "string") throw invalidType(`metadata.${key}`, "a string", typeof value);
    if (value.length > LONGEST_VALUE) throw tooLong(`metadata.${key}`, value, LONGEST_VALUE);
  }
  return metadata as Record<string, string>;
}
