import { makePicture } from "./picture.js";

/** Generates the image on the server, and responds with it and with the number of partial images. */
export async function respond(request) {
  let partialImages = 0;
  const image = await makePicture(new URL(request.url).searchParams.get("endpoint"), (count) => (partialImages = count));
  return new Response(image, { headers: { "partial-images": partialImages } });
}
