/** The calls of the image generation tool: what they start from, and their pictures. */

import type { FormFile } from "../http/form.js";
import { prepareEdit } from "../images/edit-artwork.js";
import { prepareGeneration } from "../images/generation-artwork.js";
import { AUTO_SIZE } from "../images/generation.js";
import type { Task } from "../images/operation.js";
import { render, type Rendering } from "../images/paint.js";
import type { JsonObject } from "../scenario/alterations.js";
import { nearestSize } from "../service/auto-size.js";
import { AzureError } from "../service/azure-error.js";
import type { Model } from "../service/catalogue.js";
import { completeRequest, previewsOf } from "../service/image-request.js";
import { readInputs } from "../service/input-images.js";
import { tokensOfInputImage } from "../service/usage.js";
import { readPicture, type PictureSources } from "./content.js";
import { checkTool, isImageTool } from "./image-tool.js";
import type { Plan } from "./plan.js";

/** The image generation tool of a request, with its place for refusals. */
export interface FoundTool {
  readonly tool: JsonObject;
  readonly path: string;
}

/** Finds the image generation tool among others. */
export function findImageTool(tools: readonly JsonObject[]): FoundTool | undefined {
  const index = tools.findIndex(isImageTool);
  const tool = tools[index];
  return tool && { tool, path: `tools[${index}].` };
}

/** What the calls of the tool start from. */
export interface CallSource {
  readonly found: FoundTool;
  readonly model: Model;
  readonly prompt: string;
  readonly shown: readonly FormFile[];
  readonly earlier: FormFile | undefined;
  readonly sources: PictureSources;
  readonly stream: boolean;
  readonly noise: boolean;
  readonly seed: string;
}

/** Checks the options of the tool and the pictures, and returns what paints the pictures of the calls. */
export async function prepareCall({ found, model, prompt, shown, earlier, sources, stream, noise, seed }: CallSource): Promise<Task> {
  const { path, tool } = found;
  const checked = checkTool(tool, model, path);
  const options = { ...checked, stream };
  const { action, input_image_mask: mask, input_fidelity: givenFidelity } = checked;
  const pictures = shown.length > 0 ? shown : earlier === undefined ? [] : [earlier];
  if (action === "edit" && pictures.length === 0) {
    throw AzureError.invalidRequest(
      "invalid_value",
      "The action 'edit' needs a picture in the input or earlier in the conversation.",
      `${path}action`,
    );
  }
  if (action === "generate" || pictures.length === 0 || model.edit === undefined) {
    const request = completeRequest(options, model, {
      operation: "generation",
      prompt,
      size: AUTO_SIZE,
      transparent: false,
      inputImageTokens: 0,
    });
    return { request, paint: prepareGeneration({ request, noise, seed }) };
  }
  const maskFile = mask === undefined ? [] : [readPicture(mask as JsonObject, "mask", `${path}input_image_mask`, sources.file)];
  // OpenAI documents GIF as an input of a response only.
  const mediaTypes = [...model.edit.inputs.mediaTypes, "image/gif"];
  const inputs = await readInputs([...pictures, ...maskFile], { ...model.edit, inputs: { ...model.edit.inputs, mediaTypes } });
  const fidelity = givenFidelity === "high" ? "high" : "low";
  const request = completeRequest(options, model, {
    operation: "edit",
    prompt,
    size: nearestSize(model.edit.parameters["size"], inputs.first),
    transparent: inputs.first.transparent,
    inputImageTokens: [inputs.first, ...inputs.others].reduce((sum, image) => sum + tokensOfInputImage(image, fidelity), 0),
  });
  return { request, paint: await prepareEdit({ request, inputs, fidelity, noise, seed }) };
}

/** Makes the pictures of every call. */
export async function makePictures({ calls, scenario }: Plan, signal: AbortSignal): Promise<Rendering[]> {
  if (calls === undefined) return [];
  const renderings: Rendering[] = [];
  for (let index = 0; index < calls.count; index++) {
    signal.throwIfAborted();
    renderings.push(await render(calls.request, calls.paint(index), { previews: previewsOf(calls.request), compact: !scenario.noise, signal }));
  }
  return renderings;
}
