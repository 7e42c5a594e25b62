import { invalidRequest } from "../core/error.js";
import { refuseUnknown, responseOptionNames } from "../core/members.js";
import { member } from "../core/own.js";
import { read } from "../core/snapshot.js";
import { resumeNames } from "./members.js";

/** Prepares the engine's record of a call that follows a background response. */
export function prepareFollow(id: unknown, options: unknown) {
  refuseUnknown(options, resumeNames);
  const checked = checkId(id);
  return { id: checked, startingAfter: checkNumber(read("startingAfter", () => member(options, "startingAfter"))) };
}

/** Prepares the engine's record of a call that fetches or cancels a response. */
export function prepareRetrieval(id: unknown, options: unknown, cancels: boolean) {
  refuseUnknown(options, responseOptionNames);
  return { id: checkId(id), cancels };
}

/** Checks the id of a response. */
export function checkId(id: unknown): string {
  if (typeof id === "string" && id.trim()) return id.trim();
  throw invalidRequest("id", "id must be that of a response, as the service gave it: result.id, or job.id.");
}

function checkNumber(number: unknown): number | undefined {
  if (number === undefined || number === null) return undefined;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
  throw invalidRequest("startingAfter", "startingAfter must be the sequenceNumber of an event, a whole number from 0 on.");
}
