/** An option of which one of a few values is chosen. The catalog says which of them the model takes. */
export interface Option {
  /** Its name in a request, which messages of the catalog use too. */
  name: "size" | "quality" | "outputFormat" | "background" | "moderation" | "partialImages";
  label: string;
  values: readonly string[];
  /** Values that only a few models take, and that are shown for these alone. */
  rare?: readonly string[];
  /** What the page chooses. */
  initial: string;
}

export const SIZE: Option = {
  name: "size",
  label: "Size",
  values: ["auto", "1024x1024", "1536x1024", "1024x1536"],
  rare: ["1792x1024", "1024x1792", "512x512", "256x256"],
  initial: "1024x1024",
};
export const QUALITY: Option = {
  name: "quality",
  label: "Quality",
  values: ["auto", "low", "medium", "high"],
  rare: ["standard", "hd"],
  initial: "auto",
};
export const FORMAT: Option = { name: "outputFormat", label: "Format", values: ["png", "jpeg", "webp"], initial: "png" };
export const BACKGROUND: Option = { name: "background", label: "Background", values: ["auto", "opaque", "transparent"], initial: "auto" };
export const MODERATION: Option = { name: "moderation", label: "Moderation", values: ["auto", "low"], initial: "auto" };
export const PREVIEWS: Option = { name: "partialImages", label: "Previews", values: ["0", "1", "2", "3"], initial: "3" };

export const OPTIONS: readonly Option[] = [SIZE, QUALITY, FORMAT, BACKGROUND, MODERATION, PREVIEWS];
