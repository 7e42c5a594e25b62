// In JavaScript, because the declarations of these two packages do not pass the checks that the project's own have to pass.

import { createAzure } from "@ai-sdk/azure";
import { generateImage } from "ai";
import { blobOf, DEPLOYMENT, PROMPT } from "../contender.js";

export const aiSdk = {
  name: "AI SDK",
  shapes: ["answer"],
  async run({ pictures, answer }) {
    const azure = createAzure({ resourceName: "my-resource", apiKey: "key", fetch: async () => answer() });
    const { images } = await generateImage({ model: azure.image(DEPLOYMENT), prompt: PROMPT, n: pictures });
    return images.map(({ uint8Array }) => blobOf(uint8Array));
  },
};
