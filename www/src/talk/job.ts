import { signal } from "@preact/signals";
import type { AzureImageError } from "azure-image-client";
import { read, write } from "../storage.js";
import type { Settings } from "./ask.js";

/** A response in the background that a reload must not lose. */
export interface Job {
  readonly said: string;
  /** The ID of the response. Undefined until the service has answered: if the page is closed before, nobody can tell whether it runs. */
  readonly id?: string | undefined;
  /** Where it is made. */
  readonly endpoint: string;
  /** The settings for its continuation after an approval. */
  readonly settings: Settings;
}

const STORED = "job";

/** The one that is not known to be over. */
export const job = signal<Job | undefined>(readJob());

export function rememberJob(begun: Job): void {
  job.value = begun;
  write(STORED, begun);
}

/** Forgets a job that has ended, or that has no ID. After a refused credential or a lost connection it can be followed again. */
export function forgetJob(id: string | undefined, error?: AzureImageError): void {
  const isOver = id === undefined || !error || ENDS.has(error.code) || ["failed", "incomplete", "cancelled"].includes(error.response?.status ?? "");
  if (job.value?.id !== id || !isOver) return;
  job.value = undefined;
  write(STORED, null);
}

const ENDS = new Set<string>(["content_filter", "no_image", "cancelled", "not_found"]);

function readJob(): Job | undefined {
  const stored = read(STORED) as Partial<Job> | null;
  const isWhole = [stored?.said, stored?.id ?? "", stored?.endpoint].every((member) => typeof member === "string");
  const hasSettings = typeof stored?.settings === "object" && stored.settings !== null;
  return isWhole && hasSettings ? (stored as Job) : undefined;
}
