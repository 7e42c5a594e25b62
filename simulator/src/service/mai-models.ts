/** The MAI models: one row for each, with the differences between them. */

/** A parameter that only some of the models accept. */
export type MaiOption = "auto_aspect_ratio" | "web_grounding" | "background";

/** The place of the token counts in a response. */
export type MaiUsage = "object" | "top level" | "absent";

/** A row of the table. */
export interface MaiModel {
  readonly name: string;
  /** The largest product of width and height. */
  readonly maximumPixels: number;
  readonly options: readonly MaiOption[];
  /** Support for edits, and for `width` and `height` in an edit. */
  readonly edits: "none" | "without a size" | "with a size";
  readonly usage: MaiUsage;
}

/** The published limit is 1024x1024. The service also accepts 1032x1024 and 1376x768. */
const ONE_MEGAPIXEL = 1_056_768;

const first: Omit<MaiModel, "name"> = { maximumPixels: ONE_MEGAPIXEL, options: [], edits: "none", usage: "absent" };
const v25: Omit<MaiModel, "name"> = { ...first, edits: "with a size", usage: "object" };
const v26: Omit<MaiModel, "name"> = { ...v25, maximumPixels: 1536 * 1536, options: ["auto_aspect_ratio", "web_grounding"] };
const v27: Omit<MaiModel, "name"> = { ...v26, maximumPixels: 2048 * 2048, options: [...v26.options, "background"] };

const models: readonly MaiModel[] = [
  { name: "MAI-Image-2.7", ...v27 },
  { name: "MAI-Image-2.7-Flash", ...v27 },
  { name: "MAI-Image-2.6", ...v26 },
  { name: "MAI-Image-2.6-Flash", ...v26 },
  { name: "MAI-Image-2.5", ...v25 },
  { name: "MAI-Image-2.5-Flash", ...v25, edits: "without a size" },
  { name: "MAI-Image-2.5-Pro", ...v25 },
  { name: "MAI-Image-2", ...first, usage: "top level" },
  { name: "MAI-Image-2e", ...first },
];

/** The names of the models. A deployment of each exists from the start, under the same name. */
export const maiModelNames: readonly string[] = models.map(({ name }) => name);

/** The model of this name. */
export function findMaiModel(name: string): MaiModel | undefined {
  return models.find((model) => model.name === name);
}
