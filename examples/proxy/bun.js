import { proxy } from "./azure.js";

// Bun ends silent connections after 10 seconds, and refuses bodies of more than 128 MB.
Bun.serve({ port: process.env.PORT, idleTimeout: 0, maxRequestBodySize: 2 ** 30, fetch: (request) => proxy(request) });
