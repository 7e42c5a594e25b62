/** The route `images/generations`. */

import type { Exchange } from "../http/exchange.js";
import { paint, paintNoise, roughen } from "../pictures/canvas.js";
import { AzureError } from "../service/azure-error.js";
import { completeRequest } from "../service/image-request.js";
import { checkParameters } from "../service/validation.js";
import type { JsonObject } from "./alterations.js";
import { checkContentType } from "./content-type.js";
import type { Operation } from "./operation.js";
import type { Artwork } from "./paint.js";

const AUTO_SIZE = { width: 1024, height: 1024 };

function readObject(exchange: Exchange): JsonObject {
  checkContentType(exchange, "application/json");
  const { body } = exchange.entry;
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw AzureError.invalidRequest(
      "invalid_json",
      "We could not parse the JSON body of your request. The API expects a JSON object.",
      null,
    );
  }
  return body as JsonObject;
}

/** Makes new pictures from a prompt. */
export const generation: Operation = {
  firstApiVersion: "2024-02-01",
  readParameters: readObject,
  async accept({ exchange, parameters, model, prompt, seed }) {
    const request = completeRequest(checkParameters(parameters, model.generation), model, {
      operation: "generation",
      prompt,
      size: AUTO_SIZE,
      transparent: false,
      inputImageTokens: 0,
    });
    const { width, height, background } = request;
    return {
      request,
      async paint(index): Promise<Artwork> {
        const subject = { prompt, seed: `${seed}/${index}`, width, height, transparent: background === "transparent" };
        const canvas = exchange.scenario.noise ? paintNoise(subject) : await paint(subject);
        return { canvas, preview: (preview) => roughen(canvas, preview) };
      },
    };
  },
};
