import { readProfile } from "../connection/profiles.js";
import type { Wish } from "../make/request.js";
import type { Ask } from "../talk/ask.js";

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

/** A turn of a conversation with this library. */
export function responseProgram(fields: FormData, { request, isJob }: Ask): string {
  const asked = literal(request);
  return `${clientOf(fields)}
${
  isJob
    ? `const job = await client.responses.start(${asked});
localStorage.setItem("job", job.id); // after a reload, client.responses.resume(id) goes on`
    : `const job = client.responses.stream(${asked});`
}
for await (const event of job) {
  // "partialImage" is a preview, "image" is a picture.
  if (event.type === "textDelta") document.querySelector("p").append(event.delta);
  if (event.type === "partialImage" || event.type === "image") document.querySelector("img").src = event.image.objectUrl;
}
`;
}

function clientOf(fields: FormData): string {
  const { endpoint, deployment, model, keyIsMine, ...profile } = readProfile(fields);
  const credential = { key: "{ key }", token: "getToken", entra: "credential" }[profile.credential] ?? "null";
  const options = {
    deployment,
    ...(model && { model }),
    ...(credential === "{ key }" && keyIsMine && { dangerouslyAllowApiKeyInBrowser: true }),
  };
  return `import { AzureImageClient } from "azure-image-client";

const client = new AzureImageClient(${literal(endpoint)}, ${credential}, ${literal(options)});
`;
}

/** A value as a program has it: names without quotes, also those of the pictures. */
function literal(value: unknown): string {
  return JSON.stringify(value, undefined, 2)
    .replaceAll(/^(\s*)"(\w+)":/gm, "$1$2:")
    .replace('image: "files"', "image: files")
    .replace('mask: "mask"', "mask");
}
