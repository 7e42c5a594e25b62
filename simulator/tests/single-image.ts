/** Requests and responses of MAI and FLUX models, for their tests. */

import sharp from "sharp";
import type { Simulator } from "azure-image-simulator";
import { expect, form, post, postForm, sha256 } from "./fixtures.js";

/** The route of MAI generations. */
export const MAI = "/mai/v1/images/generations";

/** The route of MAI edits. */
const MAI_EDITS = "/mai/v1/images/edits";

/** The route of a FLUX model. */
export const flux = (path: string, version = "?api-version=preview"): string => `/providers/blackforestlabs/v1/${path}${version}`;

/** Sends JSON, and returns the document of the response. */
export async function json(simulator: Simulator, path: string, body: object, status = 200): Promise<any> {
  const response = await post(simulator, body, { path });
  const document = await response.json();
  expect(response.status, JSON.stringify(document)).toBe(status);
  return document;
}

/** Sends a MAI edit, and returns the document of the response. */
export async function maiEdit(simulator: Simulator, fields: Parameters<typeof form>[0], status = 200): Promise<any> {
  const response = await postForm(simulator, form({ prompt: "a forest in autumn", ...fields }), { path: MAI_EDITS });
  const document = await response.json();
  expect(response.status, JSON.stringify(document)).toBe(status);
  return document;
}

/** Decodes the only image of a document. It must be the last one that the simulator logged. */
export async function imageOf(simulator: Simulator, { data }: any): Promise<{ bytes: Buffer; format: string; size: string; hasAlpha: boolean }> {
  expect(data).toHaveLength(1);
  const base64: string = data[0].b64_json;
  expect(simulator.pictures.at(-1)?.sha256).toBe(sha256(base64));
  const bytes = Buffer.from(base64, "base64");
  // Reads every pixel, so a damaged file throws.
  await sharp(bytes, { failOn: "warning" }).stats();
  const { format, width, height, hasAlpha } = await sharp(bytes).metadata();
  return { bytes, format, size: `${width}x${height}`, hasAlpha };
}

/** The correlation of the brightness of two images, from -1 to 1. An edit resembles its input; an unrelated image does not. */
export async function resemblance(first: Uint8Array, second: Uint8Array): Promise<number> {
  const [one = [], other = []] = await Promise.all(
    [first, second].map(async (bytes) => [...(await sharp(bytes).removeAlpha().greyscale().resize(64, 64, { fit: "fill" }).raw().toBuffer())]),
  );
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanOfOne, meanOfOther] = [mean(one), mean(other)];
  const products = one.map((value, index) => [value - meanOfOne, (other[index] ?? 0) - meanOfOther] as const);
  const sum = (value: (pair: readonly [number, number]) => number) => products.reduce((total, pair) => total + value(pair), 0);
  return sum(([a, b]) => a * b) / Math.sqrt(sum(([a]) => a * a) * sum(([, b]) => b * b));
}

/** A test image with large shapes, which survive an edit. */
export async function chart(width: number, height: number, format: "png" | "jpeg" | "webp" = "png"): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#203040"/><rect width="50%" height="50%" fill="#e0d0a0"/><circle cx="75%" cy="70%" r="20%" fill="#ff8040"/></svg>`;
  return sharp(Buffer.from(svg)).flatten().toFormat(format).toBuffer();
}
