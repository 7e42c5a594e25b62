// In JavaScript, because the declarations of these two packages do not pass the checks that the project's own have to pass.

import { createAzure } from "@ai-sdk/azure";
import { generateImage, streamText } from "ai";
import { blobOf, DEPLOYMENT, PROMPT } from "../contender.js";

export const aiSdk = {
  name: "AI SDK",
  shapes: ["answer", "response"],
  async run({ shape, pictures, answer }) {
    const azure = createAzure({ resourceName: "my-resource", apiKey: "key", fetch: async () => answer() });
    if (shape === "answer") {
      const { images } = await generateImage({ model: azure.image(DEPLOYMENT), prompt: PROMPT, n: pictures });
      return images.map(({ uint8Array }) => blobOf(uint8Array));
    }
    const blobs = [];
    const tools = { image_generation: azure.tools.imageGeneration({}) };
    for await (const part of streamText({ model: azure.responses("gpt-4.1"), prompt: PROMPT, tools }).fullStream) {
      if (part.type === "tool-result") blobs.push(blobOf(Uint8Array.fromBase64(part.output.result)));
    }
    return blobs;
  },
};
