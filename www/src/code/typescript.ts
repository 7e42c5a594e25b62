import type { Wish } from "../make/request.js";
import { clientOf, literal } from "./typescript-literal.js";

/** The call of a picture with this library. */
export function imageProgram(fields: FormData, { request, sources, count, streamed }: Wish): string {
  const { partialImages, ...rest } = request;
  const pictures = sources && { image: "files", ...(sources.mask && { mask: "mask" }) };
  const wanted = { ...pictures, ...(count > 1 && { n: count }) };
  const call = sources ? "edit" : "generate";
  return `${clientOf(fields)}
${
  streamed
    ? `const stream = client.${call}Stream(${literal({ ...request, ...wanted })});
for await (const event of stream) {
  // An event of type "partialImage" has a partial image, one of type "image" has the image.
  document.querySelector("img").src = event.image.objectUrl;
}`
    : `const { images } = await client.${call}(${literal({ ...rest, ...wanted })});
document.querySelector("img").src = images[0].objectUrl;`
}
`;
}
