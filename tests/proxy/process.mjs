// A process with nothing but a proxy. Its parent asks for its peak memory.

import { createServer } from "node:http";
import { createProxy, toNodeHandler } from "azure-image-client/proxy";

const proxy = createProxy({ endpoint: process.env.AZURE_ENDPOINT, credential: { key: "key" }, authorize: "anyone" });
const server = createServer(toNodeHandler(proxy));
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
process.on("message", () => process.send({ peakInBytes: process.resourceUsage().maxRSS * 1024 }));
