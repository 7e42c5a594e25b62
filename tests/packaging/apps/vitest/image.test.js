import { AzureImageClient } from "azure-image-client";
import { expect, inject, test } from "vitest";

test("generates an image", async () => {
  const client = new AzureImageClient(inject("endpoint"), { key: "simulator-key" }, { deployment: "gpt-image-1" });
  const stream = client.generateStream({ prompt: "a lake", partialImages: 2 });
  let partialImages = 0;
  for await (const event of stream) if (event.type === "partialImage") partialImages++;
  const { images } = await stream.result();
  expect(images).toHaveLength(1);
  const [image] = images;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await image.bytes()));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  console.log(`RESULT ${JSON.stringify({ partialImages, type: image.mediaType, sha256 })}`);
});
