import { proxy } from "./azure.js";

Deno.serve({ port: Number(Deno.env.get("PORT")) }, (request) => proxy(request));
