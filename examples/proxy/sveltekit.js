// src/routes/api/azure/[...path]/+server.js: loads the proxy with the first request, since the build has no key.
export const fallback = async ({ request }) => (await import("../../../../azure.js")).proxy(request);
