import { AzureImageError } from "../core/error.js";
import { own } from "../core/own.js";
import type { Estimate, ValidationProblem } from "../core/types.js";
import type { Client } from "../wasm/azure_image_client.js";
import type { EditImages, ImagesCall } from "./call.js";
import { encodeInputs, prepareInputs } from "./input.js";

/** Prepares the engine's record of an edit. */
export async function prepareEdit(client: Client, call: ImagesCall, images: EditImages, signal: AbortSignal): Promise<ImagesCall> {
  const inputs = await prepareInputs(client, images);
  const prepared = { ...call, inputs };
  return client.embedsImages(prepared) ? { ...call, inputs: await encodeInputs(client, inputs, signal) } : prepared;
}

/** Returns the problems of a request. `images`: those of an edit. */
export async function validate(client: Client, call: ImagesCall, images: EditImages | undefined): Promise<ValidationProblem[]> {
  const problems = (call: ImagesCall) => client.validate(call) as ValidationProblem[];
  if (!images) return problems(call);
  try {
    return problems({ ...call, inputs: await prepareInputs(client, images) });
  } catch (reason) {
    const error = AzureImageError.from(reason);
    const { param = "image", code } = own(error);
    if (code !== "invalid_request") throw reason;
    // Without the images, this is the only problem of them that is known.
    const others = problems(call).filter((problem) => problem.param !== "image" && problem.param !== "mask");
    return [{ param, message: error.message, severity: "error" }, ...others];
  }
}

type Range = { min: number; max: number };
type EngineEstimate = Omit<Estimate, "cost"> & { microDollars?: Range };

/** Returns the estimated cost of a request. `images`: those of an edit. */
export async function estimate(client: Client, call: ImagesCall, images: EditImages | undefined): Promise<Estimate> {
  // Only the sizes of the images matter. The call itself reports an image that cannot be read.
  const inputs = images && (await prepareInputs(client, images).catch(() => undefined));
  const { microDollars, ...rest } = own(client.estimate({ ...call, operation: inputs ? "edits" : "generations", inputs }) as EngineEstimate);
  const dollars = (range: Range): Range => ({ min: range.min / 1e6, max: range.max / 1e6 });
  return { ...rest, ...(microDollars && { cost: dollars(microDollars) }) };
}
