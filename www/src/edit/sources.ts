import { signal } from "@preact/signals";

/** Most pictures that one edit takes. */
export const MOST_INPUTS = 16;

/** A picture to work from. */
export interface InputPicture {
  readonly name: string;
  readonly blob: Blob;
  /** Freed when the picture is taken away. */
  readonly url: string;
}

export const inputs = signal<readonly InputPicture[]>([]);
/** What is changed of the first of them; nothing: all of it may be. */
export const mask = signal<Blob | undefined>(undefined);

/** Adds what is a picture, as far as there is room. */
export function addInputs(files: Iterable<File>): void {
  const added = [...files].filter(({ type }) => type.startsWith("image/")).map((blob) => ({ name: blob.name, blob, url: URL.createObjectURL(blob) }));
  const all = [...inputs.value, ...added];
  for (const { url } of all.slice(MOST_INPUTS)) URL.revokeObjectURL(url);
  inputs.value = all.slice(0, MOST_INPUTS);
}

/** Adds a picture that was made here. */
export function addInput(picture: Blob, name: string): void {
  addInputs([new File([picture], name, { type: picture.type })]);
}

/** Takes one away; with the first of them goes the mask, which was painted on it. */
export function removeInput(input: InputPicture): void {
  if (inputs.value[0] === input) mask.value = undefined;
  URL.revokeObjectURL(input.url);
  inputs.value = inputs.value.filter((other) => other !== input);
}

/** What an edit is made from; nothing where a new picture is asked for. */
export function sources(): { image: Blob[]; mask?: Blob } | undefined {
  if (inputs.value.length === 0) return undefined;
  return { image: inputs.value.map(({ blob }) => blob), ...(mask.value && { mask: mask.value }) };
}
