import { signal } from "@preact/signals";
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
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
export interface Entry extends Omit<Origin, "usage"> {
  readonly id: number;
  readonly madeAt: Date;
  readonly blob: Blob;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly revisedPrompt?: string | undefined;
  readonly totalTokens?: number | undefined;
  /** In US dollars. */
  readonly cost?: number | undefined;
}

type Added = Omit<Entry, "id">;
/** WebKit's private windows take bytes, but no Blobs. */
type Stored = (Added | (Omit<Added, "blob"> & { readonly bytes: ArrayBuffer; readonly mediaType: string })) & { id?: number };

interface Schema extends DBSchema {
  pictures: { key: number; value: Stored };
}

/** Every picture that is kept, the newest first. */
export const history = signal<readonly Entry[]>([]);
/** What the pictures take, and what the browser would give, in bytes. */
export const storage = signal<{ used: number; quota?: number | undefined }>({ used: 0 });

/** Why something could not be kept, in words; empty where all could. */
export const trouble = signal("");

let opened: Promise<IDBPDatabase<Schema>> | undefined;

function open(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>("azure-image-client", 1, {
    upgrade: (database) => void database.createObjectStore("pictures", { keyPath: "id", autoIncrement: true }),
  });
  return opened;
}

/** Does something with what is kept, and reads it anew. A browser that keeps nothing, or has no room, says so. */
async function change(work?: (database: IDBPDatabase<Schema>) => Promise<unknown>): Promise<void> {
  try {
    const database = await open();
    await work?.(database);
    const stored = (await database.getAll("pictures")) as (Stored & { id: number })[];
    const entries = stored.map((entry) => ("blob" in entry ? entry : { ...entry, blob: new Blob([entry.bytes], { type: entry.mediaType }) }));
    history.value = entries.toReversed();
    const { quota } = (await navigator.storage?.estimate()) ?? {};
    storage.value = { used: entries.reduce((sum, { blob }) => sum + blob.size, 0), quota };
    trouble.value = "";
  } catch (error) {
    trouble.value = `This browser did not keep it: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Reads what is kept. */
export const readHistory = () => change();

/** Keeps a picture. */
export function keep({ blob, width, height, revisedPrompt }: GeneratedImage, { usage, ...origin }: Origin): Promise<void> {
  const entry = {
    ...origin,
    blob,
    width,
    height,
    revisedPrompt,
    madeAt: new Date(),
    totalTokens: usage?.totalTokens || undefined,
    cost: usage?.cost,
  };
  return change((database) => add(database, entry));
}

async function add(database: IDBPDatabase<Schema>, { blob, ...rest }: Added): Promise<void> {
  try {
    await database.add("pictures", { ...rest, blob });
  } catch {
    await database.add("pictures", { ...rest, bytes: await blob.arrayBuffer(), mediaType: blob.type });
  }
}

/** Those of an answer that say what its pictures were made with. */
export function effectiveOf({ size, quality, background, outputFormat }: Origin["effective"]): Origin["effective"] {
  return { ...(size && { size }), ...(quality && { quality }), ...(background && { background }), ...(outputFormat && { outputFormat }) };
}

export const forget = ({ id }: Entry) => change((database) => database.delete("pictures", id));

export const forgetAll = () => change((database) => database.clear("pictures"));
