import type { Offer } from "./models.js";

/** An option with a few values, one of which is chosen. The model decides which values are offered. */
export interface Option {
  /** The name of the parameter. */
  readonly name: "size" | "quality" | "outputFormat" | "background" | "moderation" | "partialImages";
  readonly label: string;
  /** The value at the start, if the model has it. */
  readonly initial: string;
}

export const SIZE: Option = { name: "size", label: "Size", initial: "1024x1024" };
export const QUALITY: Option = { name: "quality", label: "Quality", initial: "auto" };
export const FORMAT: Option = { name: "outputFormat", label: "Format", initial: "png" };
export const BACKGROUND: Option = { name: "background", label: "Background", initial: "auto" };
export const MODERATION: Option = { name: "moderation", label: "Moderation", initial: "auto" };
export const PREVIEWS: Option = { name: "partialImages", label: "Previews", initial: "3" };

export const OPTIONS: readonly Option[] = [SIZE, QUALITY, FORMAT, BACKGROUND, MODERATION, PREVIEWS];

/** Returns the value at the start. */
export function initialOf({ name, initial }: Option, offer: Offer): string {
  return offer[name].includes(initial) ? initial : (offer[name][0] ?? "");
}

/** Returns true if there is something to choose. */
export function isOffered({ name }: Option, offer: Offer): boolean {
  return offer[name].length > 1;
}
