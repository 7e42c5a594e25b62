/** The FLUX models: one row for each, with the differences between them. */

/** The range of a number. */
export interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

/** The rules of `width` and `height`. Both are rounded down to the multiple. */
export interface SideRules extends Range {
  readonly kind: "sides";
  readonly multiple: number;
  readonly maximumPixels: number;
}

/** The price of an image in US cents. Megapixels are rounded up per image. */
export type FluxPrice =
  | { readonly kind: "image"; readonly cents: number }
  | { readonly kind: "megapixels"; readonly firstOutput: number; readonly output: number; readonly input: number };

/** A row of the table. */
export interface FluxModel {
  readonly name: string;
  /** The last segment of the model's route. */
  readonly path: string;
  /** The number of input images that the model uses. */
  readonly maximumInputs: number;
  readonly size: SideRules | { readonly kind: "aspect ratio" };
  /** The ranges of the numbers that the model uses. */
  readonly numbers: Readonly<Record<string, Range>>;
  readonly price: FluxPrice;
}

const seed: Range = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };

const flux2 = {
  size: { kind: "sides", minimum: 256, maximum: 16_384, multiple: 16, maximumPixels: 2048 * 2048 },
  numbers: {
    seed,
    safety_tolerance: { minimum: 0, maximum: 5 },
    guidance: { minimum: 1.5, maximum: 10 },
    steps: { minimum: 1, maximum: 50 },
  },
} as const;

const flux1 = {
  numbers: { seed, safety_tolerance: { minimum: 0, maximum: 6 } },
  price: { kind: "image", cents: 4 },
} as const;

const models: readonly FluxModel[] = [
  {
    name: "FLUX.2-pro",
    path: "flux-2-pro",
    maximumInputs: 8,
    ...flux2,
    price: { kind: "megapixels", firstOutput: 3, output: 1.5, input: 1.5 },
  },
  {
    name: "FLUX.2-flex",
    path: "flux-2-flex",
    maximumInputs: 10,
    ...flux2,
    price: { kind: "megapixels", firstOutput: 5, output: 5, input: 5 },
  },
  { name: "FLUX.1-Kontext-pro", path: "flux-kontext-pro", maximumInputs: 1, ...flux1, size: { kind: "aspect ratio" } },
  {
    name: "FLUX-1.1-pro",
    path: "flux-pro-1.1",
    maximumInputs: 0,
    ...flux1,
    size: { kind: "sides", minimum: 256, maximum: 1440, multiple: 32, maximumPixels: 1280 * 1280 },
  },
];

/** The names of the models. A deployment of each exists from the start, under the same name. */
export const fluxModelNames: readonly string[] = models.map(({ name }) => name);

/** The last segments of the routes. */
export const fluxPaths: readonly string[] = models.map(({ path }) => path);

/** The name of the model whose route ends with this segment; empty for any other. */
export function fluxModelOf(path: string): string {
  return models.find((model) => model.path === path)?.name ?? "";
}

/** The model of this name. */
export function findFluxModel(name: string): FluxModel | undefined {
  return models.find((model) => model.name === name);
}
