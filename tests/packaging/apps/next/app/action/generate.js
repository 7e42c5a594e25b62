"use server";

import { AzureImageClient } from "azure-image-client";

export async function* generate(endpoint) {
  const client = new AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
  for await (const { type, image } of client.generateStream({ prompt: "a lake", partialImages: 2 })) yield { type, blob: image.blob };
}
