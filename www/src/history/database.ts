import { signal } from "@preact/signals";
import { type DBSchema, openDB } from "idb";
import type { GeneratedImage, GenerateResult, Usage } from "azure-image-client";

/** How a picture came about. */
export interface Origin {
  readonly prompt: string;
  /** What was asked for, besides. */
  readonly asked: object;
  /** What it was made with, where the service said so. */
  readonly effective: Pick<GenerateResult, "size" | "quality" | "background" | "outputFormat">;
  readonly usage?: Usage | undefined;
}

/** A finished picture, as this browser keeps it. */
export interface Entry {
  readonly id: number;
  readonly madeAt: Date;
  readonly blob: Blob;
  readonly prompt: string;
  /** What was asked for. */
  readonly asked: object;
  /** What it was made with, where the service said so. */
  readonly effective: Pick<GenerateResult, "size" | "quality" | "background" | "outputFormat">;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly revisedPrompt?: string | undefined;
  readonly totalTokens?: number | undefined;
  /** In US dollars. */
  readonly cost?: number | undefined;
}

interface Schema extends DBSchema {
  pictures: { key: number; value: Omit<Entry, "id"> & { id?: number } };
}

/** Every picture that is kept, the newest first. */
export const history = signal<readonly Entry[]>([]);
/** What the pictures take, and what the browser would give, in bytes. */
export const storage = signal<{ used: number; quota?: number | undefined }>({ used: 0 });

const database = openDB<Schema>("azure-image-client", 1, {
  upgrade: (database) => void database.createObjectStore("pictures", { keyPath: "id", autoIncrement: true }),
});

/** Reads what is kept. A browser that keeps nothing, such as in some private windows, has an empty history. */
export async function readHistory(): Promise<void> {
  const entries = (await (await database).getAll("pictures").catch(() => [])) as Entry[];
  history.value = entries.toReversed();
  const { quota } = (await navigator.storage?.estimate()) ?? {};
  storage.value = { used: entries.reduce((sum, { blob }) => sum + blob.size, 0), quota };
}

/** Keeps a picture. */
export async function keep({ blob, width, height, revisedPrompt }: GeneratedImage, { prompt, asked, effective, usage }: Origin): Promise<void> {
  const entry = { blob, width, height, revisedPrompt, prompt, asked, effective };
  await (await database).add("pictures", { ...entry, madeAt: new Date(), totalTokens: usage?.totalTokens, cost: usage?.cost });
  await readHistory();
}

/** Those of an answer that say what its pictures were made with. */
export function effectiveOf({ size, quality, background, outputFormat }: Origin["effective"]): Origin["effective"] {
  return { ...(size && { size }), ...(quality && { quality }), ...(background && { background }), ...(outputFormat && { outputFormat }) };
}

export async function forget({ id }: Entry): Promise<void> {
  await (await database).delete("pictures", id);
  await readHistory();
}

export async function forgetAll(): Promise<void> {
  await (await database).clear("pictures");
  await readHistory();
}
