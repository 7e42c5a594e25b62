import { signal } from "@preact/signals";
import { type DBSchema, openDB } from "idb";
import type { GenerateResult } from "azure-image-client";
import type { PictureCall } from "../call/picture-call.js";

/** A finished picture, as this browser keeps it. */
export interface Entry {
  readonly id: number;
  readonly madeAt: Date;
  readonly blob: Blob;
  readonly prompt: string;
  /** What was asked for. */
  readonly asked: PictureCall["request"];
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

/** Keeps the picture of a call. */
export async function keep(call: PictureCall): Promise<void> {
  const image = call.picture.value;
  const result = call.result.value;
  if (!image || !result) return;
  const { size, quality, background, outputFormat, usage } = result;
  await (await database).add("pictures", {
    madeAt: new Date(),
    blob: image.blob,
    prompt: call.request.prompt,
    asked: call.request,
    effective: { ...(size && { size }), ...(quality && { quality }), ...(background && { background }), ...(outputFormat && { outputFormat }) },
    width: image.width,
    height: image.height,
    revisedPrompt: image.revisedPrompt,
    totalTokens: usage?.totalTokens,
    cost: usage?.cost,
  });
  await readHistory();
}

export async function forget({ id }: Entry): Promise<void> {
  await (await database).delete("pictures", id);
  await readHistory();
}

export async function forgetAll(): Promise<void> {
  await (await database).clear("pictures");
  await readHistory();
}
