/** The route `images/generations`. */

import { completeRequest } from "../service/image-request.js";
import { readJsonObject } from "../service/json-object.js";
import { checkParameters } from "../service/validation.js";
import { prepareGeneration } from "./generation-artwork.js";
import type { Operation } from "./operation.js";

/** The size of a picture that leaves it to the service. */
export const AUTO_SIZE = { width: 1024, height: 1024 };

/** Makes new pictures from a prompt. */
export const generation: Operation = {
  firstApiVersion: "2024-02-01",
  readParameters: readJsonObject,
  async accept({ exchange, parameters, model, prompt, seed }) {
    const request = completeRequest(checkParameters(parameters, model.generation), model, {
      operation: "generation",
      prompt,
      size: AUTO_SIZE,
      transparent: false,
      inputImageTokens: 0,
    });
    return { request, paint: prepareGeneration({ request, noise: exchange.scenario.noise ?? false, seed }) };
  },
};
