/** Reads the input images of a MAI edit. */

import type { FormFile } from "../http/form.js";
import { asFirst, inspectImage, type InputImage, type Inputs } from "../service/input-images.js";
import { invalidParameters, missingParameter, unsupportedParameter } from "./errors.js";

const FIELD = "image";
const MAXIMUM_COUNT = 5;
const FORMATS = ["png", "jpeg"];

async function readInput(file: FormFile, index: number): Promise<InputImage> {
  const image = await inspectImage(file);
  const declared = file.contentType.replace(/^image\//, "");
  if (image === undefined || !FORMATS.includes(image.format) || !FORMATS.includes(declared)) {
    throw unsupportedParameter(`'${FIELD}' ${index + 1} must be a PNG or JPEG file.`);
  }
  return image;
}

/** Reads the files of a form, or throws the refusal of one. */
export async function readMaiInputs(files: readonly FormFile[]): Promise<Inputs> {
  const unknown = files.map(({ field }) => field).filter((field) => field !== FIELD);
  if (unknown.length > 0) throw invalidParameters([...new Set(unknown)]);
  if (files.length > MAXIMUM_COUNT) throw unsupportedParameter(`'${FIELD}' must have at most ${MAXIMUM_COUNT} files.`);
  const [first, ...others] = await Promise.all(files.map(readInput));
  if (first === undefined) throw missingParameter(FIELD);
  return { first: await asFirst(first), others, mask: undefined };
}
