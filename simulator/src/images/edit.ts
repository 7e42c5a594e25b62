/** The route `images/edits`. */

import type { Exchange } from "../http/exchange.js";
import { nearestSize } from "../service/auto-size.js";
import { operationNotSupported } from "../service/azure-error.js";
import { readFormBody } from "../service/form-body.js";
import { checkDuplicates, readFormValues } from "../service/form-values.js";
import { completeRequest } from "../service/image-request.js";
import { readInputs } from "../service/input-images.js";
import { tokensOfInputImage } from "../service/usage.js";
import { checkParameters } from "../service/validation.js";
import type { JsonObject } from "../scenario/alterations.js";
import { prepareEdit } from "./edit-artwork.js";
import type { Operation } from "./operation.js";

function readFields(exchange: Exchange): JsonObject {
  const { fields, files } = readFormBody(exchange);
  const names = Object.entries(fields).flatMap(([name, value]) => [value].flat().map(() => name));
  checkDuplicates([...names, ...files.map(({ field }) => field)]);
  return fields;
}

/** Changes pictures that come with the request. */
export const edit: Operation = {
  firstApiVersion: "2025-04-01-preview",
  readParameters: readFields,
  async accept({ exchange, parameters: fields, model, prompt, seed }) {
    const { form, scenario } = exchange;
    const rules = model.edit;
    if (rules === undefined) throw operationNotSupported("imageEdits", model.name);
    const strictBooleans = scenario["strict-form-booleans"] ?? false;
    const parameters = checkParameters(readFormValues(fields, rules.parameters, { strictBooleans }), rules.parameters);
    const inputs = await readInputs(form?.files ?? [], rules);
    const { first, others } = inputs;
    const fidelity = parameters["input_fidelity"] === "high" ? "high" : "low";
    const request = completeRequest(parameters, model, {
      operation: "edit",
      prompt,
      size: nearestSize(rules.parameters["size"], first),
      transparent: first.transparent,
      inputImageTokens: [first, ...others].reduce((sum, image) => sum + tokensOfInputImage(image, fidelity), 0),
    });
    const noise = scenario.noise ?? false;
    return { request, paint: await prepareEdit({ request, inputs, fidelity, noise, seed }) };
  },
};
