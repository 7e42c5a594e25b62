// A server that adds the key to the requests of a page, so that the key never reaches a browser:
//   AZURE_ENDPOINT=https://my-resource.openai.azure.com AZURE_KEY=… node node.mjs
// For a Foundry project: AZURE_ENDPOINT=https://my-resource.services.ai.azure.com/api/projects/my-project
// AZURE_TOKEN, a token of Microsoft Entra, works in place of the key until it expires.
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { createProxy, toNodeHandler } from "azure-image-client/proxy";

const { AZURE_ENDPOINT, AZURE_KEY, AZURE_TOKEN, PORT = "3000" } = process.env;
if (!AZURE_ENDPOINT || !(AZURE_KEY || AZURE_TOKEN)) throw new Error("Set AZURE_ENDPOINT, and AZURE_KEY or AZURE_TOKEN.");

export const proxy = createProxy({
  endpoint: AZURE_ENDPOINT,
  credential: AZURE_KEY ? { key: AZURE_KEY } : () => AZURE_TOKEN,
  // For this machine only. An app returns the ID of its signed-in user: every visitor spends your money.
  authorize: "anyone",
  allow: { tools: ["image_generation", "function", "custom", "code_interpreter"] },
});

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  // Large uploads may take longer than the 300 seconds that Node allows.
  const server = createServer({ requestTimeout: 0 }, toNodeHandler(proxy));
  server.listen(Number(PORT), "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}/api/azure`));
}
