import { text } from "../connection/profiles.js";
import type { Wish } from "../make/request.js";

/** The call with this library. */
export function typeScript(fields: FormData, { request, sources, count, streamed }: Wish): string {
  const credential = { key: "{ key }", token: "getToken", entra: "credential", none: "null" }[text(fields, "credential")] ?? "null";
  const model = text(fields, "model");
  const options = {
    deployment: text(fields, "deployment"),
    ...(model && { model }),
    ...(credential === "{ key }" && fields.has("keyIsMine") && { dangerouslyAllowApiKeyInBrowser: true }),
  };
  const { partialImages, ...rest } = request;
  const pictures = sources && { image: "files", ...(sources.mask && { mask: "mask" }) };
  const wanted = { ...pictures, ...(count > 1 && { n: count }) };
  const call = sources ? "edit" : "generate";
  const make = streamed
    ? `const stream = client.${call}Stream(${literal({ ...request, ...wanted })});
for await (const event of stream) {
  // "partialImage" is a preview, "completed" is the picture.
  document.querySelector("img").src = event.image.objectUrl;
}`
    : `const { images } = await client.${call}(${literal({ ...rest, ...wanted })});
document.querySelector("img").src = images[0].objectUrl;`;
  return `import { AzureImageClient } from "azure-image-client";

const client = new AzureImageClient(${literal(text(fields, "endpoint"))}, ${credential}, ${literal(options)});

${make}
`;
}

/** A value as a program has it: names without quotes, also those of the pictures. */
function literal(value: unknown): string {
  return JSON.stringify(value, undefined, 2)
    .replaceAll(/^(\s*)"(\w+)":/gm, "$1$2:")
    .replace('image: "files"', "image: files")
    .replace('mask: "mask"', "mask");
}
