import { AzureImageClient } from "azure-image-client";

/** Makes a picture, and tells how many partialImages have come. */
export async function makePicture(endpoint, onPreview) {
  const client = new AzureImageClient(endpoint, { key: "simulator-key" }, { deployment: "gpt-image-1" });
  const stream = client.generateStream({ prompt: "a lake", partialImages: 2 });
  let partialImages = 0;
  for await (const event of stream) if (event.type === "partialImage") onPreview(++partialImages);
  const {
    images: [image],
  } = await stream.result();
  return image.blob;
}
