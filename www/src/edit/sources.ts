import { signal } from "@preact/signals";
import { type Model, MOST_INPUTS } from "../make/models.js";
import type { Step } from "./mask.js";

/** A picture to work from. */
export interface InputPicture {
  readonly name: string;
  readonly blob: Blob;
  /** Freed when the picture is taken away. */
  readonly url: string;
}

export const inputs = signal<readonly InputPicture[]>([]);
/** What is changed of the first of them, and how it was painted; nothing: all of it may be. */
export const mask = signal<{ readonly blob: Blob; readonly steps: readonly Step[] } | undefined>(undefined);
/** What was not taken, in words; empty where all was. */
export const leftOut = signal("");

/** Adds images of every format, as far as there is room, and lists the omitted files. The client converts the images or names the reason. */
export function addInputs(files: Iterable<File>): void {
  const given = [...files];
  const pictures = given.filter(({ type }) => type.startsWith("image/"));
  const added = pictures.slice(0, MOST_INPUTS - inputs.value.length);
  inputs.value = [...inputs.value, ...added.map((blob) => ({ name: blob.name, blob, url: URL.createObjectURL(blob) }))];
  const strange = given.length - pictures.length;
  const tooMany = pictures.length - added.length;
  leftOut.value = [
    ...(strange > 0 ? [`${strange} left out: only images are taken.`] : []),
    ...(tooMany > 0 ? [`${tooMany} left out: ${MOST_INPUTS} are the most.`] : []),
  ].join(" ");
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

/** Returns the input images and the mask, as far as the model takes them. Undefined for a new image. */
export function sources(model: Model): { image: Blob[]; mask?: Blob } | undefined {
  const image = inputs.value.slice(0, model.inputs).map(({ blob }) => blob);
  if (image.length === 0) return undefined;
  return { image, ...(mask.value && model.masks && { mask: mask.value.blob }) };
}
