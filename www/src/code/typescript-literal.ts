import { readProfile } from "../connection/profiles.js";

/** The import and the client. */
export function clientOf(fields: FormData): string {
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

/** Returns a value in TypeScript. Names have no quotes, and the names of the images are variables. */
export function literal(value: unknown): string {
  return JSON.stringify(value, undefined, 2)
    .replaceAll(/^(\s*)"(\w+)":/gm, "$1$2:")
    .replace('image: "files"', "image: files")
    .replace('mask: "mask"', "mask");
}
