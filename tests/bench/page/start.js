// How long it takes from init() until the first request is handed to fetch.

import { AzureImageClient, init } from "azure-image-client";

const begun = performance.now();
await init();
const fetch = async () => {
  globalThis.startInMs = performance.now() - begun;
  return Response.json({ error: { code: "bench", message: "This is as far as it goes." } }, { status: 400 });
};
const client = new AzureImageClient("https://my-resource.openai.azure.com", () => "token", { deployment: "gpt-image-1", fetch });
await client.generate({ prompt: "A lake" }).catch(() => {});
