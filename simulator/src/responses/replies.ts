/** Reads the replies of a client to the calls of a response: outputs of functions and custom tools, screenshots, approvals. */

import type { FormFile } from "../http/form.js";
import type { JsonObject } from "../scenario/alterations.js";
import { AzureError } from "../service/azure-error.js";
import { inspectImage } from "../service/input-images.js";
import { invalidType, missingParameter, typeOf } from "../service/validation.js";
import { checkString, invalidValue, readContent, readPicture, textOf, type PictureSources } from "./content.js";

/** A reply. */
export interface Reply {
  /** The text that the model reads. */
  readonly text: string;
  /** The images that the model sees. */
  readonly pictures: readonly FormFile[];
}

type ReadReply = (item: JsonObject, path: string, sources: PictureSources) => Reply | Promise<Reply>;

const OUTPUT_PARTS = ["input_text", "input_image", "input_file"];
const IMAGE_FORMATS = ["jpeg", "png", "gif", "webp"];

function readOutput(item: JsonObject, path: string, sources: PictureSources): Reply {
  checkString(item, "call_id", path);
  const { output } = item;
  if (output === undefined || output === null) throw missingParameter(`${path}.output`);
  return { text: textOf(output), pictures: readContent(output, OUTPUT_PARTS, `${path}.output`, sources) };
}

async function readScreenshot(item: JsonObject, path: string, sources: PictureSources): Promise<Reply> {
  checkString(item, "call_id", path);
  const output = Object(item["output"]) as JsonObject;
  if (output["type"] !== "computer_screenshot") throw invalidValue(output["type"], ["computer_screenshot"], `${path}.output.type`);
  const file = readPicture(output, "screenshot", `${path}.output`, sources.screenshot);
  const image = await inspectImage(file);
  if (image === undefined || !IMAGE_FORMATS.includes(image.format)) {
    throw AzureError.invalidRequest(
      "invalid_image",
      "The image data you provided does not represent a valid image. Please check your input and try again with one of the supported image formats: ['image/jpeg', 'image/png', 'image/gif', 'image/webp'].",
      `${path}.output`,
    );
  }
  return { text: `a screenshot of ${image.width}x${image.height} pixels`, pictures: [] };
}

function readApproval(item: JsonObject, path: string): Reply {
  checkString(item, "approval_request_id", path);
  const { approve } = item;
  if (approve === undefined) throw missingParameter(`${path}.approve`);
  if (typeof approve !== "boolean") throw invalidType(`${path}.approve`, "a boolean", typeOf(approve));
  return { text: "", pictures: [] };
}

const readers: Readonly<Record<string, ReadReply>> = {
  function_call_output: readOutput,
  custom_tool_call_output: readOutput,
  computer_call_output: readScreenshot,
  mcp_approval_response: readApproval,
};

/** Reads an item if it is a reply. */
export async function readReply(item: JsonObject, path: string, sources: PictureSources): Promise<Reply | undefined> {
  const type = String(item["type"]);
  return Object.hasOwn(readers, type) ? readers[type]?.(item, path, sources) : undefined;
}
