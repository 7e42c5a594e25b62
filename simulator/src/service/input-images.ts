/** Checks the pictures that an edit starts from, with Azure's own texts where they are known. */

import { hasOrientation } from "../pictures/input.js";
import { sharp } from "../pictures/sharp.js";
import type { FormFile } from "../http/form.js";
import type { Size } from "./auto-size.js";
import { AzureError } from "./azure-error.js";
import type { InputRules, Rules } from "./catalogue.js";
import { invalidType, list } from "./validation.js";

/** A picture to start from. */
export interface InputImage extends Size {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** True if the file has an alpha channel, even if all pixels are opaque. */
  readonly hasAlpha: boolean;
}

/** The image that an edit changes. */
export interface FirstImage extends InputImage {
  readonly transparent: boolean;
}

/** What an edit starts from. */
export interface Inputs {
  readonly first: FirstImage;
  readonly others: readonly InputImage[];
  readonly mask: InputImage | undefined;
}

function invalidImage(code: string, message: string, param: string): AzureError {
  return new AzureError({
    status: 400,
    body: { error: { message, type: "image_generation_user_error", param, code } },
  });
}

function unsupportedMediaType(param: string, actual: string, supported: readonly string[]): AzureError {
  return AzureError.invalidRequest(
    "unsupported_file_mimetype",
    `Invalid file '${param}': unsupported mimetype ('${actual}'). Supported file formats are ${list(supported)}.`,
    param,
  );
}

function checkLength(file: FormFile, param: string, maximum: number): void {
  if (file.bytes.byteLength < maximum) return;
  const megabytes = maximum / 1024 / 1024;
  throw AzureError.invalidRequest(
    "image_file_too_large",
    `Invalid file '${param}': file too large. Expected a file of less than ${megabytes} MB, but got ${file.bytes.byteLength} bytes instead.`,
    param,
  );
}

/** Reads the headers of an image file, or returns `undefined` for any other file. */
export async function inspectImage({ bytes, sha256 }: FormFile): Promise<(InputImage & { readonly format: string }) | undefined> {
  try {
    const { format, hasAlpha, autoOrient, width, height } = await sharp(bytes).metadata();
    const size = hasOrientation(bytes) ? autoOrient : { width, height };
    return { bytes, sha256, format, hasAlpha, width: size.width, height: size.height };
  } catch {
    return undefined;
  }
}

/** Looks for a transparent pixel, at a precision of eight bits. Many files have an alpha channel without one. */
export async function asFirst(image: InputImage): Promise<FirstImage> {
  if (!image.hasAlpha) return { ...image, transparent: false };
  const alpha = await sharp(image.bytes)
    .extractChannel("alpha")
    .raw({ depth: "uchar" })
    .toBuffer()
    .catch((): never => {
      throw unreadableImage(1);
    });
  return { ...image, transparent: !alpha.equals(Buffer.alloc(alpha.length, 255)) };
}

async function readImage(file: FormFile, param: string, ordinal: number, rules: InputRules): Promise<InputImage> {
  const { mediaTypes, maximumBytes, square } = rules;
  if (!mediaTypes.includes(file.contentType)) throw unsupportedMediaType(param, file.contentType, mediaTypes);
  checkLength(file, param, maximumBytes);
  const image = await inspectImage(file);
  if (image === undefined || !mediaTypes.includes(`image/${image.format}`)) throw unreadableImage(ordinal);
  if (square && image.width !== image.height) {
    throw invalidImage("invalid_image_file", "Uploaded image must be square.", param);
  }
  return image;
}

async function readMask(file: FormFile, first: InputImage, { maximumBytes }: InputRules): Promise<InputImage> {
  if (file.contentType !== "image/png") throw unsupportedMediaType("mask", file.contentType, ["image/png"]);
  checkLength(file, "mask", maximumBytes);
  const mask = await inspectImage(file);
  if (mask?.format !== "png") throw invalidMask("mask image is not a PNG file");
  if (!mask.hasAlpha) throw invalidMask("mask image missing alpha channel");
  if (mask.width !== first.width || mask.height !== first.height) {
    throw invalidMask("mask size does not match image size");
  }
  return mask;
}

/** The refusal of a picture that cannot be read; `ordinal` is 1 for the first. */
export function unreadableImage(ordinal: number): AzureError {
  const message = `Invalid image file or mode for image ${ordinal}, please check your image file.`;
  return invalidImage("invalid_image_file", message, "image");
}

/** The refusal of a mask. */
export function invalidMask(fault: string): AzureError {
  return invalidImage("invalid_mask_image_format", `Invalid mask image format - ${fault}`, "mask");
}

function checkFields(files: readonly FormFile[], parameters: Rules): void {
  for (const { field } of files) {
    const rule = parameters[field];
    if (rule === undefined) throw AzureError.invalidRequest("unknown_parameter", `Unknown parameter: '${field}'.`, field);
    if (rule.kind !== "file") throw invalidType(field, "a string", "a file");
  }
}

/** Checks the files of a form, from their fields to the headers of the pictures. */
export async function readInputs(
  files: readonly FormFile[],
  { parameters, inputs: rules }: { readonly parameters: Rules; readonly inputs: InputRules },
): Promise<Inputs> {
  checkFields(files, parameters);
  const images = files.filter(({ field }) => field !== "mask");
  if (images.length > rules.maximumCount) {
    throw AzureError.invalidRequest(
      "array_above_max_length",
      `Invalid 'image': array too long. Expected an array with maximum length ${rules.maximumCount}, but got an array with length ${images.length} instead.`,
      "image",
    );
  }
  const read: InputImage[] = [];
  for (const [index, file] of images.entries()) {
    const param = file.field === "image" ? "image" : `image[${index}]`;
    read.push(await readImage(file, param, index + 1, rules));
  }
  const [image, ...others] = read;
  if (image === undefined) {
    throw AzureError.invalidRequest("missing_required_parameter", "Missing required parameter: 'image'.", "image");
  }
  const first = await asFirst(image);
  const maskFile = files.find(({ field }) => field === "mask");
  if (maskFile !== undefined) return { first, others, mask: await readMask(maskFile, first, rules) };
  if (!rules.ownMask) return { first, others, mask: undefined };
  if (!first.hasAlpha) throw invalidMask("mask image missing alpha channel");
  if (!first.transparent) throw invalidMask("mask image has no transparent pixels");
  return { first, others, mask: first };
}
