import { AzureImageClient } from "azure-image-client";
import { ALL_SHAPES, DEPLOYMENT, PROMPT, type Contender } from "../contender.js";

/** This package, by its public name. */
export const azureImageClient: Contender = {
  name: "azure-image-client",
  shapes: ALL_SHAPES,
  async run({ shape, pictures, answer }) {
    const client = new AzureImageClient("https://my-resource.openai.azure.com", () => "token", {
      deployment: DEPLOYMENT,
      fetch: async () => answer(),
    });
    if (shape === "answer") {
      const { images } = await client.generate({ prompt: PROMPT, n: pictures });
      return images.map((image) => image.blob);
    }
    const blobs: Blob[] = [];
    const events =
      shape === "images"
        ? client.generateStream({ prompt: PROMPT, partialImages: pictures - 1 })
        : client.responses.stream({ model: "gpt-4.1", input: PROMPT });
    for await (const event of events) if ("image" in event) blobs.push(event.image.blob);
    return blobs;
  },
};
