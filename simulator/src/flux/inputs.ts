/** Reads the input images of a FLUX request. */

import type { JsonObject } from "../scenario/alterations.js";
import { decodeBase64 } from "../service/base64.js";
import { pictureFile } from "../service/files.js";
import { asFirst, inspectImage, type InputImage, type Inputs } from "../service/input-images.js";
import { invalidValue } from "./errors.js";

const FORMATS = ["png", "jpeg"];

const nameOf = (index: number): string => (index === 0 ? "input_image" : `input_image_${index + 1}`);

/** A data URL is refused too: the service expects bare base64. */
async function readInput(name: string, value: unknown): Promise<InputImage> {
  const bytes = typeof value === "string" ? decodeBase64(value) : undefined;
  const image = bytes && (await inspectImage(pictureFile(name, "application/octet-stream", bytes)));
  if (image === undefined || !FORMATS.includes(image.format)) throw invalidValue(`Unable to decode ${name}: expected a base64 PNG or JPEG image`);
  return image;
}

/** Reads the images, or returns `undefined` if there are none. Those beyond the maximum are ignored, like every unknown parameter. */
export async function readFluxInputs(body: JsonObject, maximumCount: number): Promise<Inputs | undefined> {
  const names = Array.from({ length: maximumCount }, (_, index) => nameOf(index)).filter((name) => body[name] !== undefined);
  const [first, ...others] = await Promise.all(names.map((name) => readInput(name, body[name])));
  return first && { first: await asFirst(first), others, mask: undefined };
}
