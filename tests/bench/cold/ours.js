import { AzureImageClient } from "azure-image-client";

const client = new AzureImageClient(`${location.origin}/api/azure`, null, { deployment: "gpt-image-1" });
await client.generate({ prompt: "A lake" }).catch(() => {});
